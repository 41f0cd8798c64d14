import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { showText } from '../../cli/commands/show';
import { statusText } from '../../cli/commands/status';
import { sideBySideDiff } from '../../cli/diff/side-by-side-diff';
import { terminalDiff } from '../../cli/diff/terminal-diff';
import { unifiedDiff } from '../../cli/diff/unified-diff';
import { historyText, timelineText } from '../../cli/history-text';
import { type ListedRegistry, listText } from '../../cli/list-text';
import { type RegistrySummary, summaryText } from '../../cli/registry-summary';
import { planText } from '../../cli/release/plan-text';
import { printable } from '../../cli/styled-text';
import type { Terminal } from '../../cli/terminal';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import type { LedgerRecord } from '../../core/ledger/record';
import { contentDiff } from '../../studio/diff/content-diff';
import { fakeTerminal } from './fake-terminal';

const NOW = new Date('2026-11-22T12:00:00Z');

const first: PromptVariantContent = {
  templateType: 'CHAT',
  templateConfiguration: {
    chat: {
      system: [
        {
          text: 'You are a balanced advisor for private investors.\nBe brief.\nNever name a bank.\nNever promise a gain.',
        },
      ],
      messages: [
        {
          role: 'user',
          content: [
            {
              text: 'Explain in at most five sentences what moved {{ticker}} over the last quarter: name the two strongest reasons.',
            },
          ],
        },
      ],
      inputVariables: [{ name: 'ticker' }],
      toolConfiguration: {
        tools: [
          {
            toolSpec: { name: 'get_price', description: 'Price of a share', inputSchema: { json: { type: 'object' } } },
          },
        ],
      },
    },
  },
  modelId: 'amazon.nova-pro-v1:0',
  inferenceConfiguration: { text: { temperature: 0.20000000298023224, topP: 0.9 } },
};

const second: PromptVariantContent = {
  ...first,
  templateConfiguration: {
    chat: {
      ...(first.templateConfiguration.chat as NonNullable<typeof first.templateConfiguration.chat>),
      system: [
        {
          text: 'You are a conservative advisor for private investors.\nBe brief.\nNever name a bank.\nNever promise a gain.\nAnswer in {{language}}.',
        },
      ],
      messages: [
        {
          role: 'user',
          content: [
            {
              text: 'Explain in at most three sentences what moved {{ticker}} over the last quarter: name the strongest reason.\u001b[31m',
            },
          ],
        },
        { role: 'assistant', content: [{ text: 'In short:' }] },
      ],
      inputVariables: [{ name: 'ticker' }, { name: 'language' }],
    },
  },
  modelId: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  inferenceConfiguration: { text: { temperature: 0.4, topP: 0.9 } },
};

const compared = contentDiff({ label: '@PROD (:1)', variant: first }, { label: ':2', variant: second });

const inProd = { stack: 'Prompts-prod', registry: '/prompts/prod' };
const isParameter =
  'the parameter points to 5, the newest record of the ledger to 7: somebody wrote one of them by hand';
const prompts: ListedRegistry['prompts'] = [
  {
    ...{ ...inProd, prompt: 'financial-analysis', newest: 7, versions: [5, 6, 7], withdrawn: [4] },
    aliases: [
      {
        alias: 'PROD',
        version: 5,
        since: new Date('2026-11-20T11:00:00Z'),
        changed: new Date('2026-11-20T11:00:00Z'),
        digest: null,
        differences: [isParameter],
        alsoCallable: [7],
        leftOver: [7],
        parameter: 'FinancialAnalysisProdVersion',
        pointer: '/prompts/prod/x/PROD',
      },
      {
        alias: 'STAGING',
        version: 7,
        since: new Date('2026-11-22T11:55:00Z'),
        changed: new Date('2026-11-22T11:55:00Z'),
        digest: null,
        differences: [],
        alsoCallable: [6],
        leftOver: [],
        parameter: null,
        pointer: '/prompts/prod/x/PROD',
      },
    ],
  },
  {
    ...{ ...inProd, prompt: 'ticket-triage', newest: null, versions: [], withdrawn: [] },
    aliases: [
      {
        alias: 'PROD',
        version: null,
        since: NOW,
        changed: NOW,
        digest: null,
        differences: [],
        alsoCallable: [],
        leftOver: [],
        parameter: 'TicketTriageProdVersion',
        pointer: '/prompts/prod/x/PROD',
      },
    ],
  },
];

const summary: RegistrySummary = {
  stack: 'Prompts-prod',
  stackStatus: 'UPDATE_COMPLETE',
  count: { prompts: 2, aliases: 3 },
  differences: [{ prompt: 'financial-analysis', alias: 'PROD', difference: isParameter }],
  unread: ['the archive could not be read: s3:ListBucket is not allowed to you'],
};
const agreeing: RegistrySummary = { ...summary, differences: [], unread: [] };

const place = (version: number) => ({ version, digest: `pd1:${String(version).repeat(64)}`, model: null });
const record = (
  sequence: number,
  kind: LedgerRecord['kind'],
  from: number | null,
  to: number,
  more: Partial<LedgerRecord> = {},
): LedgerRecord => ({
  ...{
    schema: 1,
    registry: '/prompts/prod',
    prompt: 'financial-analysis',
    promptId: 'ABCDEFGHIJ',
    alias: 'PROD',
    sequence,
    kind,
    undo: false,
  },
  ...{
    from: from === null ? null : place(from),
    to: place(to),
    withdrawn: [],
    stackId: 's',
    logicalId: 'l',
    requestId: 'r',
  },
  ...{ operation: `prompt-registry-${sequence}`, reason: null, time: `2026-11-2${sequence}T10:00:00Z`, previous: null },
  ...more,
});

