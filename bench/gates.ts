// What a gate costs a release: the plan and its reviews, by the real function and the real SDK against local-aws, which
// answers at once or, as S3 might, after 20 ms.
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { BedrockAgentClient, CreatePromptCommand, CreatePromptVersionCommand } from '@aws-sdk/client-bedrock-agent';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { contentDigest } from '../core/content/content-digest';
import { versionDescription } from '../core/contract/version-description';
import { ledgerKey, reviewKey } from '../core/ledger/layout';
import { type LedgerRecord, serializeRecord } from '../core/ledger/record';
import { serializeReview } from '../core/ledger/review';
import { formatGatesByAlias } from '../core/release/gate';
import { BedrockAgentPrompts } from '../lambda/bedrock-agent-prompts';
import { BedrockModels } from '../lambda/bedrock-models';
import { systemClock } from '../lambda/clock';
import { BedrockInferenceProfiles } from '../lambda/inference-profiles';
import { handlePromptReleasePlan, type PromptReleasePlanDeps } from '../lambda/prompt-release-plan/handler';
import { S3ObjectStore } from '../lambda/s3-object-store';
import { type LocalAws, startLocalAws } from '../packages/local-aws';
import { markdownTable } from './markdown-table';

const [BUCKET, REGISTRY, PROMPT] = ['ledger', '/prompts/prod', 'bench'];
const REVIEWS = 50;
const PLANS = 60;
const ANSWER_MS = 20;
const GATE = { gate: 'approval', askedBy: 'authors', by: 'risk', count: 2, expires: 604_800 };
const [SUITE, OTHER] = ['a', 'b'].map((digit) => `es1:${digit.repeat(64)}`) as [string, string];
const MEASURED = {
  gate: 'evaluation',
  by: 'measured',
  suite: SUITE,
  atLeast: { exact: 0.9 },
  noWorseThanLive: { exact: 0.1 },
};
const GATES = formatGatesByAlias({ PROD: [GATE], MEASURED: [MEASURED] });

async function main(): Promise<void> {
  const rows = [];
  for (const delay of [0, ANSWER_MS]) {
    const aws = await startLocalAws();
    try {
      const plan = await registry(aws);
      if (delay > 0) aws.interceptors.push(() => new Promise((resolve) => setTimeout(resolve, delay)));
      const without = await median(() => plan('STAGING'));
      const withGate = await median(() => plan('PROD'));
      const ms = (time: number) => `${time.toFixed(0)} ms`;
      const measured = await median(() => plan('MEASURED'));
      rows.push(
        [`after ${delay} ms`, `${REVIEWS} reviews`, ms(without), ms(withGate), ms(withGate - without)],
        [`after ${delay} ms`, `${REVIEWS} runs`, ms(without), ms(measured), ms(measured - without)],
      );
    } finally {
      await aws.stop();
    }
  }
  console.log(`Plan of a release; median of ${PLANS}\n`);
  console.log(markdownTable(['AWS answers', 'on file', 'without a gate', 'with a gate', 'more'], rows));
}

/**
 * Two versions, all aliases on the first of them. For PROD half of the reviews ask for the second one, half agree; for
 * MEASURED one pipeline signed all runs, of which only the oldest is of the gate's suite.
 */
