import { describe, expect, it } from 'vitest';
import { CHECK_KINDS, checkKind } from '../../../core/evaluation/checks';
import type { Check } from '../../../core/evaluation/evaluation-suite';
import { inTime } from '../../../core/evaluation/in-time';
import type { ModelAnswer } from '../../../core/evaluation/model-answer';
import { wantedBy } from '../../../core/evaluation/wanted-by';

const answer = (text: string, more: Partial<ModelAnswer> = {}): ModelAnswer => ({
  text,
  toolCalls: [],
  stopReason: 'end_turn',
  inputTokens: 1,
  outputTokens: 1,
  latencyMs: 1,
  ...more,
});

/** Why the answer does not pass; undefined where it does. */
function complaint(check: Check, said: string | ModelAnswer): string | undefined {
  const value = wantedBy(check, { variables: {} }) as never;
  return checkKind(check.check)?.complaint?.(typeof said === 'string' ? answer(said) : said, value, check);
}

const SCHEMA = { type: 'object', properties: { rating: { type: 'integer', maximum: 5 } }, required: ['rating'] };
const call = (name: string, given: unknown) => answer('', { toolCalls: [{ name, arguments: given }] });

describe('A check', () => {
  it.each([
    ['json', '```json\n{"rating": 5}\n```', true],
    ['no name, white space around it and line ends of Windows', ' \n```\r\n\r\n{"rating": 5}\r\n \t```\n\n', true],
    ['capitals and empty lines', '```JSON \n\n{"rating":\n5}\n\n```', true],
    ['another language', '```js\n{"rating": 5}\n```', false],
    ['an end in the line of the text', '```json\n{"rating": 5}```', false],
    ['words before it', 'Here:\n```json\n{"rating": 5}\n```', false],
    ['no end', '```json\n{"rating": 5}\n', false],
    ['nothing', '```json\n```', false],
    ['nothing but its end', '```', false],
  ])('reads JSON in a fence, where it may: %s', (_, said, isRead) => {
    expect(complaint({ check: 'json-schema', schema: SCHEMA, allowFence: true }, said) === undefined).toBe(isRead);
    expect(complaint({ check: 'json-schema', schema: SCHEMA }, said)).toMatch(isRead ? /fence/ : /is no JSON/);
  });

  // A model that loops: it took a minute and more, by the cube of the line ends.
  it('reads an answer of line ends by the thousand', () => {
    const said = `\`\`\`json${'\n'.repeat(5_000)}{`;
    const found = inTime('such an answer', () => complaint({ check: 'json-path', path: '$.a', value: 1 }, said));
    expect(found).toContain('is no JSON');
  });

  it.each<[Check, string | ModelAnswer]>([
    [{ check: 'equals', value: 'Yes' }, ' Yes\n'],
    [{ check: 'equals', value: "it's" }, 'it’s'],
    [{ check: 'equals', value: 'é' }, 'e\u0301'],
    [{ check: 'equals', value: 'yes', ignoreCase: true }, 'YES'],
    [{ check: 'contains-all', value: ['5-for-1', 'split'] }, 'a 5-for-1 split'],
    [{ check: 'contains-all', value: '1 000' }, '1\u202f000 euros'],
    [{ check: 'contains-any', value: ['a', 'b'] }, 'b'],
    [{ check: 'not-contains', value: ['buy'] }, 'hold'],
    [{ check: 'regex', value: '^- \\w+$' }, 'List:\n- one'],
    [{ check: 'json-schema', schema: SCHEMA }, '{"rating": 5}'],
    [{ check: 'json-schema', schema: SCHEMA, allowFence: true }, '```json\n{"rating": 5}\n```'],
    [{ check: 'json-path', path: '$.a[0].b', value: 1 }, '{"a":[{"b":1.0}]}'],
    [{ check: 'json-path', path: "$['a b']", value: null }, '{"a b":null}'],
    [{ check: 'max-length', words: 2 }, 'two words'],
    [{ check: 'max-length', characters: 2 }, '😀😀'],
    [{ check: 'token-f1', value: 'the cat sat', atLeast: 0.8 }, 'The cat, sat.'],
    [{ check: 'refusal', value: true }, "I'm sorry, but I can’t help with that."],
    [{ check: 'refusal', value: true }, 'I cannot give investment advice.'],
    [{ check: 'refusal', value: true }, "As an AI language model, I'm not able to browse."],
    [{ check: 'refusal', value: true }, 'Unfortunately, I am unable to answer.'],
    [{ check: 'refusal', value: true }, answer('', { stopReason: 'guardrail_intervened' })],
    [{ check: 'refusal', value: false }, 'Amazon rose. I cannot say more.'],
    [{ check: 'refusal', value: false }, 'I can explain that.'],
    [{ check: 'tool-call', value: null }, 'no call'],
    [
      { check: 'tool-call', value: { name: 'price', arguments: { ticker: 'AMZN' } } },
      call('price', { ticker: 'AMZN', days: 3 }),
    ],
    [{ check: 'tool-call', value: { name: 'price' } }, call('price', {})],
  ])('%o takes %o', (check, said) => {
    expect(complaint(check, said)).toBeUndefined();
  });

  it.each<[Check, string | ModelAnswer, string]>([
    [{ check: 'equals', value: 'yes' }, 'Yes', 'is "Yes", not "yes"'],
    [{ check: 'equals', value: 'yes' }, '', 'is "", not "yes"'],
    [{ check: 'contains-all', value: ['5-for-1', 'split'] }, 'a split', '"5-for-1" is missing'],
    [{ check: 'contains-all', value: ['a', 'b'] }, '', '"a", "b" are missing'],
    [{ check: 'contains-any', value: ['a', 'b'] }, 'c', 'none of "a", "b" is in it'],
    [{ check: 'not-contains', value: ['buy'], ignoreCase: true }, 'Buy!', '"buy" is in it'],
    [{ check: 'not-contains', value: ['buy'] }, ' ', 'is empty'],
    [{ check: 'regex', value: '^ok$' }, 'not ok', '/^ok$/ does not match "not ok"'],
    [{ check: 'json-schema', schema: SCHEMA }, '{"rating": 6}', '$/rating: 6 is greater than 5.'],
    [{ check: 'json-schema', schema: SCHEMA }, 'Sure! {"rating": 5}', 'is no JSON: "Sure! {\\"rating\\": 5}"'],
    [{ check: 'json-schema', schema: SCHEMA }, '```json\n{"rating": 5}\n```', 'stands in a ``` fence'],
    [{ check: 'json-schema', schema: SCHEMA }, '', 'is empty'],
    [{ check: 'json-path', path: '$.a', value: 1 }, '{"a":"1"}', '$.a is "1", not 1'],
    [{ check: 'json-path', path: '$.a.b', value: 1 }, '{"a":[1]}', 'has no $.a.b'],
    [{ check: 'json-path', path: '$.constructor', value: 1 }, '{}', 'has no $.constructor'],
    [{ check: 'max-length', words: 1 }, 'two words', 'has 2 words, more than 1'],
    [{ check: 'max-length', characters: 1 }, 'ab', 'has 2 characters, more than 1'],
    [{ check: 'max-length', words: 1 }, '', 'is empty'],
    [{ check: 'regex', value: '^(?!.*guaranteed)' }, '\n', 'is empty'],
    [{ check: 'refusal', value: false }, answer('', { stopReason: 'max_tokens' }), 'is empty: max_tokens'],
    [{ check: 'tool-call', value: null }, '', 'is empty'],
    [{ check: 'token-f1', value: 'the cat sat', atLeast: 0.8 }, 'a dog', 'F1 is 0.00, less than 0.8'],
    [{ check: 'token-f1', value: 'cat', atLeast: 0.8 }, 'cat cat cat', 'F1 is 0.50, less than 0.8'],
    [{ check: 'refusal', value: true }, 'Of course: …', 'does not decline: "Of course: …"'],
    [{ check: 'refusal', value: false }, 'Sorry, I cannot do that.', 'declines: "Sorry, I cannot do that."'],
    [{ check: 'refusal', value: false }, answer('', { stopReason: 'content_filtered' }), 'declines: content_filtered'],
    [{ check: 'tool-call', value: null }, call('price', {}), 'calls price({}), and should call no tool'],
    [{ check: 'tool-call', value: { name: 'price' } }, 'The price is 3.', 'calls no tool, not price'],
    [
      { check: 'tool-call', value: { name: 'price', arguments: { ticker: 'A' } } },
      call('price', { ticker: 'B' }),
      'calls price({"ticker":"B"}), not with {"ticker":"A"}',
    ],
    [
      { check: 'tool-call', value: { name: 'price', arguments: { ticker: 'A' } } },
      call('price', 'garbage'),
      'calls price("garbage")',
    ],
  ])('%o refuses %o', (check, said, reason) => {
    expect(complaint(check, said)).toContain(reason);
  });

  it('says nothing of an answer that was garbage but: it does not pass', () => {
    const checks: Check[] = [
      { check: 'equals', value: 'a' },
      { check: 'contains-all', value: 'a' },
      { check: 'contains-any', value: 'a' },
      { check: 'not-contains', value: 'a' },
      { check: 'regex', value: 'a' },
      { check: 'json-schema', schema: SCHEMA },
      { check: 'json-path', path: '$.a', value: 1 },
      { check: 'max-length', words: 3 },
      { check: 'token-f1', value: 'a', atLeast: 0.1 },
      { check: 'refusal', value: true },
      { check: 'tool-call', value: { name: 'a' } },
    ];
    expect(checks.filter((check) => complaint(check, '') === undefined)).toEqual([]);
    const judgedByAnswer = CHECK_KINDS.filter((kind) => kind.complaint).map(({ name }) => name);
    expect(checks.map(({ check }) => check)).toEqual(judgedByAnswer);
  });
});
