import { spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { awsClients } from '../cli/aws-clients';
import { auditVerify } from '../cli/commands/audit-verify';
import { Interruption } from '../cli/interruption';
import { Registry } from '../cli/registry';
import { Terminal } from '../cli/terminal';
import type { AuditEvidence, LedgerObject } from '../core/audit/evidence';
import { trailEvent } from '../core/audit/trail-event';
import { verifyEvidence } from '../core/audit/verify-evidence';
import { ledgerKey } from '../core/ledger/layout';
import { type LedgerRecord, type ReleasedVersion, recordDigest, serializeRecord } from '../core/ledger/record';
import { startLocalAws } from '../packages/local-aws';

const STACK_ID = 'arn:aws:cloudformation:us-east-1:111122223333:stack/Prompts/1';
const PROMPT_ID = 'ABCDEFGHIJ';
const BEGIN = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const SIZES = [1_000, 10_000];
const RUNS = 5;

/** Prints what `audit verify` takes, as a Markdown table: the rules alone, and the command against an AWS on this machine. */
async function main(): Promise<void> {
  if (process.argv[2] === 'rules') return rulesAlone(Number(process.argv[3]));
  console.log('| `audit verify` | records | time | time a record | memory |');
  console.log('| --- | ---: | ---: | ---: | ---: |');
  for (const size of SIZES) await rules(size);
  for (const size of SIZES) await endToEnd(size);
}

/** In a process of its own, so that the peak is that of this size. */
async function rules(size: number): Promise<void> {
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', __filename, 'rules', String(size)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  const { ms, megabytes } = JSON.parse(stdout);
  row('its rules, evidence in memory', size, ms, `${megabytes.toFixed(0)} MB above the evidence`);
}

function rulesAlone(size: number): void {
  const evidence = evidenceOf(size);
  const times: number[] = [];
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let megabytes = 0;
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    const { findings, survey } = verifyEvidence(evidence);
    times.push(performance.now() - started);
    if (findings.length > 0 || survey.chains[0]?.records.length !== size) throw new Error(JSON.stringify(findings[0]));
    globalThis.gc?.();
    megabytes = Math.max(megabytes, (process.memoryUsage().heapUsed - before) / 1e6);
  }
  console.log(JSON.stringify({ ms: times.sort((a, b) => a - b)[Math.floor(RUNS / 2)], megabytes }));
}

async function endToEnd(size: number): Promise<void> {
  const aws = await startLocalAws();
  Object.assign(process.env, aws.environment(), { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  const clients = awsClients({});
  await clients.s3.send(new CreateBucketCommand({ Bucket: 'ledger', ObjectLockEnabledForBucket: true }));
  await fill(clients.s3, ledgerOf(size, Date.now()));
  const stack = {
    stackId: STACK_ID,
    stackName: 'Prompts',
    status: 'UPDATE_COMPLETE',
    parameters: [],
    capabilities: [],
    tags: [],
    notificationArns: [],
    parameterPrefix: '/prompts',
    ledgerBucket: 'ledger',
    aliases: [],
    policies: [],
    changed: '',
    resources: new Map(),
  };
  const output = new PassThrough();
  let text = '';
  output.on('data', (chunk) => {
    text += chunk;
  });
  const terminal = new Terminal({
    stdout: output,
    stderr: new PassThrough().resume(),
    stdin: new PassThrough(),
    env: {},
  });
  const calls = aws.calls.length;
  let peak = 0;
  const before = process.memoryUsage().heapUsed;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().heapUsed - before);
  }, 20);
  const started = performance.now();
  const code = await auditVerify.run({
    terminal,
    positionals: [],
    values: { json: true },
    interruption: new Interruption(),
    now: () => new Date(),
    commands: [],
    openRegistry: async () => new Registry(clients, stack),
  });
  const ms = performance.now() - started;
  clearInterval(watch);
  const requests = aws.calls.slice(calls);
  const lookups = requests.filter(({ operation }) => operation === 'LookupEvents').length;
  await aws.stop();
  const { heads } = JSON.parse(text);
  if (heads[0]?.records !== size) throw new Error(`exit code ${code}: ${text.slice(0, 500)}`);
  row(
    `the command: ${requests.length} requests, ${lookups} of them LookupEvents at 2 a second`,
    size,
    ms,
    `${(peak / 1e6).toFixed(0)} MB at most, AWS in the same process`,
  );
}

