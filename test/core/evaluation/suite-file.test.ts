import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { casesOf, metricNames, repeatsOf } from '../../../core/evaluation/evaluation-suite';
import { readSuite } from '../../../core/evaluation/suite-file';

const PATH = 'prompts/x.eval.yaml';
const METRICS = 'metrics:\n  exact: { check: equals, of: expected }';
const CASE = { id: 'a', variables: { ticker: 'AMZN' }, expected: 'yes' };

/** Reads a suite of these files, by their paths from `prompts/`. */
function read(files: Record<string, string | Uint8Array>) {
  return readSuite(PATH, (path) => {
    const found = files[path.replace('prompts/', '')];
    return typeof found === 'string' ? Buffer.from(found) : found;
  });
}

const suiteOf = (cases: readonly unknown[], metrics = METRICS, more: Record<string, string> = {}) =>
  read({
    'x.eval.yaml': `cases: x.cases.jsonl\n${metrics}`,
    'x.cases.jsonl': cases.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n'),
    ...more,
  });

const inline = (metric: string, more: Record<string, string> = {}) => suiteOf([CASE], `metrics:\n  m: ${metric}`, more);

describe('A suite', () => {
  it('of the example is read with its cases, metrics and places', () => {
    const path = 'prompts/financial-analysis.eval.yaml';
    const { suite, digest, files, places } = readSuite(path, (file) => readFileSync(file));
    expect(metricNames(suite)).toEqual(['mentions', 'no-advice', 'brief']);
    expect(digest).toMatch(/^es1:[0-9a-f]{64}$/);
    expect(files).toEqual([path, 'prompts/financial-analysis.cases.jsonl']);
    expect(places.get('jpm-rates')).toBe('prompts/financial-analysis.cases.jsonl:3');
    const [critical] = suite.cases.filter((one) => one.critical);
    expect([repeatsOf(suite, critical as never, 'candidate'), repeatsOf(suite, critical as never, 'live')]).toEqual([
      3, 1,
    ]);
  });

  it('has one digest however its files are written, and another for whatever can change a verdict', () => {
    const cases = [CASE, { ...CASE, id: 'b', tags: ['x', 'y'] }];
    const { digest } = suiteOf(cases);
    const same = [
      suiteOf([{ ...cases[1], tags: ['y', 'x'] }, '', CASE]),
      suiteOf([`{"expected":"yes",  "variables":{"ticker":"AMZN"},"id":"a"}\r`, cases[1]]),
      read({ 'x.eval.yaml': `# a comment\nrepeats: 3\n${METRICS}\ncases: ${JSON.stringify(cases)}\n` }),
    ];
    expect(same.map((one) => one.digest)).toEqual(same.map(() => digest));
    const metrics = (text: string) => suiteOf(cases, `metrics:\n  exact: ${text}`);
    const others = [
      suiteOf([CASE]),
      suiteOf([{ ...CASE, critical: true }, cases[1]]),
      suiteOf([{ ...CASE, expected: 'no' }, cases[1]]),
      suiteOf([{ ...CASE, variables: { ticker: 'amzn' } }, cases[1]]),
      suiteOf([{ ...CASE, checks: [{ check: 'equals', value: 'yes' }] }, cases[1]]),
      suiteOf(cases, METRICS.replace('exact', 'other')),
      suiteOf(cases, `${METRICS}\nrepeats: 5`),
      metrics('{ check: equals, of: expected, ignoreCase: true }'),
      metrics('{ check: equals, of: expected, only: x }'),
      metrics('{ check: contains-all, of: expected }'),
    ].map((one) => one.digest);
    expect(new Set([digest, ...others]).size).toBe(others.length + 1);
  });

  it('has the digest of what its files hold: a schema, a rubric, controls, code', () => {
    const controls = '{"answer":"good","pass":true}\n{"answer":"bad","pass":false}';
    const files = {
      's.json': '{"type":"object"}',
      'r.md': 'Say yes.',
      'c.jsonl': controls,
      'f.mjs': 'export default 1',
    };
    const metrics = [
      'metrics:',
      '  shape: { check: json-schema, schema: ./s.json }',
      '  good: { check: judge, model: m, rubric: r.md, controls: c.jsonl }',
      '  own: { check: function, module: ./f.mjs }',
    ].join('\n');
    const digest = (change: Record<string, string> = {}) => suiteOf([CASE], metrics, { ...files, ...change }).digest;
    expect(digest()).toBe(digest());
    const changes: Record<string, string>[] = [
      { 's.json': '{"type":"array"}' },
      { 'r.md': 'Say no.' },
      { 'c.jsonl': `${controls}\n{"answer":"worse","pass":false}` },
      { 'f.mjs': 'export default 2' },
    ];
    expect(new Set([digest(), ...changes.map(digest)]).size).toBe(5);
    expect(suiteOf([CASE], metrics, files).files).toHaveLength(6);
  });

  it('limits a metric to tags, and makes one metric of the cases’ own checks', () => {
    const own = {
      ...CASE,
      id: 'b',
      tags: ['split'],
      checks: [{ check: 'contains-any', value: ['20-for-1', 'twenty'] }],
    };
    const { suite } = suiteOf(
      [{ id: 'c' }, own],
      'metrics:\n  exact: { check: equals, of: expected, only: split }\n  brief: { check: max-length, words: 9 }',
    );
    expect(metricNames(suite)).toEqual(['exact', 'brief', 'checks']);
    expect(['exact', 'brief', 'checks'].map((name) => casesOf(suite, name).map(({ id }) => id))).toEqual([
      ['b'],
      ['c', 'b'],
      ['b'],
    ]);
  });
});

