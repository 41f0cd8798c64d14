import type { LogRow, Person } from '../../core/audit/release-log';
import type { AuditLog } from '../../studio/audit-page/audit-log';

const digest = (version: number) => `pd1:${String(version).repeat(64)}`;
const link = (who: string, eventName: string, event: number, more: object = {}) => ({
  ...{ who, type: 'AssumedRole', sessionName: null, sourceIdentity: null, eventName },
  ...{ eventId: `463df9f5-cf24-426b-9033-b3328eae${String(event).padStart(4, '0')}`, time: '2026-11-20T11:59:00.000Z' },
  ...more,
});
const alice: Person = {
  end: 'person',
  links: [
    link('arn:aws:iam::111122223333:user/alice', 'AssumeRole', 1, { type: 'IAMUser' }),
    link('arn:aws:sts::111122223333:assumed-role/Deployer/alice@example.com', 'AssumeRole', 2, {
      sessionName: 'alice@example.com',
      sourceIdentity: 'alice',
    }),
    link(
      'arn:aws:sts::111122223333:assumed-role/cdk-hnb659fds-deploy-role-111122223333-us-east-1/aws-cdk-alice',
      'ExecuteChangeSet',
      3,
      { sessionName: 'aws-cdk-alice', sourceIdentity: 'alice' },
    ),
  ],
};

const row = (
  time: string,
  kind: LogRow['kind'],
  from: number | null,
  to: number | null,
  more: Partial<LogRow> = {},
): LogRow => ({
  ...{ time: `2026-11-${time}:00.000Z`, alias: kind === 'publish' ? null : 'PROD', kind, undone: false, from, to },
  ...{
    digest: to === null ? null : digest(to),
    withdrawn: [],
    reason: null,
    stackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Prompts-prod/1',
  },
  ...{
    operation: `exec-8d0ae3c4-${time.slice(0, 2)}`,
    object: 'ledger/ABCDEFGHIJ/PROD/99999998.json',
    person: alice,
    ...more,
  },
});

const bob: Person = {
  end: 'person',
  links: [link('arn:aws:iam::111122223333:user/bob', 'ExecuteChangeSet', 4, { type: 'IAMUser' })],
};

const rolledBack = row('21T09:10', 'rollback', 3, 2, {
  reason: 'INC-7: it names banks, and the rules say that it must not',
  operation: null,
  person: bob,
});

/** A log with every kind of entry. */
export const sampleLog: AuditLog = {
  prompt: 'financial-analysis',
  promptIds: ['ABCDEFGHIJ'],
  registry: '/prompts/prod',
  bucket: 'prompts-prod-ledger',
  alias: null,
  since: '2026-10-23T12:00:00.000Z',
  time: '2026-11-22T12:00:00.000Z',
  standings: [{ alias: 'PROD', move: rolledBack, model: 'anthropic.claude-3-haiku-20240307-v1:0', withdrawn: [3] }],
  models: [
    {
      ...{ model: 'anthropic.claude-3-haiku-20240307-v1:0', modelId: 'anthropic.claude-3-haiku-20240307-v1:0' },
      ...{ route: 'on-demand', status: 'LEGACY', legacy: '2026-06-01', extended: null, end: '2027-03-01', days: 99 },
      ...{ successor: 'us.anthropic.claude-haiku-4-5-20251001-v1:0', read: '2026-11-20', problem: null },
    },
  ],
  rows: [
    row('22T11:55', 'withdraw', 2, 2, {
      withdrawn: [3],
      reason: 'INC-7: version 3 names banks',
      person: { links: [], end: 'not delivered' },
    }),
    rolledBack,
    row('20T12:03', 'rollback', 4, 3, { undone: true }),
    row('20T12:02', 'promote', 3, 4, { undone: true, person: { links: alice.links.slice(1), end: 'not found' } }),
    row('20T12:00', 'promote', 2, 3, { reason: 'CHG-1024, approved by the board' }),
    row('20T11:59', 'publish', null, 3, { operation: null }),
    row('02T08:00', 'promote', null, 2, { person: { links: [], end: 'too old' } }),
  ],
  heads: [
    {
      prompt: 'financial-analysis',
      promptId: 'ABCDEFGHIJ',
      alias: 'PROD',
      sequence: 6,
      records: 6,
      time: '2026-11-22T11:55:00.000Z',
      digest: 'fdccb26b2669b0900c462d59a8f41525ead4de0f2ec23d3ac72be8356f6ed5cc',
    },
  ],
  findings: [],
  notes: ['1 entry not yet delivered by CloudTrail, which takes up to 15 minutes: ask again then'],
};