/** In chunks: the client's own way, as fast as it goes. */
async function fill(s3: S3Client, objects: readonly LedgerObject[]): Promise<void> {
  for (let start = 0; start < objects.length; start += 50) {
    await Promise.all(
      objects
        .slice(start, start + 50)
        .map(({ key, body }) => s3.send(new PutObjectCommand({ Bucket: 'ledger', Key: key, Body: body }))),
    );
  }
}

/** One alias that goes to and fro between five versions, once an hour; the last record is of `end`. */
function ledgerOf(size: number, end?: number): LedgerObject[] {
  const objects: LedgerObject[] = [];
  let [from, previous]: [ReleasedVersion | null, string | null] = [null, null];
  for (let sequence = 1; sequence <= size; sequence++) {
    const version = 1 + ((sequence * 3) % 5);
    const to = { version, digest: `pd1:${String(version).repeat(64)}`, model: 'amazon.nova-pro-v1:0' };
    const time = end === undefined ? BEGIN + sequence * HOUR : end;
    const record: LedgerRecord = {
      schema: 1,
      registry: '/prompts',
      prompt: 'advisor',
      promptId: PROMPT_ID,
      alias: 'PROD',
      sequence,
      kind: from === null || to.version > from.version ? 'promote' : 'rollback',
      undo: false,
      from,
      to,
      withdrawn: [],
      stackId: STACK_ID,
      logicalId: 'AdvisorProdAlias',
      requestId: `request-${sequence}`,
      operation: `exec-${sequence}`,
      reason: null,
      time: new Date(time).toISOString(),
      previous,
    };
    const body = serializeRecord(record);
    const written = { versionId: 'v', time: new Date(time + 1000).toISOString(), marker: false };
    objects.push({ key: ledgerKey(PROMPT_ID, 'PROD', sequence), body, versions: [written] });
    [from, previous] = [to, recordDigest(body)];
  }
  return objects;
}

/** The ledger with each record's stack operation and write of the parameter, as CloudTrail has them. */
function evidenceOf(size: number): AuditEvidence {
  const objects = ledgerOf(size);
  const invokedBy = 'cloudformation.amazonaws.com';
  const events = objects.flatMap(({ key, versions: [written] }, index) => {
    const raw = {
      eventTime: written?.time,
      awsRegion: 'us-east-1',
      userIdentity: { type: 'AssumedRole', arn: 'arn:aws:sts::111122223333:assumed-role/Releaser/x', invokedBy },
    };
    return [
      {
        ...raw,
        eventID: `operation-${index}`,
        eventName: 'ExecuteChangeSet',
        eventSource: invokedBy,
        requestParameters: { clientRequestToken: `exec-${index + 1}`, stackName: STACK_ID },
        eventTime: new Date(BEGIN + (index + 1) * HOUR - 5000).toISOString(),
      },
      {
        ...raw,
        eventID: `parameter-${index}`,
        eventName: 'PutParameter',
        eventSource: 'ssm.amazonaws.com',
        requestParameters: { name: '/prompts/advisor/PROD' },
        responseElements: { version: index + 1 },
      },
      {
        ...raw,
        eventID: `object-${index}`,
        eventName: 'PutObject',
        eventSource: 's3.amazonaws.com',
        requestParameters: { bucketName: 'ledger', key },
      },
    ].flatMap((event) => trailEvent(event) ?? []);
  });
  const history = objects.slice(-100).map(({ body = '', versions: [written] }, index) => {
    const version = JSON.parse(body).to.version;
    return {
      version: Math.max(0, size - 100) + index + 1,
      value: `arn:aws:bedrock:us-east-1:111122223333:prompt/${PROMPT_ID}:${version}`,
      time: written?.time ?? '',
      user: '',
    };
  });
  const end = new Date(BEGIN + (size + 10) * HOUR).toISOString();
  return {
    now: end,
    bucket: 'ledger',
    objects,
    publisher: 'Publisher',
    releaser: 'Releaser',
    stacks: new Map(),
    parameters: [{ name: '/prompts/advisor/PROD', promptId: PROMPT_ID, alias: 'PROD', stackId: STACK_ID, history }],
    trail: { from: new Date(BEGIN - 48 * HOUR).toISOString(), to: end, events, withDataEvents: true },
  };
}

function row(what: string, size: number, ms: number, memory: string): void {
  const time = ms < 10_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
  console.log(
    `| ${what} | ${size.toLocaleString('en')} | ${time} | ${((ms * 1000) / size).toFixed(0)} µs | ${memory} |`,
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
