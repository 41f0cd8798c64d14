import { describe, expect, it } from 'vitest';
import { checkKind } from '../../../core/evaluation/checks';
import { checksOf, type EvaluationSuite } from '../../../core/evaluation/evaluation-suite';
import { fromLangfuse } from '../../../core/evaluation/from-langfuse';
import { fromPromptfoo } from '../../../core/evaluation/from-promptfoo';
import { toLangfuse, toPromptfoo } from '../../../core/evaluation/to-foreign';
import { wantedBy } from '../../../core/evaluation/wanted-by';

const CONFIG = `
prompts: [file://prompt.txt]
defaultTest:
  vars: { language: en }
  assert: [{ type: not-icontains, value: buy }]
tests:
  - description: Amazon, after the split!
    vars: { ticker: AMZN }
    assert:
      - { type: icontains, value: '{{ticker}}' }
      - { type: llm-rubric, value: is polite }
      - { type: latency, threshold: 500 }
  - vars: { ticker: [MSFT, JPM], days: 3 }
    assert: [{ type: is-json }, { type: contains-any, value: [a, b] }, { type: equals, value: file://answer.txt }]
    options: { transform: output.trim() }
  - description: Amazon, after the split!
    vars: { ticker: X }
`;

describe('Cases of promptfoo', () => {
  it('come with what is a check of one answer, and with a list of what is not', () => {
    const { cases, lost } = fromPromptfoo(CONFIG);
    const noBuy = { check: 'not-contains', value: ['buy'], ignoreCase: true };
    expect(cases.map(({ id }) => id)).toEqual(['Amazon-after-the-split', 'test-2', 'Amazon-after-the-split-2']);
    expect(cases[0]).toMatchObject({
      variables: { language: 'en', ticker: 'AMZN' },
      checks: [noBuy, { check: 'contains-all', value: ['AMZN'], ignoreCase: true }],
    });
    expect(cases[1]).toMatchObject({
      variables: { language: 'en', ticker: '["MSFT","JPM"]', days: '3' },
      checks: [noBuy, { check: 'json-schema' }, { check: 'contains-any', value: ['a', 'b'] }],
    });
    expect(lost.map(({ where, what }) => `${where}: ${what}`)).toEqual([
      'tests[0].assert[1]: llm-rubric is no check of one answer by its text',
      'tests[0].assert[2]: latency is no check of one answer by its text',
      'tests[0].assert: threshold counts for nothing: a case passes or does not',
      'tests[1].options: has no counterpart',
      'tests[1].assert[2]: equals is no check of one answer by its text',
      'tests[1].vars.ticker: a list stands for several tests',
    ]);
  });

  it.each([
    ['nothing', ''],
    ['a text', 'hello'],
    ['tests elsewhere', 'tests: file://tests.csv'],
    ['a list of texts', '[a, b]'],
    ['an assertion of an inherited name', '[{ assert: [{ type: constructor }] }]'],
  ])('%s is no crash', (_, source) => {
    expect(() => fromPromptfoo(source)).not.toThrow();
  });

  it('that are no YAML say so', () => {
    expect(() => fromPromptfoo('tests: [')).toThrow(expect.objectContaining({ code: 'InvalidSuite' }));
  });

  it('come back from an export as checks that decide alike', () => {
    const suite: EvaluationSuite = {
      metrics: [
        { name: 'mentions', check: { check: 'contains-all', of: 'expected.words', ignoreCase: true } },
        { name: 'any', check: { check: 'contains-any', value: ['up', 'down'] } },
        { name: 'no', check: { check: 'not-contains', value: ['buy', 'sell'] } },
        { name: 'polite', check: { check: 'refusal', value: false } },
        { name: 'words', check: { check: 'regex', value: '\\w+' } },
      ],
      cases: [
        { id: 'a', variables: { ticker: 'AMZN' }, expected: { words: ['AMZN', 'split'] } },
        { id: 'b', variables: { ticker: 'JPM' }, expected: { words: 'JPM' } },
      ],
      repeats: 3,
    };
    const { content, lost } = toPromptfoo(suite);
    expect(lost).toEqual([]);
    const back = fromPromptfoo(JSON.stringify(content));
    expect(back.lost.map(({ what }) => what)).toEqual(
      back.cases.map(() => 'metric counts for nothing: a case passes or does not'),
    );
    const answers = ['amzn SPLIT goes up', 'JPM down', 'JPM down, buy', 'I cannot say, up AMZN split', ''];
    const decisions = (of: EvaluationSuite) =>
      of.cases.flatMap((one) =>
        answers.map((text) => {
          const answer = { text, toolCalls: [], stopReason: 'end_turn', inputTokens: 1, outputTokens: 1, latencyMs: 1 };
          const checks = checksOf(of, one).flatMap(([, list]) => list);
          return checks.every(
            (check) => !checkKind(check.check)?.complaint?.(answer, wantedBy(check, one) as never, check),
          );
        }),
      );
    expect(decisions({ metrics: [], cases: back.cases, repeats: 3 })).toEqual(decisions(suite));
    expect(new Set(decisions(suite)).size).toBe(2);
  });

  it('say what an export leaves behind', () => {
    const { lost } = toPromptfoo({
      metrics: [
        { name: 'close', check: { check: 'token-f1', of: 'expected', atLeast: 0.5 } },
        { name: 'good', check: { check: 'judge', model: 'm', rubric: 'r', controls: [] } },
      ],
      cases: [{ id: 'a', variables: {}, expected: 'x', critical: true }],
      repeats: 3,
    });
    expect(lost.map(({ where }) => where).toSorted()).toEqual(['close', 'critical', 'good']);
  });
});

