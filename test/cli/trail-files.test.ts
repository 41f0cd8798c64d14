import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TrailFiles, trailPlace } from '../../cli/audit/trail-files';
import { readTrail } from '../../cli/audit/trail-reading';
import { trailEvent } from '../../core/audit/trail-event';
import { s3 } from '../../packages/local-aws/s3/s3';
import { type Served, serve } from '../local-aws/serve';

const ACCOUNT = '111122223333';
const DAY = '2026/11/20';
const [FROM, TO] = [Date.parse('2026-11-20T00:00:00Z'), Date.parse('2026-11-21T12:00:00Z')];
const raw = (eventID: string, time: string, eventName = 'UpdatePrompt') => ({
  eventID,
  eventName,
  eventSource: 'bedrock.amazonaws.com',
  eventTime: `2026-11-20T${time}:00Z`,
  userIdentity: { type: 'IAMUser', userName: 'x' },
  requestParameters: null,
  responseElements: null,
});

let served: Served;
let client: S3Client;
let bucket = '';
let count = 0;
beforeAll(async () => {
  served = await serve(() => [s3()]);
  client = new S3Client({ ...served.administrator, forcePathStyle: true });
});
afterAll(() => served?.stop());
beforeEach(async () => {
  bucket = `trail-${count++}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
});

async function put(time: string, content: unknown, root = 'AWSLogs/', name = 'abcdefghijklmnop'): Promise<string> {
  const Key = `${root}${ACCOUNT}/CloudTrail/us-east-1/${DAY}/${ACCOUNT}_CloudTrail_us-east-1_20261120T${time}Z_${name}.json.gz`;
  const Body = content instanceof Uint8Array ? content : gzipSync(JSON.stringify(content));
  await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  return Key;
}

async function digest(
  time: string,
  files: Record<string, string>,
  before?: { key: string; hash: string },
): Promise<{ key: string; hash: string }> {
  const key = `AWSLogs/${ACCOUNT}/CloudTrail-Digest/us-east-1/${DAY}/${ACCOUNT}_CloudTrail-Digest_us-east-1_audit_us-east-1_20261120T${time}00Z.json.gz`;
  const logFiles = Object.entries(files).map(([s3Object, hashValue]) => ({
    s3Bucket: bucket,
    s3Object,
    hashValue,
    hashAlgorithm: 'SHA-256',
  }));
  const text = JSON.stringify({
    logFiles,
    previousDigestS3Object: before?.key ?? null,
    previousDigestHashValue: before?.hash ?? null,
  });
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: gzipSync(text) }));
  return { key, hash: sha256(text) };
}

/** What an insider leaves who may bypass the lock: neither versions nor markers of what was deleted. */
async function purge(): Promise<void> {
  const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  const hidden = new Set(DeleteMarkers.map(({ Key }) => Key));
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers].filter((one) => hidden.has(one.Key)))
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const files = (prefix = '') => new TrailFiles(client, trailPlace(`${bucket}/${prefix}`), ACCOUNT);
const read = (history?: ReturnType<typeof raw>[]) =>
  readTrail(
    files(),
    { region: 'us-east-1', from: FROM, to: TO },
    { ledgerBucket: 'ledger', signers: new Set(), controller: undefined },
    history?.flatMap((event) => trailEvent(event) ?? []),
  );
const problems = async (history?: ReturnType<typeof raw>[]) =>
  (await read(history)).evidence.problems.map(({ problem, key }) => `${problem} ${key}`);

describe("A trail's files", () => {
  it('are read in order, those of the time that was asked for, also below a prefix and of an organisation', async () => {
    await put('1205', { Records: [raw('b', '12:00')] });
    await put('0905', { Records: [raw('a', '09:00')] });
    await put('2305', { Records: [raw('c', '23:00')] }, 'audit/AWSLogs/o-abcdefghij/');
    const ids = async (from: number, prefix = '') => {
      const found: string[] = [];
      for await (const { events } of files(prefix).read('us-east-1', from, TO))
        found.push(...events.map(({ id }) => id));
      return found;
    };
    expect(await ids(FROM)).toEqual(['a', 'b']);
    expect(await ids(Date.parse('2026-11-20T12:00:00Z'))).toEqual(['b']);
    expect(await ids(FROM, 'audit')).toEqual(['c']);
  });

  it('that are cut short, empty, no JSON or without records are named, and the rest is read', async () => {
    const whole = gzipSync(JSON.stringify({ Records: [raw('x', '10:00')] }));
    const keys = [
      await put('1000', whole.subarray(0, whole.length / 2)),
      await put('1005', new Uint8Array()),
      await put('1010', gzipSync('{')),
      await put('1015', { Rows: [] }),
    ];
    await put('1020', { Records: [raw('good', '10:15'), { half: true }, null] });
    // Several are read at once: the first answer comes last.
    client.middlewareStack.add(
      (next) => async (args) => {
        if ((args.input as { Key?: string }).Key === keys[0]) await setTimeout(100);
        return next(args);
      },
      { name: 'late', step: 'initialize' },
    );
    const { events, evidence } = await read().finally(() => client.middlewareStack.remove('late'));
    expect(events.map(({ id }) => id)).toEqual(['good']);
    expect(evidence.files).toBe(1);
    expect(evidence.problems.map(({ key, problem }) => [key, problem])).toEqual(keys.map((key) => [key, 'Unreadable']));
  });

  it('are compared with their digests, and each digest with the one that follows', async () => {
    const content = { Records: [raw('a', '09:00')] };
    const key = await put('0905', content);
    const first = await digest('1000', { [key]: sha256(JSON.stringify(content)) });
    await digest('1100', {}, first);
    expect(await read()).toMatchObject({ evidence: { compared: 1, problems: [] } });
    await digest(
      '1200',
      { [key]: '0'.repeat(64), [`${key}.gone`.replace('.json.gz.gone', 'X.json.gz')]: '0'.repeat(64) },
      { key: first.key, hash: 'f'.repeat(64) },
    );
    expect(await problems()).toEqual([
      `DigestMismatch ${key}`,
      `MissingFile ${key.replace('.json.gz', 'X.json.gz')}`,
      `DigestMismatch ${first.key}`,
    ]);
  });

  it('are missed with their digest, where the next one names it', async () => {
    await digest('1000', {});
    const gone = await put('1005', { Records: [raw('a', '10:00')] });
    const first = await digest('1100', { [gone]: '0'.repeat(64) });
    const second = await digest('1200', {}, first);
    await digest('1300', {}, second);
    for (const Key of [gone, first.key]) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    await purge();
    expect(await problems()).toEqual([`MissingFile ${first.key}`]);
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: second.key }));
    expect(await problems()).toEqual([`DeleteMarker ${second.key}`]);
  });

  it("are compared with CloudTrail's own history, but not what came before the trail or is on its way", async () => {
    await put('0905', { Records: [raw('a', '09:00'), raw('b', '09:01')] });
    const history = [raw('older', '08:00'), raw('a', '09:00'), raw('b', '09:01', 'DeletePrompt'), raw('c', '09:02')];
    const young = { ...raw('young', '09:00'), eventTime: '2026-11-21T11:30:00Z' };
    expect(await problems([...history, young])).toEqual(['EventDiffers b', 'EventMissing c']);
    const stopped = { ...raw('stop', '09:00', 'StopLogging'), eventSource: 'cloudtrail.amazonaws.com' };
    await put('0910', { Records: [stopped] });
    expect(await problems([raw('a', '09:00'), raw('c', '09:02')])).toEqual([]);
  });

  it.each(['AccessDenied', 'InvalidObjectState'])(
    'that may not be read are counted, and accused of nothing: %s',
    async (name) => {
      await put('0905', { Records: [raw('a', '09:00')] });
      const key = await put('1005', { Records: [raw('b', '10:00')] });
      await digest('1100', { [key]: '0'.repeat(64) });
      const send = client.send.bind(client);
      const denying = Object.create(client, {
        send: {
          value: (command: { input: { Key?: string } }) =>
            command.input.Key === key
              ? Promise.reject(Object.assign(new Error('no'), { name }))
              : send(command as never),
        },
      }) as S3Client;
      const refused = new TrailFiles(denying, trailPlace(bucket), ACCOUNT);
      const history = [raw('a', '09:00'), raw('b', '10:00')].flatMap((event) => trailEvent(event) ?? []);
      const { evidence } = await readTrail(
        refused,
        { region: 'us-east-1', from: FROM, to: TO },
        { ledgerBucket: 'ledger', signers: new Set(), controller: undefined },
        history,
      );
      expect([refused.unread, evidence.problems]).toEqual([1, []]);
    },
  );

  it('give of each hour one call of the controller by EventBridge, and every one by somebody else', async () => {
    const controller = 'Prompts-Controller-1A2B';
    const call = (eventID: string, time: string, userIdentity: object, more: object = {}) => ({
      ...raw(eventID, time, 'Invoke'),
      ...{ eventSource: 'lambda.amazonaws.com', userIdentity, ...more },
      resources: [{ ARN: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${controller}` }],
    });
    const tick = { type: 'AWSService', invokedBy: 'events.amazonaws.com' };
    const minutes = Array.from({ length: 120 }, (_, minute) => {
      const time = `${9 + Math.floor(minute / 60)}`.padStart(2, '0');
      return call(`tick ${minute}`, `${time}:${String(minute % 60).padStart(2, '0')}`, tick);
    });
    const refused = call('refused', '10:30', tick, { errorCode: 'TooManyRequestsException' });
    const people = ['dana', 'eve'].map((userName) => call(userName, '10:30', { type: 'IAMUser', userName }));
    await put('1105', { Records: [...minutes, refused, ...people] });
    const kept = { ledgerBucket: 'ledger', signers: new Set<string>(), controller };
    const { events } = await readTrail(files(), { region: 'us-east-1', from: FROM, to: TO }, kept, undefined);
    expect(events.map(({ id }) => id)).toEqual(['tick 0', 'tick 60', 'refused', 'dana', 'eve']);
  });

  it('that were written twice are named', async () => {
    const key = await put('0905', { Records: [raw('a', '09:00')] });
    await put('0905', { Records: [] });
    expect(await problems()).toEqual([`Rewritten ${key}`]);
  });
});
