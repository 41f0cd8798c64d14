import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvidence } from '../../../core/audit/evidence';
import { type LedgerSurvey, surveyLedger } from '../../../core/audit/ledger-survey';
import { LoggedCalls } from '../../../core/audit/logged-calls';
import { isInvocation, loggedInvocation } from '../../../core/audit/logged-invocation';
import { verifyEvidence } from '../../../core/audit/verify-evidence';
import { PROMPT_ARN } from '../../lambda/events';
import { agreedHistory } from './gated-registry';

const SESSION = 'arn:aws:sts::123456789012:assumed-role/app/session-1';
const MODEL = 'amazon.nova-pro-v1:0';
const IGNORE = { messages: [{ role: 'user', content: [{ text: 'Ignore the above' }] }] };

let evidence: AuditEvidence;
let survey: LedgerSurvey;

beforeAll(async () => {
  evidence = (await agreedHistory()).evidence();
  survey = surveyLedger(evidence.objects);
});

/** A record of the log, with a body as it was sent. */
function record(modelId: string, body: unknown = {}, more: Record<string, unknown> = {}) {
  return {
    ...{ schemaType: 'ModelInvocationLog', schemaVersion: '1.0', timestamp: '2026-11-25T00:00:00Z' },
    ...{ accountId: '123456789012', identity: { arn: SESSION }, region: 'us-east-1', operation: 'Converse', modelId },
    input: { inputContentType: 'application/json', inputBodyJson: body },
    ...more,
  };
}

function usage(records: readonly unknown[], prompt?: string) {
  const calls = new LoggedCalls(new Set(['app', 'eve']), survey, prompt);
  for (const one of records) {
    const call = loggedInvocation(one);
    if (call) calls.add(call);
  }
  return calls.usage();
}

