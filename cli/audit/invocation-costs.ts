import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { type VersionCost, VersionCosts } from '../../core/audit/version-costs';
import { versionsIn } from '../../core/ledger/versions-in';
import { pricesOf } from '../../core/models/model-prices';
import { bucketObjects } from '../bucket-objects';
import { CliError } from '../cli-error';
import type { CommandContext } from '../command';
import { inOrder } from '../in-order';
import { lockPath, readLock } from '../models/lock-file';
import type { Registry } from '../registry';
import { sinceOf } from './span';
import { trailPlace } from './trail-files';

const DEFAULT_DAYS = 7;
const DAY_MS = 86_400_000;
/** Files read ahead. */
const AT_ONCE = 4;
/** What unpacks to more is no log file. */
const LARGEST = 1024 * 1024 * 1024;

/** What `audit usage --invocation-bucket` tells; `--json` prints it. */
export interface InvocationCosts {
  readonly prompt: string;
  readonly since: string;
  /** Log files that were read. */
  readonly files: number;
  readonly costs: readonly VersionCost[];
  readonly notes: readonly string[];
}

/** Costs of a prompt's versions, from Bedrock's invocation logs in S3 and the prices in the lock file. */
export async function gatherCosts(context: CommandContext, say: (doing: string) => void): Promise<InvocationCosts> {
  const { positionals, values, now, openRegistry } = context;
  const [prompt = ''] = positionals;
  const place = trailPlace(String(values['invocation-bucket']));
  const since = sinceOf(values.since, now()) ?? new Date(now().getTime() - DEFAULT_DAYS * DAY_MS);
  const lock = await readLock(lockPath(values));
  const registry = await openRegistry(prompt);
  const { clients } = registry;
  const region = await clients.cloudFormation.config.region();
  const here = lock.regions[region];
  const costs = new VersionCosts({
    prompt,
    models: await modelsOf(registry, prompt),
    prices: here ? pricesOf(here) : {},
    since: since.toISOString(),
  });
  const { Account } = await clients.sts.send(new GetCallerIdentityCommand({}));
  // https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
  const prefix = `${place.prefix}AWSLogs/${Account}/BedrockModelInvocationLogs/${region}/`;
  const notes: string[] = [];
  let files = 0;
  const keys = await keysOf(clients.s3, place.bucket, prefix, since);
  for await (const { key, records, problem } of inOrder(keys, AT_ONCE, (one) =>
    recordsIn(clients.s3, place.bucket, one),
  )) {
    files += 1;
    say(`reading invocation logs: ${files} of ${keys.length}`);
    if (problem !== undefined) notes.push(`${key} cannot be used: ${problem}`);
    for (const record of records) costs.add(record);
  }
  if (files === 0) {
    throw new CliError({
      what: `s3://${place.bucket}/${prefix} has no log files since ${since.toISOString().slice(0, 10)}`,
      fix: 'check the bucket and its prefix, --region and --since; Bedrock writes them where model invocation logging goes to S3',
    });
  }
  if (here === undefined) notes.push(`${lockPath(values)} has no Region ${region}: prompt-registry models refresh`);
  return { prompt, since: since.toISOString(), files, costs: costs.list(), notes };
}

/** Models of a prompt's versions, as the ledger has them. */
export async function modelsOf(registry: Registry, promptName: string): Promise<Map<number, string | null>> {
  const models = new Map<number, string | null>();
  for (const { history } of await registry.aliasStates(await registry.prompt(promptName))) {
    for await (const record of history) {
      for (const { version, model } of versionsIn(record)) models.set(version, model);
    }
  }
  return models;
}

async function keysOf(s3: S3Client, bucket: string, prefix: string, since: Date): Promise<string[]> {
  const [day = '', hour = ''] = since.toISOString().split(/[T:]/);
  const after = `${prefix}${day.replaceAll('-', '/')}/${hour}`;
  const keys: string[] = [];
  for await (const { key } of bucketObjects(s3, { bucket, prefix, after })) {
    // Bodies that are too large for a record lie in a folder of their own.
    if (key.endsWith('.json.gz') && !key.includes('/data/')) keys.push(key);
  }
  return keys;
}

interface LogFile {
  readonly key: string;
  readonly records: readonly unknown[];
  /** Why it, or a line of it, cannot be read. */
  readonly problem?: string;
}

/** One record a line. */
async function recordsIn(s3: S3Client, Bucket: string, key: string): Promise<LogFile> {
  const records: unknown[] = [];
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    const text = (await promisify(gunzip)(bytes, { maxOutputLength: LARGEST })).toString();
    for (const line of text.split('\n')) if (line.trim() !== '') records.push(JSON.parse(line));
    return { key, records };
  } catch (error) {
    return { key, records, problem: (error as Error).message };
  }
}