async function registry(aws: LocalAws) {
  const settings = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
  const bedrock = new BedrockAgentClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const variants = [
    {
      name: 'v',
      templateType: 'TEXT' as const,
      modelId: 'amazon.nova-pro-v1:0',
      templateConfiguration: { text: { text: 'Say {{topic}}.', inputVariables: [{ name: 'topic' }] } },
    },
  ];
  const digest = contentDigest(variants[0] ?? {});
  const { id = '', arn = '' } = await bedrock.send(
    new CreatePromptCommand({ name: PROMPT, variants, defaultVariant: 'v' }),
  );
  for (let version = 1; version <= 2; version++)
    await bedrock.send(
      new CreatePromptVersionCommand({ promptIdentifier: id, description: versionDescription(digest, '') }),
    );
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  for (const alias of ['PROD', 'STAGING', 'MEASURED'])
    await put(ledgerKey(id, alias, 1), serializeRecord(record(id, alias, digest)));
  for (let number = 0; number < REVIEWS; number++) {
    const [group, kind] = number % 2 === 0 ? (['authors', 'request'] as const) : (['risk', 'approve'] as const);
    const names = { group, promptId: id, alias: 'PROD', digest };
    const said = { kind, registry: REGISTRY, prompt: PROMPT, version: 2, live: null, comment: null };
    const body = serializeReview({ schema: 1, ...names, ...said, time: new Date().toISOString() });
    await put(reviewKey({ ...names, signer: `AROAROLE000000000001:person-${number}`, number: 1 }), body);
  }
  for (let number = 1; number <= REVIEWS; number++) {
    const names = { group: 'measured', promptId: id, alias: 'MEASURED', digest };
    const counts = {
      suite: number === 1 ? SUITE : OTHER,
      baseline: digest,
      cases: 200,
      errors: 0,
      critical: { cases: 0, failed: [], unnamed: 0 },
      rows: 'c'.repeat(64),
      runner: 'bench',
      metrics: { exact: { both: 190, onlyCandidate: 4, onlyLive: 2, neither: 4 } },
    };
    const said = { registry: REGISTRY, prompt: PROMPT, version: 2, live: digest, comment: null, ...counts };
    const review = { schema: 1, kind: 'evaluate', ...names, ...said, time: new Date().toISOString() } as const;
    await put(reviewKey({ ...names, signer: 'AROAPIPELINE00000001:pipeline', number }), serializeReview(review));
  }
  const deps: PromptReleasePlanDeps = {
    store: new S3ObjectStore(s3, BUCKET, systemClock),
    prompts: new BedrockAgentPrompts(bedrock),
    profiles: new BedrockInferenceProfiles(new BedrockClient(settings)),
    stack: {
      status: async () => 'UPDATE_IN_PROGRESS',
      operation: async () => null,
      operationTime: async () => new Date().toISOString(),
      wanted: async () => undefined,
      sincePolicies: async () => 0,
    },
    models: new BedrockModels(),
    alarms: { states: async () => new Map() },
    clock: systemClock,
    log: () => {},
    registry: REGISTRY,
    gates: GATES,
  };
  return async (alias: string): Promise<void> => {
    const names = { PromptId: id, PromptArn: arn, PromptName: PROMPT, AliasName: alias, Target: '2' };
    const { Version } = await handlePromptReleasePlan(
      {
        RequestType: 'Update',
        ResponseURL: '',
        StackId: 'stack',
        RequestId: 'request',
        ResourceType: 'Custom::PromptReleasePlan',
        LogicalResourceId: 'Plan',
        ResourceProperties: { ...names, CallableVersions: '2', WithdrawnVersions: 'none' },
      },
      deps,
    );
    if (Version !== '2') throw new Error(`expected a plan of version 2, found ${Version}`);
  };
}

function record(promptId: string, alias: string, digest: string): LedgerRecord {
  return {
    schema: 1,
    registry: REGISTRY,
    prompt: PROMPT,
    promptId,
    alias,
    sequence: 1,
    kind: 'promote',
    undo: false,
    from: null,
    to: { version: 1, digest, model: 'amazon.nova-pro-v1:0' },
    withdrawn: [],
    stackId: 'stack',
    logicalId: 'Alias',
    requestId: 'request',
    operation: null,
    reason: null,
    previous: null,
    time: '2026-11-01T00:00:00.000Z',
  };
}

async function median(work: () => Promise<void>): Promise<number> {
  await work();
  const times: number[] = [];
  for (let count = 0; count < PLANS; count++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[PLANS >> 1] ?? 0;
}

void main();
