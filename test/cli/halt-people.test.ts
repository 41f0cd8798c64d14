import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditScope } from '../../cli/audit/audit-scope';
import { haltPeople } from '../../cli/audit/halt-people';
import { PartialReading } from '../../cli/partial-reading';
import { surveyLedger } from '../../core/audit/ledger-survey';
import { releaseLog } from '../../core/audit/release-log';
import { StackOperations } from '../../core/audit/stack-operations';
import { logicalId } from '../../core/contract/names';
import type { RolloutStep } from '../../core/ledger/rollout-step';
import { s3 } from '../../packages/local-aws/s3/s3';
import { HonestRegistry, seeded } from '../core/audit/honest-registry';
import { type Served, serve } from '../local-aws/serve';

const ACCOUNT = '111122223333';
const CONTROLLER = 'Prompts-Controller-1A2B';
const ID = '006ee61e-4b61-4de5-b3b8-99b4d72ca7e7';
const AT = '2026-11-20T10:00:00.000Z';
const HALT = { plan: 2, kind: 'halt', by: 'request', request: ID, at: AT, time: AT } as RolloutStep;

let served: Served;
let client: S3Client;
beforeAll(async () => {
  served = await serve(() => [s3()]);
  client = new S3Client({ ...served.administrator, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'trail' }));
  const session = { attributes: { creationDate: '2026-11-20T09:58:00Z' }, sessionIssuer: { arn: 'role/OnCall' } };
  const [called, issued] = [
    {
      ...{ eventID: 'call', eventName: 'Invoke', eventSource: 'lambda.amazonaws.com', requestID: ID },
      eventTime: '2026-11-20T09:59:59Z',
      resources: [{ ARN: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${CONTROLLER}` }],
      userIdentity: {
        ...{ type: 'AssumedRole', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/OnCall/dana`, sessionContext: session },
        accessKeyId: 'ASIAEXAMPLE',
      },
    },
    {
      ...{ eventID: 'issue', eventName: 'AssumeRole', eventSource: 'sts.amazonaws.com' },
      eventTime: '2026-11-20T09:58:00Z',
      userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/dana`, userName: 'dana' },
      responseElements: { credentials: { accessKeyId: 'ASIAEXAMPLE' } },
    },
  ];
  for (const [minute, event] of [
    ['1005', called],
    ['1010', issued],
  ] as const)
    await client.send(
      new PutObjectCommand({
        Bucket: 'trail',
        Key: `AWSLogs/${ACCOUNT}/CloudTrail/us-east-1/2026/11/20/${ACCOUNT}_CloudTrail_us-east-1_20261120T${minute}Z_a.json.gz`,
        Body: gzipSync(JSON.stringify({ Records: [event] })),
      }),
    );
});
afterAll(() => served?.stop());

const denied = () => Promise.reject(Object.assign(new Error('not allowed'), { name: 'AccessDeniedException' }));

/** Who halted, for somebody who may not look into CloudTrail's history, nor read some of the trail's files. */
async function told(unreadable: RegExp | undefined, halt = HALT) {
  const send = client.send.bind(client);
  const some = Object.create(client, {
    // This test's own now is AWS's.
    config: { value: { ...client.config, systemClockOffset: 0 } },
    send: {
      value: (command: { input: { Key?: string } }) =>
        unreadable?.test(command.input.Key ?? '') ? denied() : send(command as never),
    },
  }) as S3Client;
  const resources = (['Controller', 'ControllerRole'] as const).map(
    (role) => [logicalId('/prompts/prod', undefined, undefined, role), { physicalId: CONTROLLER }] as const,
  );
  const scope = {
    clients: { s3: some, cloudTrail: () => ({ send: denied }), cloudFormation: { config: {} } },
    ...{ region: 'us-east-1', bucket: 'ledger' },
    stack: {
      stackId: `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/Prompts/1`,
      ...{ parameterPrefix: '/prompts/prod', resources: new Map(resources) },
    },
  } as unknown as AuditScope;
  const reading = new PartialReading();
  const place = { bucket: 'trail', prefix: '' };
  const now = new Date('2026-11-21T10:00:00Z');
  const [person] = await haltPeople(scope, [halt], { place, now, say: () => {}, reading });
  const { links = [] } = (person?.end === 'one of' ? person.among[0] : person) ?? {};
  return { end: person?.end, names: links.map(({ who }) => who.replace(/^.*:/, '')), unread: reading.unread };
}

describe('Who asked for a halt', () => {
  it('is told by the files where the event history may not be read', async () => {
    const { end, names, unread } = await told(undefined);
    expect([end, names]).toEqual(['person', ['user/dana', 'assumed-role/OnCall/dana']]);
    expect(unread).toEqual([expect.stringMatching(/^CloudTrail's event history could not be read: /)]);
  });

  it('is looked for around the halt as well, where S3 took the record of one that was found an hour later', async () => {
    const found = { by: 'controller', reason: 'the parameter said so', time: '2026-11-20T11:00:00.000Z' } as const;
    const { end, names } = await told(undefined, { ...HALT, request: undefined, ...found } as RolloutStep);
    expect([end, names]).toEqual(['one of', ['user/dana', 'assumed-role/OnCall/dana']]);
  });

  it('is not said to be logged nowhere where files could not be read', async () => {
    const { end, unread } = await told(/json\.gz$/);
    expect(end).toBe('not asked');
    expect(unread).toEqual([expect.stringMatching(/^2 files of the trail could not be read: s3:GetObject /)]);
  });
});

it('who made an old release is not said to be in no event where files could not be read', async () => {
  const registry = new HonestRegistry(seeded(1));
  const targets = { STAGING: '1', PROD: '1' };
  await registry.deploy({ stack: 'Prompts', text: 'text', targets, token: 'token-1' });
  const survey = surveyLedger(registry.evidence().objects);
  const ends = (unread?: string) => {
    const covered = { from: '', to: '2026-12-01T00:00:00.000Z', ...(unread !== undefined && { unread }) };
    const rows = releaseLog({ survey, operations: new StackOperations([]), issuers: new Map(), covered });
    return [...new Set(rows.map(({ person }) => person.end))];
  };
  expect(ends()).toEqual(['no event']);
  expect(ends('2026-11-01T00:00:00.000Z')).toEqual(['not asked']);
  expect(ends('2026-05-01T00:00:00.000Z')).toEqual(['no event']);
});
