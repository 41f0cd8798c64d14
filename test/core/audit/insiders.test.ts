import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvidence, LedgerObject } from '../../../core/audit/evidence';
import { type TrailEvent, trailEvent } from '../../../core/audit/trail-event';
import { verifyEvidence } from '../../../core/audit/verify-evidence';
import { ledgerKey } from '../../../core/ledger/layout';
import { parseRecord, recordDigest, serializeRecord } from '../../../core/ledger/record';
import { PROMPT_ID } from '../../lambda/events';
import { HonestRegistry, RELEASER, seeded } from './honest-registry';

const MALLORY = { type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/mallory', userName: 'mallory' };
const STACK = { ...MALLORY, invokedBy: 'cloudformation.amazonaws.com' };

/** PROD goes 1, 2, each a deployment with a token and a reason, half a day apart. */
async function honest(): Promise<HonestRegistry> {
  const registry = new HonestRegistry(seeded(7));
  for (const [index, prod] of ['none', '1', '2'].entries()) {
    registry.pass(40_000);
    await registry.deploy({
      ...{ stack: 'Prompts', token: `exec-${index}`, reason: `because ${index}`, text: `text ${index}` },
      targets: { PROD: prod },
    });
  }
  registry.pass(1_000_000);
  return registry;
}

const problems = (evidence: AuditEvidence) =>
  verifyEvidence(evidence).findings.map(({ level, problem, object }) => `${level} ${problem} ${object}`);

const call = (eventName: string, source: string, userIdentity: object, request: object, response: object = {}) =>
  trailEvent({
    ...{ eventID: `crime ${eventName}`, eventName, eventSource: `${source}.amazonaws.com`, userIdentity },
    ...{ eventTime: '2026-06-03T00:00:00Z', requestParameters: request, responseElements: response },
  }) as TrailEvent;

const seenBy = (evidence: AuditEvidence, ...events: TrailEvent[]): AuditEvidence => {
  if (!evidence.trail) throw new Error('no trail');
  return { ...evidence, trail: { ...evidence.trail, events: [...evidence.trail.events, ...events] } };
};

const unread = ({ body: _, ...object }: LedgerObject): LedgerObject => object;

describe('What an insider does', () => {
  let evidence: AuditEvidence;
  let registry: HonestRegistry;
  beforeAll(async () => {
    registry = await honest();
    evidence = registry.evidence();
  });

  it('is nothing in an honest history', () => {
    expect(problems(evidence)).toEqual([]);
  });

  /** Who may invoke the function gets a record with the token of whatever operation the stack's newest event shows. */
  it('shows in a record that the function wrote days after the operation that it names', () => {
    const chain = evidence.objects.filter(({ key }) => key.startsWith(`ledger/${PROMPT_ID}/PROD/`));
    const newest =
      chain.map(({ body = '' }) => body).sort((a, b) => parseRecord(b).sequence - parseRecord(a).sequence)[0] ?? '';
    const { to, sequence } = parseRecord(newest);
    const time = new Date(registry.time).toISOString();
    const record = { ...parseRecord(newest), sequence: sequence + 1, kind: 'abandon' as const, undo: true, from: to };
    const key = ledgerKey(PROMPT_ID, 'PROD', record.sequence);
    const body = serializeRecord({
      ...record,
      requestId: 'made-up',
      reason: null,
      time,
      previous: recordDigest(newest),
    });
    const written = { key, body, versions: [{ versionId: 'x', time, marker: false }] };
    const put = { ...call('PutObject', 's3', registry.session(RELEASER), { bucketName: evidence.bucket, key }), time };
    expect(problems(seenBy({ ...evidence, objects: [...evidence.objects, written] }, put))).toEqual([
      `finding MoveLongAfterEvent ${key}`,
    ]);
  });

  it('shows in a version that the publisher made while nothing was deployed', () => {
    const events = (evidence.trail?.events ?? []).filter(({ source }) => source !== 'cloudformation.amazonaws.com');
    const withoutLast = evidence.trail && {
      ...evidence.trail,
      events: [
        ...events,
        ...(evidence.trail.events ?? []).filter(({ request }) => request.clientRequestToken === 'exec-2'),
      ],
    };
    const objects = evidence.objects.filter(({ key }) => !key.startsWith('ledger/'));
    const { parameters: _, ...rest } = evidence;
    const found = problems({ ...rest, objects, ...(withoutLast && { trail: withoutLast }) });
    expect(found.filter((one) => one.includes('Operation')).map((one) => one.replace(/pd1.*/, ''))).toEqual([
      `finding PublicationWithoutOperation versions/${PROMPT_ID}/1-`,
      `finding PublicationWithoutOperation versions/${PROMPT_ID}/2-`,
    ]);
  });

  it("shows in the code of the registry's functions, changed by hand and put back", () => {
    const functions = ['Prompts-AliasHandler', 'Prompts-PlanHandler'];
    const change = (identity: object, functionName: string) =>
      call('UpdateFunctionCode20150331v2', 'lambda', identity, { functionName });
    const arn = 'arn:aws:lambda:us-east-1:123456789012:function:Prompts-AliasHandler';
    for (const name of ['Prompts-AliasHandler', arn, `${arn}:$LATEST`, '123456789012:Prompts-AliasHandler'])
      expect(problems(seenBy({ ...evidence, functions }, change(MALLORY, name)))).toEqual([
        'finding FunctionChanged function Prompts-AliasHandler',
      ]);
    expect(problems(seenBy({ ...evidence, functions }, change(MALLORY, 'other'), change(STACK, arn)))).toEqual([]);
  });

  it("shows in the policy of the trail's bucket, changed and put back", () => {
    const change = (identity: object, bucketName: string) => call('PutBucketPolicy', 's3', identity, { bucketName });
    const files = { place: 's3://trail-bucket/', files: 1, compared: 1, problems: [] };
    expect(problems(seenBy({ ...evidence, files }, change(MALLORY, 'trail-bucket')))).toEqual([
      'finding BucketChanged s3://trail-bucket',
    ]);
    expect(problems(seenBy({ ...evidence, files }, change(MALLORY, 'x'), change(STACK, 'trail-bucket')))).toEqual([]);
  });

  it('shows in a trail that cannot deliver any more', () => {
    const undelivered = [{ name: 'audit', error: 'AccessDenied' }];
    expect(problems({ ...evidence, undelivered })).toEqual(['finding TrailOff trail audit']);
  });
});

it('may be a write in a session that has the name of CloudFormation’s, and that CloudTrail does not tell of any more', async () => {
  const { trail: _, ...evidence } = (await honest()).evidence();
  const parameters = evidence.parameters?.map((one) => ({
    ...one,
    history: (one.history ?? []).map((write, index) => ({
      ...write,
      ...(index === 1 && { user: 'arn:aws:sts::123456789012:assumed-role/mallory/AWSCloudFormation' }),
    })),
  }));
  expect(problems({ ...evidence, ...(parameters && { parameters }) })).toEqual([
    'note WrittenWithOtherRole /prompts/prod/financial-analysis/PROD:2',
  ]);
});

describe('What is no crime', () => {
  let evidence: AuditEvidence;
  beforeAll(async () => {
    evidence = (await honest()).evidence();
  });

  it('is a reason that could not be read', () => {
    const objects = evidence.objects.map((one) => (one.key.startsWith('reasons/') ? unread(one) : one));
    expect(problems({ ...evidence, objects })).toEqual([]);
  });

  it('is a record that could not be read, whether or not it was noted before', () => {
    const { heads } = { heads: [{ promptId: PROMPT_ID, alias: 'PROD', sequence: 2, digest: 'f'.repeat(64) }] };
    for (const pattern of [/^ledger\//, /\/PROD\/99999998\.json$/, /\/PROD\/99999997\.json$/]) {
      const objects = evidence.objects.map((one) => (pattern.test(one.key) ? unread(one) : one));
      const knownHeads = heads.filter(() => pattern.test(ledgerKey(PROMPT_ID, 'PROD', 2)));
      expect(problems({ ...evidence, objects, knownHeads })).toEqual([]);
    }
  });

  it('is a version that its owner made of a prompt that the registry adopted and never publishes', () => {
    const objects = evidence.objects.filter(({ key }) => !key.startsWith('versions/'));
    const isPublication = ({ name, request }: TrailEvent) =>
      name === 'CreatePromptVersion' || String(request.key).startsWith('versions/');
    const events = (evidence.trail?.events ?? []).filter((event) => !isPublication(event));
    const made = call('CreatePromptVersion', 'bedrock', MALLORY, { promptIdentifier: PROMPT_ID }, { version: '2' });
    const gone = call('DeletePrompt', 'bedrock', MALLORY, { promptIdentifier: PROMPT_ID, promptVersion: '9' });
    const trail = evidence.trail && { ...evidence.trail, events };
    expect(problems(seenBy({ ...evidence, objects, ...(trail && { trail }) }, made, gone))).toEqual([
      `note VersionByOther ${PROMPT_ID}:2`,
      `note VersionDeleted ${PROMPT_ID}:9`,
    ]);
  });

  it('is a prompt that a failed first deployment made and took back', async () => {
    const registry = new HonestRegistry(seeded(3));
    await registry.deploy({ stack: 'Prompts', token: 'one', text: 'text', targets: { PROD: '1' }, failsAfter: 1 });
    registry.pass(3600);
    const deleted = {
      ...call('DeletePrompt', 'bedrock', STACK, { promptIdentifier: PROMPT_ID }),
      time: new Date(registry.time).toISOString(),
    };
    const gone = { ...registry.evidence(), held: new Map([[PROMPT_ID, null]]) };
    expect(problems(seenBy(gone, deleted))).toEqual([
      `note PromptGone prompt ${PROMPT_ID}`,
      `note PromptDeleted prompt ${PROMPT_ID}`,
    ]);
  });
});