const screens: Record<string, (terminal: Terminal) => string> = {
  list: (terminal) => listText({ summary, prompts }, { since: undefined, now: NOW, pointers: false }, terminal),
  'list-agrees': (terminal) =>
    listText({ summary: agreeing, prompts }, { since: NOW, now: NOW, pointers: false }, terminal),
  'list-blocked': (terminal) => summaryText({ ...agreeing, stackStatus: 'UPDATE_ROLLBACK_FAILED' }, terminal),
  'diff-words': (terminal) => terminalDiff(compared, terminal),
  'diff-unified': () => unifiedDiff(compared),
  'diff-side-by-side': (terminal) => sideBySideDiff(compared, terminal),
  show: (terminal) =>
    showText(
      {
        ...{
          prompt: 'financial-analysis',
          promptId: 'ABCDEFGHIJ',
          bedrockName: null,
          pointers: ['/prompts/prod/financial-analysis/STAGING'],
          version: 2,
          digest: place(2).digest,
          note: 'shorter answers',
        },
        ...{ time: NOW, source: 'archive', withdrawn: true, aliases: ['STAGING'], variant: second },
        firstReleased: {
          alias: 'STAGING',
          time: '2026-11-20T10:00:00Z',
          operation: 'prompt-registry-1',
          reason: 'ticket 4711',
        },
      },
      terminal,
    ),
  plan: (terminal) =>
    planText(
      {
        ...{ id: 'arn:aws:cloudformation:us-east-1:111122223333:changeSet/promote-PROD-1/1', stack: 'Prompts-prod' },
        ...{ prompt: 'financial-analysis', alias: 'PROD', from: 1, to: 2, diff: compared },
        variables: { added: ['language'], removed: [] },
        model: { from: first.modelId ?? null, to: second.modelId ?? null },
        callers: ['Consumer-prod-Role1ABC9D0C', 'user analyst'],
        callable: { before: [1], after: [2] },
        withdrawn: { before: [], after: [1] },
        reason: 'ticket 4711: shorter answers, agreed with the support desk',
        ...{ stranded: ['STAGING'], touches: ['PROD', 'STAGING'] },
      },
      terminal,
    ),
  history: (terminal) =>
    historyText(
      {
        ...{ prompt: 'financial-analysis', stack: 'Prompts-prod', version: 1 },
        alias: 'PROD',
        notes: [],
        findings: [
          { key: 'k', sequence: 2, problem: 'Gap', message: 'record 4 follows record 2: 1 missing between them' },
        ],
        records: [
          record(1, 'promote', null, 1),
          record(2, 'promote', 1, 2, { reason: 'ticket 4711: shorter answers, agreed with the support desk' }),
          record(4, 'rollback', 2, 1, { undo: true, withdrawn: [2], operation: null }),
        ],
      },
      { since: undefined, count: 10 },
      terminal,
    ),
  timeline: (terminal) =>
    timelineText(
      agreeing,
      [
        { record: record(2, 'promote', 1, 2, { reason: 'ticket 4711: shorter answers' }), isLive: true },
        { record: record(1, 'promote', null, 1), isLive: false },
      ].map((one) => ({ ...one, time: one.record.time })),
      { since: undefined, count: 2 },
      terminal,
    ),
  status: (terminal) =>
    statusText(
      {
        ...{
          prompt: 'financial-analysis',
          stack: 'Prompts-prod',
          stackStatus: 'UPDATE_ROLLBACK_COMPLETE',
          agrees: false,
        },
        aliases: [
          {
            ...{
              alias: 'PROD',
              version: 1,
              callable: [1, 2],
              models: [
                {
                  ...{ version: 1, live: true, model: 'anthropic.claude-3-haiku-20240307-v1:0', status: 'LEGACY' },
                  ...{ end: '2027-03-01', days: 99, successor: 'us.amazon.nova-lite-v1:0' },
                },
                { version: 2, live: false, model: 'us.amazon.nova-pro-v1:0', status: 'ACTIVE', end: null },
                { version: 3, live: false, model: 'us.amazon.nova-new-v1:0', status: null },
                { version: 4, live: false, model: null },
                { version: 5, live: false },
              ],
              notes: ['2 is left over by a rollback and still callable'],
              unread: ['the policies could not be read: iam:GetPolicy is not allowed to you'],
            },
            checks: [
              { what: 'parameter', findings: ['the parameter points to 1, the newest record of the ledger to 2'] },
              { what: 'policy', findings: [] },
            ],
          },
        ],
      },
      terminal,
    ),
};

describe.each(Object.entries(screens))('The output of %s', (name, render) => {
  it.each([
    ['60', fakeTerminal(60, { NO_COLOR: '1' }).terminal],
    ['120', fakeTerminal(120, { NO_COLOR: '1' }).terminal],
    ['120-color', fakeTerminal(120).terminal],
    ['60-ascii', fakeTerminal(60, { NO_COLOR: '1', LANG: 'C' }).terminal],
    ['piped', fakeTerminal(undefined).terminal],
  ])('is the golden one: %s', async (kind, terminal) => {
    const text = printable(render(terminal));
    await expect(`${text}\n`).toMatchFileSnapshot(join(__dirname, 'golden', `${name}.${kind}.txt`));
    if (kind.startsWith('60') && name !== 'diff-unified') {
      expect(Math.max(...text.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(60);
    }
    if (kind !== '120-color') expect(text).not.toContain('\u001b');
  });
});
