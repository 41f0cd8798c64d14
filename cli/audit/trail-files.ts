import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { earliest } from '../../core/audit/earliest';
import type { TrailFileProblem } from '../../core/audit/evidence';
import { list, object, type TrailEvent, text, trailEvent } from '../../core/audit/trail-event';
import { isAccessError } from '../../core/contract/access-error';
import { plural } from '../../studio/plural';
import { usageError } from '../cli-error';
import { listVersions } from './ledger-objects';

/** A log file holds some megabytes; what unpacks to more is none. */
const LARGEST = 1024 * 1024 * 1024;
const DAY_MS = 86_400_000;
/** Files read ahead. */
const AT_ONCE = 4;

/** `s3://bucket/prefix` or `bucket/prefix`. */
export interface TrailPlace {
  readonly bucket: string;
  /** Ends with a slash, or is empty. */
  readonly prefix: string;
}

/** @throws CliError */
export function trailPlace(option: string): TrailPlace {
  const [, bucket = '', prefix = ''] = /^(?:s3:\/\/)?([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(option) ?? [];
  if (bucket === '')
    throw usageError(`${JSON.stringify(option)} is no bucket`, 'write --trail-bucket NAME, or s3://NAME/PREFIX');
  const path = prefix.replace(/\/?AWSLogs(\/.*)?$/, '').replace(/\/+$/, '');
  return { bucket, prefix: path === '' ? '' : `${path}/` };
}

export interface TrailFile {
  readonly key: string;
  /** When CloudTrail wrote it, by its name; its events are up to 15 minutes older. */
  readonly time: number;
}

export interface ReadTrailFile extends TrailFile {
  readonly events: readonly TrailEvent[];
  /** SHA-256 of the unpacked bytes: what a digest file lists. */
  readonly hash: string;
}

/** The log files that a trail delivered, one Region and account: read file by file, so that memory holds a few of them. */
export class TrailFiles {
  private readonly found: TrailFileProblem[] = [];
  /** Files that were read. */
  count = 0;
  /** Files that are there and that may not be read, or not before they are restored. */
  unread = 0;
  /** False once versions could not be listed. */
  withVersions = true;
  private root: Promise<string> | undefined;
  private readonly days = new Map<string, Promise<TrailFile[]>>();

  constructor(
    private readonly s3: S3Client,
    readonly place: TrailPlace,
    private readonly account: string,
    private readonly say: (doing: string) => void = () => {},
  ) {}

  /** How many files could not be read, and why that may be; undefined where all were. */
  get notRead(): string | undefined {
    if (this.unread === 0) return undefined;
    return `${plural(this.unread, 'file')} of the trail could not be read: s3:GetObject or, on the trail's key, kms:Decrypt is missing, or they are to be restored from an archive class first`;
  }

  /** What is wrong with files so far, by key: they are read several at once, and end in any order. */
  get problems(): readonly TrailFileProblem[] {
    return this.found.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  }

  /** Files that CloudTrail wrote in a span of time, oldest first; each once. */
  async *read(
    region: string,
    from: number,
    to: number,
    skip: ReadonlySet<string> = new Set(),
  ): AsyncGenerator<ReadTrailFile> {
    for (let day = from - (from % DAY_MS); day <= to; day += DAY_MS) {
      const files = (await this.day('CloudTrail', region, day)).filter(
        ({ key, time }) => time >= from && time <= to && !skip.has(key),
      );
      for (let start = 0; start < files.length; start += AT_ONCE) {
        this.say(
          `reading the trail's files of ${new Date(day).toISOString().slice(0, 10)}: ${start + 1} of ${files.length}`,
        );
        const read = await Promise.all(files.slice(start, start + AT_ONCE).map((file) => this.file(file)));
        for (const file of read) if (file) yield file;
      }
    }
  }

  /** Hashes of log files by key, as CloudTrail's digest files list them. */
  async digests(region: string, from: number, to: number): Promise<Map<string, string>> {
    const hashes = new Map<string, string>();
    const read = new Map<string, string>();
    const noted = new Map<string, string>();
    const listed: string[] = [];
    for (let day = from - (from % DAY_MS); day <= to; day += DAY_MS) {
      this.say(`reading the trail's digests of ${new Date(day).toISOString().slice(0, 10)}`);
      for (const { key } of await this.day('CloudTrail-Digest', region, day)) {
        listed.push(key);
        const unpacked = await this.unpacked(key);
        if (!unpacked) continue;
        read.set(key, unpacked.hash);
        const digest = object(unpacked.content);
        for (const [name, hash] of digestBefore(digest, this.place.bucket)) noted.set(name, hash);
        for (const [name, hash] of logFilesOf(digest)) hashes.set(name, hash);
      }
    }
    this.compareDigests(read, noted);
    this.missDigests(noted.keys(), listed);
    return hashes;
  }

  /** Digests that are not as the next one noted. */
  private compareDigests(read: ReadonlyMap<string, string>, noted: ReadonlyMap<string, string>): void {
    for (const [key, hash] of read) {
      if ((noted.get(key) ?? hash) === hash) continue;
      this.found.push({ key, problem: 'DigestMismatch', detail: `the next digest noted ${noted.get(key)}` });
    }
  }

  /** Those that a later one names and that are not there; the oldest may have been there too long for a lifecycle rule. */
  private missDigests(noted: Iterable<string>, listed: readonly string[]): void {
    const known = new Set([...listed, ...this.found.map(({ key }) => key)]);
    const oldest = earliest(listed.map((key) => timeOf(key) ?? Number.POSITIVE_INFINITY));
    for (const key of noted) {
      const isYounger = (timeOf(key) ?? 0) > oldest;
      if (isYounger && !known.has(key)) this.found.push({ key, problem: 'MissingFile', detail: 'a digest' });
    }
  }

  /** Keys of all log files in the listings so far. */
  async listed(region: string, from: number, to: number): Promise<Set<string>> {
    const keys = new Set<string>();
    for (let day = from - (from % DAY_MS); day <= to; day += DAY_MS) {
      for (const { key } of await this.day('CloudTrail', region, day)) keys.add(key);
    }
    return keys;
  }

  private async file(file: TrailFile): Promise<ReadTrailFile | undefined> {
    const unpacked = await this.unpacked(file.key);
    if (!unpacked) return undefined;
    const records = object(unpacked.content).Records;
    if (!Array.isArray(records)) {
      this.found.push({ key: file.key, problem: 'Unreadable', detail: 'it has no Records' });
      return undefined;
    }
    this.count += 1;
    return { ...file, events: records.flatMap((record) => trailEvent(record) ?? []), hash: unpacked.hash };
  }

  private async unpacked(Key: string): Promise<{ content: unknown; hash: string } | undefined> {
    try {
      const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.place.bucket, Key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      const unpacked = await promisify(gunzip)(bytes, { maxOutputLength: LARGEST });
      return { content: JSON.parse(unpacked.toString()), hash: createHash('sha256').update(unpacked).digest('hex') };
    } catch (error) {
      // A missing right, on the bucket or on its key, and a storage class of archives say nothing about the file.
      if (isAccessError(error) || (error as Error).name === 'InvalidObjectState') this.unread += 1;
      else this.found.push({ key: Key, problem: 'Unreadable', detail: (error as Error).message });
      return undefined;
    }
  }

  private day(kind: 'CloudTrail' | 'CloudTrail-Digest', region: string, day: number): Promise<TrailFile[]> {
    const name = `${kind}/${region}/${new Date(day).toISOString().slice(0, 10).replaceAll('-', '/')}/`;
    const known = this.days.get(name) ?? this.list(name);
    this.days.set(name, known);
    return known;
  }

  private async list(name: string): Promise<TrailFile[]> {
    this.root ??= this.findRoot();
    const { keys, withVersions } = await listVersions(this.s3, this.place.bucket, [`${await this.root}${name}`]);
    this.withVersions &&= withVersions;
    const files: TrailFile[] = [];
    for (const [key, versions] of keys) {
      const time = timeOf(key);
      if (time === undefined) continue;
      const bodies = versions.filter(({ marker }) => !marker);
      if (versions.some(({ marker }) => marker))
        this.found.push({ key, problem: 'DeleteMarker', detail: versions[0]?.time ?? '' });
      if (bodies.length > 1)
        this.found.push({ key, problem: 'Rewritten', detail: bodies.map((one) => one.time).join(', ') });
      if (versions[0]?.marker === false) files.push({ key, time });
    }
    return files.sort((a, b) => a.time - b.time);
  }

  /** `prefix/AWSLogs/ACCOUNT/`, or with the organisation's id in between for its trail. */
  private async findRoot(): Promise<string> {
    const { bucket: Bucket, prefix } = this.place;
    const base = `${prefix}AWSLogs/`;
    const folders: string[] = [];
    const query = { Bucket, Prefix: base, Delimiter: '/' };
    for await (const { CommonPrefixes = [] } of paginateListObjectsV2({ client: this.s3 }, query)) {
      folders.push(...CommonPrefixes.flatMap(({ Prefix }) => Prefix ?? []));
    }
    const own = `${base}${this.account}/`;
    if (folders.includes(own)) return own;
    const organisation = folders.find((folder) => /\/o-[a-z0-9]+\/$/.test(folder));
    return organisation ? `${organisation}${this.account}/` : own;
  }
}

/** Key and hash of the digest before this one. */
function* digestBefore(digest: Record<string, unknown>, bucket: string): Generator<[string, string]> {
  const [key, hash] = [text(digest.previousDigestS3Object), text(digest.previousDigestHashValue)];
  // A trail may have had another bucket before.
  const isHere = (text(digest.previousDigestS3Bucket) ?? bucket) === bucket;
  if (key !== null && hash !== null && isHere) yield [key, hash];
}

/** Key and hash of each log file that a digest lists. */
function* logFilesOf(digest: Record<string, unknown>): Generator<[string, string]> {
  for (const file of list(digest.logFiles)) {
    const { s3Object, hashValue, hashAlgorithm } = object(file);
    const [key, hash] = [text(s3Object), text(hashValue)];
    if (key !== null && hash !== null && hashAlgorithm === 'SHA-256') yield [key, hash];
  }
}

/** `…_20261122T1205Z_AbC….json.gz`, of a digest `…_20261122T120501Z.json.gz`: in milliseconds. */
function timeOf(key: string): number | undefined {
  const [, year, month, day, hour, minute] =
    /_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(?:\d\d)?Z(?:_[^/]*)?\.json\.gz$/.exec(key) ?? [];
  return year === undefined
    ? undefined
    : Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
}