describe('Items of a Langfuse dataset', () => {
  const items = [
    { id: 'i1', status: 'ACTIVE', input: { ticker: 'AMZN', days: 3 }, expectedOutput: 'It rose.' },
    { id: 'i2', status: 'ARCHIVED', input: { ticker: 'X' } },
    { id: 'i3', status: 'ACTIVE', input: 'JPM', expectedOutput: 'It fell.' },
  ];

  it.each([
    ['as the API answers them', JSON.stringify({ data: items, meta: {} })],
    ['as a list', JSON.stringify(items)],
    ['one a line', items.map((item) => JSON.stringify(item)).join('\n')],
  ])('come %s', (_, source) => {
    const { cases, metrics, lost } = fromLangfuse(source, ['ticker']);
    expect(cases).toEqual([
      { id: 'i1', variables: { ticker: 'AMZN', days: '3' }, expected: 'It rose.' },
      { id: 'i3', variables: { ticker: 'JPM' }, expected: 'It fell.' },
    ]);
    expect(Object.keys(metrics)).toEqual(['close']);
    expect(lost).toEqual([expect.objectContaining({ where: 'i2', what: 'is archived' })]);
  });

  it('say where nobody knows what they ask', () => {
    const { lost } = fromLangfuse(JSON.stringify([{ id: 'x', input: 'JPM' }]), ['ticker', 'language']);
    expect(lost.map(({ what }) => what)).toEqual([
      'its input is no object of texts, and the prompt has 2 variables',
      'a dataset has none',
    ]);
    expect(() => fromLangfuse('{"id": "x"}\nno', [])).toThrow('line 2: expected JSON');
  });

  it('come back from an export with ids, variables and what is expected', () => {
    const cases = [{ id: 'a', variables: { ticker: 'AMZN' }, expected: 'rose', critical: true as const, tags: ['t'] }];
    const { content } = toLangfuse({ cases, metrics: [], repeats: 3 }, 'financial-analysis');
    const { cases: back } = fromLangfuse(JSON.stringify(content), []);
    expect(back).toEqual([{ id: 'a', variables: { ticker: 'AMZN' }, expected: 'rose' }]);
  });
});