describe('What is wrong with a suite is said with file and line', () => {
  it.each<[string, () => unknown, string]>([
    ['no cases', () => suiteOf([]), 'prompts/x.cases.jsonl:1: a suite needs cases, found none: write one'],
    [
      '100,000 cases',
      () => suiteOf(['{}\n'.repeat(100_000)]),
      'prompts/x.cases.jsonl:1: a suite has at most 10,000 cases, found 100,000',
    ],
    [
      'no such file',
      () => read({ 'x.eval.yaml': `cases: y.jsonl\n${METRICS}` }),
      'prompts/x.eval.yaml:1: there is no file prompts/y.jsonl',
    ],
    ['no suite', () => read({}), 'prompts/x.eval.yaml:1: there is no file prompts/x.eval.yaml'],
    ['an empty suite', () => read({ 'x.eval.yaml': '' }), 'x.eval.yaml:1: expected cases and metrics'],
    ['a list', () => read({ 'x.eval.yaml': '- a' }), 'x.eval.yaml:1: expected cases and metrics'],
    ['YAML that is none', () => read({ 'x.eval.yaml': 'cases: x\nmetrics: {' }), 'x.eval.yaml:2: '],
    ['bytes', () => read({ 'x.eval.yaml': Uint8Array.of(0xff, 0xfe, 0x00) }), 'x.eval.yaml:1: expected text in UTF-8'],
    [
      'a field nobody knows',
      () => suiteOf([CASE], `${METRICS}\nthreshold: 1`),
      'x.eval.yaml:4: a suite has no field threshold',
    ],
    ['repeats of 0', () => suiteOf([CASE], `${METRICS}\nrepeats: 0`), 'x.eval.yaml:4: repeats is how often'],
    ['an id twice', () => suiteOf([CASE, '', CASE]), 'x.cases.jsonl:3: the id a is taken by prompts/x.cases.jsonl:1'],
    ['no id', () => suiteOf([CASE, { expected: 'b' }]), 'x.cases.jsonl:2: a case needs an id'],
    ['an id with a line end', () => suiteOf([{ ...CASE, id: 'a\nb' }]), 'x.cases.jsonl:1: a case needs an id'],
    [
      'a number as a variable',
      () => suiteOf([{ ...CASE, variables: { n: 1 } }]),
      'x.cases.jsonl:1: variable n of a must be a text, found 1',
    ],
    ['a misspelt field', () => suiteOf([{ ...CASE, expect: 1 }]), 'x.cases.jsonl:1: a case has no field expect'],
    ['half a line', () => suiteOf([CASE, '{"id": "b", ']), 'x.cases.jsonl:2: expected JSON in one line'],
    ['a case that is a text', () => suiteOf(['"a"']), 'x.cases.jsonl:1: expected a case such as'],
    [
      'nothing to compare with',
      () => suiteOf([CASE, { id: 'b' }]),
      'x.cases.jsonl:2: metric exact expects a text in expected of b, there is none; add it, or limit the metric with only',
    ],
    [
      'an empty text to compare with',
      () => suiteOf([{ ...CASE, expected: ' ' }]),
      'x.cases.jsonl:1: metric exact expects a text in expected of a, found " "',
    ],
    [
      'no list of texts',
      () => suiteOf([{ ...CASE, expected: [] }], 'metrics:\n  m: { check: contains-all, of: expected }'),
      'expects a text, or a list of texts, none of them empty in expected of a, found []',
    ],
    [
      'a tag nobody has',
      () => inline('{ check: equals, of: expected, only: z }'),
      'x.eval.yaml:3: no case has the tag z of metric m',
    ],
    ['no metrics at all', () => suiteOf([CASE], ''), 'x.cases.jsonl:1: nothing judges a'],
    [
      'no metric about a critical case',
      () =>
        suiteOf(
          [
            { ...CASE, tags: ['z'] },
            { ...CASE, id: 'b', critical: true },
          ],
          'metrics:\n  m: { check: equals, of: expected, only: z }',
        ),
      'x.cases.jsonl:2: nothing judges b',
    ],
    [
      'a metric called checks',
      () => suiteOf([CASE], 'metrics:\n  checks: { check: equals, value: a }'),
      'x.eval.yaml:3: the name of a metric',
    ],
    [
      'a check that is none',
      () => inline('{ check: equal, of: expected }'),
      'x.eval.yaml:3: there is no check "equal": there are equals, contains-all',
    ],
    [
      'both of and value',
      () => inline('{ check: equals, of: expected, value: a }'),
      'x.eval.yaml:3: equals has of and value',
    ],
    ['neither of them', () => inline('{ check: equals }'), 'x.eval.yaml:3: equals needs what to compare with'],
    [
      'a path elsewhere',
      () => inline('{ check: equals, of: answer.text }'),
      'x.eval.yaml:3: of is a path into the case',
    ],
    [
      'a setting of another check',
      () => inline('{ check: equals, of: expected, atLeast: 1 }'),
      'x.eval.yaml:3: equals has no atLeast',
    ],
    [
      'half a regular expression',
      () => inline("{ check: regex, value: '(' }"),
      'x.eval.yaml:3: value of regex: expected a regular expression, found "("',
    ],
    [
      'F1 without a threshold',
      () => inline('{ check: token-f1, of: expected }'),
      'x.eval.yaml:3: token-f1 needs atLeast',
    ],
    [
      'F1 of 2',
      () => inline('{ check: token-f1, of: expected, atLeast: 2 }'),
      'atLeast of token-f1: expected a number above 0, at most 1, found 2',
    ],
    [
      'a path with a wildcard',
      () => inline("{ check: json-path, value: 1, path: '$.a[*]' }"),
      'path of json-path: expected a path to one value',
    ],
    [
      'a length of nothing',
      () => inline('{ check: max-length }'),
      'x.eval.yaml:3: max-length needs words or characters',
    ],
    [
      'a schema that is no JSON',
      () => inline('{ check: json-schema, schema: s.json }', { 's.json': '{' }),
      'prompts/s.json:1: expected JSON',
    ],
    [
      'a schema that is none',
      () => inline('{ check: json-schema, schema: s.json }', { 's.json': '{"type":"objekt"}' }),
      'x.eval.yaml:3: schema of json-schema: #/type',
    ],
    [
      'a schema that takes everything',
      () => inline('{ check: json-schema, schema: { title: answer } }'),
      'it has no keyword, so every JSON would pass',
    ],
    [
      'a schema with a lost reference',
      () => inline("{ check: json-schema, schema: { items: { $ref: '#/$defs/x' } } }"),
      '$ref "#/$defs/x" leads nowhere',
    ],
    [
      'a schema from the network',
      () => inline("{ check: json-schema, schema: { $ref: 'https://example.com/s' } }"),
      'schema of json-schema: #/$ref',
    ],
    [
      'a judge without controls',
      () => inline('{ check: judge, model: m, rubric: r.md }', { 'r.md': 'r' }),
      'x.eval.yaml:3: judge needs controls',
    ],
    [
      'controls of one kind',
      () =>
        inline('{ check: judge, model: m, rubric: r.md, controls: c.jsonl }', {
          'r.md': 'r',
          'c.jsonl': '{"answer":"a","pass":true}',
        }),
      'it has no answer with "pass": false; a judge that always says yes would not be noticed',
    ],
    [
      'a control without a verdict',
      () =>
        inline('{ check: judge, model: m, rubric: r.md, controls: c.jsonl }', {
          'r.md': 'r',
          'c.jsonl': '{"answer":"a"}',
        }),
      'prompts/c.jsonl:1: expected a control',
    ],
    [
      'an empty rubric',
      () =>
        inline('{ check: judge, model: m, rubric: r.md, controls: c.jsonl }', {
          'r.md': '',
          'c.jsonl': '{"answer":"a","pass":true}\n{"answer":"a","pass":false}',
        }),
      'rubric of judge: expected',
    ],
    [
      'a judge of one case',
      () => suiteOf([{ ...CASE, checks: [{ check: 'judge' }] }]),
      'x.cases.jsonl:1: judge is a check of metrics',
    ],
    [
      'code that is not there',
      () => inline('{ check: function, module: ./f.mjs }'),
      'x.eval.yaml:3: there is no file prompts/f.mjs',
    ],
    [
      'own checks that are no list',
      () => suiteOf([{ ...CASE, checks: 'equals' }]),
      'x.cases.jsonl:1: checks of a are a list',
    ],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(expect.objectContaining({ code: 'InvalidSuite', message: expect.stringContaining(message) }));
  });

  it('all at once, and no more than anybody reads', () => {
    const act = () => suiteOf(Array.from({ length: 50 }, () => ({ variables: {} })));
    expect(act).toThrow(/:1: a case needs an id[\s\S]*:20: a case needs an id[\s\S]*and 30 more$/);
  });
});