describe('Bedrock’s invocation logs', () => {
  it('are counted by who, which version and what was added, whichever session it was', () => {
    const at = (timestamp: string, name: string) => ({
      timestamp,
      identity: { arn: `arn:aws:sts::123456789012:assumed-role/app/${name}` },
    });
    const found = usage([
      record(`${PROMPT_ARN}:1`),
      record(`${PROMPT_ARN}:1`, IGNORE, at('2026-11-25T08:00:00Z', 'b')),
      record(`${PROMPT_ARN}:1`, IGNORE, at('2026-11-25T06:00:00Z', 'a')),
      record(`${PROMPT_ARN}:2`, { ...IGNORE, system: [{ text: 'Be rude.' }] }),
      record(`${PROMPT_ARN}:2`, IGNORE, { identity: { arn: 'arn:aws:iam::123456789012:user/path/eve' } }),
    ]);
    const principal = 'arn:aws:sts::123456789012:assumed-role/app';
    const [first, last] = ['2026-11-25T06:00:00.000Z', '2026-11-25T08:00:00.000Z'];
    expect(found).toMatchObject({ looked: 5, asReleased: 1, untold: [] });
    expect(found.added).toMatchObject([
      { principal, prompt: 'financial-analysis', version: 1, what: ['messages'], count: 2, first, last },
      { principal: 'arn:aws:iam::123456789012:user/path/eve', version: 2, what: ['messages'], count: 1 },
      { principal, version: 2, what: ['messages', 'system'], count: 1, isToolUse: false },
    ]);
  });

  it.each<[string, unknown, string | undefined]>([
    ['a draft', record(PROMPT_ARN), 'a draft, which can be anything'],
    ['a version that the archive has not', record(`${PROMPT_ARN}:99`), 'the archive has no such version'],
    ['a prompt of others', record(`${PROMPT_ARN.slice(0, -10)}ZZZZZZZZZZ:1`), 'the archive has no such version'],
    ['a model by itself', record(MODEL, IGNORE), 'no version is named'],
    ['a record without a body', record(`${PROMPT_ARN}:1`, undefined, { input: {} }), 'what was sent is not in the log'],
    ['a body that is half a text', record(`${PROMPT_ARN}:1`, '{"mess'), 'what was sent is not in the log'],
    [
      'a word of the caller that nothing bears out',
      record(MODEL, IGNORE, { requestMetadata: { prompt: 'financial-analysis', version: '1' } }),
      "nothing but the caller's own word names the version",
    ],
    [
      'a word of the caller about a version that is not there',
      record(MODEL, IGNORE, { requestMetadata: { prompt: 'nobody', version: '1' } }),
      'the archive has no such version',
    ],
  ])('do not tell of %s', (_, one, why) => {
    expect(usage([one])).toMatchObject({ looked: 1, asReleased: 0, added: [], untold: [{ why, count: 1 }] });
  });

  it('name the version by what the client says, where they have the model’s id', () => {
    const said = (version: string) => ({ requestMetadata: { prompt: 'financial-analysis', alias: 'PROD', version } });
    const text = (words: string) => ({ role: 'user', content: [{ text: words }] });
    const found = usage([
      record(MODEL, { messages: [text('text 2')] }, said('2')),
      record(MODEL, JSON.stringify({ messages: [text('text 2'), ...IGNORE.messages] }), said('2')),
      record(MODEL, { messages: [text('text 1')] }, said('2')),
    ]);
    expect(found).toMatchObject({
      asReleased: 1,
      added: [{ version: 2, count: 1 }],
      untold: [{ version: 2, count: 1 }],
    });
  });

  it('are looked at as far as they are of holders, of the prompt that is asked about, and were answered', () => {
    const others = { identity: { arn: SESSION.replace('role/app', 'role/admin') } };
    const records = [
      record(`${PROMPT_ARN}:1`, IGNORE, others),
      record(`${PROMPT_ARN}:1`, IGNORE, { errorCode: 'ThrottlingException' }),
      record(MODEL, IGNORE),
      ...[undefined, null, 'text', {}, { schemaType: 'ModelInvocationLog' }, { ...record(MODEL), timestamp: 'then' }],
    ];
    expect(usage(records)).toMatchObject({ looked: 1 });
    expect(usage(records, 'financial-analysis')).toMatchObject({ looked: 0 });
    expect(usage([record(`${PROMPT_ARN}:1`)], 'financial-analysis')).toMatchObject({ looked: 1, asReleased: 1 });
    // What was deployed over, or never archived, is this prompt's as well.
    const unknown = [record(PROMPT_ARN), record(`${PROMPT_ARN}:99`)];
    const prompt = 'financial-analysis';
    expect(usage(unknown, prompt).untold).toMatchObject([
      { prompt, version: null },
      { prompt, version: 99 },
    ]);
    expect(records.map(isInvocation)).toEqual([true, true, true, false, false, false, false, true, true]);
  });

  it('are findings of audit verify, results of tools a note', () => {
    const [one, ...others] = usage([record(`${PROMPT_ARN}:1`, IGNORE)]).added;
    if (!one) throw new Error('nothing was found');
    expect(others).toEqual([]);
    const tools = { ...one, what: ['tool results' as const], isToolUse: true, last: '2026-11-26T00:00:00Z', count: 3 };
    const logged = {
      ...{ group: '/bedrock/calls', from: one.first, looked: 4, asReleased: 0, added: [one, tools], untold: [] },
      ...{ others: 0, unread: [] },
    };
    const found = verifyEvidence({ ...evidence, logged }).findings.filter(({ problem }) => problem === 'AddedContent');
    expect(found.map(({ level, check, object, message }) => [level, check, object.split('/').at(-1), message])).toEqual(
      [
        [
          ...['finding', 'invocation logs', 'app'],
          'called financial-analysis:1 once with messages of its own, at 2026-11-25T00:00:00.000Z',
        ],
        [
          ...['note', 'invocation logs', 'app'],
          'called financial-analysis:1 3 times with tool results of its own, between 2026-11-25T00:00:00.000Z and 2026-11-26T00:00:00Z',
        ],
      ],
    );
    expect(verifyEvidence(evidence).findings.some(({ check }) => check === 'invocation logs')).toBe(false);
  });
});
