import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { parseGatesByAlias } from '../../core/release/gate';
import { AliasTarget, type EvaluationGateProps, Gate, PromptRegistry } from '../../lib';
import { newApp, promptIn, resourcesOf, stackIn, templateOf } from './prompt-app';

const folder = mkdtempSync(join(tmpdir(), 'suite-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MEASURED = 'arn:aws:iam::111122223333:role/Pipeline';

function suiteOf(cases: number, metrics = '{ exact: { check: equals, of: expected } }'): string {
  const path = join(folder, `${cases}-${metrics.length}.eval.yaml`);
  const lines = Array.from({ length: cases }, (_, index) => JSON.stringify({ id: `c${index}`, expected: 'x' }));
  writeFileSync(`${path}.jsonl`, lines.join('\n'));
  writeFileSync(path, `cases: ${cases}-${metrics.length}.eval.yaml.jsonl\nmetrics: ${metrics}\n`);
  return path;
}

function gateOf(props: Partial<EvaluationGateProps>) {
  const stack = stackIn();
  const gate = Gate.evaluation({ by: 'measured', suite: suiteOf(200), ...props });
  new PromptRegistry(stack, 'Registry', {
    ...{ parameterPrefix: '/prompts/prod', reviewers: { measured: [MEASURED] } },
    gates: { PROD: [gate] },
  });
  const functions = Object.values(resourcesOf(templateOf(stack), 'AWS::Lambda::Function'));
  const texts = functions.flatMap(({ Properties }) => Properties.Environment?.Variables?.GATES ?? []);
  return parseGatesByAlias(texts[0]).PROD?.[0];
}

describe('Gate.evaluation()', () => {
  it('keeps the digest of the suite, and asks that no metric is worse than what is live', () => {
    expect(gateOf({})).toEqual({
      ...{ gate: 'evaluation', by: 'measured', suite: expect.stringMatching(/^es1:[0-9a-f]{64}$/) },
      ...{ atLeast: {}, noWorseThanLive: { exact: 0.1 } },
    });
  });

  it('asks for what is named and nothing else', () => {
    expect(gateOf({ atLeast: { exact: 0.95 } })).toMatchObject({ atLeast: { exact: 0.95 }, noWorseThanLive: {} });
    expect(gateOf({ noWorseThanLive: { exact: 0.05 } })).toMatchObject({
      atLeast: {},
      noWorseThanLive: { exact: 0.05 },
    });
    const suite = `es1:${'a1'.repeat(32)}`;
    expect(gateOf({ suite, atLeast: { any: 1 } })).toMatchObject({ suite, atLeast: { any: 1 }, noWorseThanLive: {} });
  });

  it.each<[string, () => Partial<EvaluationGateProps>, string]>([
    ['a metric that the suite has not', () => ({ atLeast: { shape: 1 } }), 'found shape: it has exact'],
    ['a margin that the suite cannot show', () => ({ suite: suiteOf(12) }), 'write 25 cases or more'],
    ['a share above 1', () => ({ atLeast: { exact: 95 } }), 'at most 1 as atLeast of exact'],
    ['a margin of everything', () => ({ noWorseThanLive: { exact: 1 } }), 'between 0 and 1'],
    ['a digest and no metric', () => ({ suite: `es1:${'a1'.repeat(32)}` }), 'any run would open the gate'],
    ['lists of no metric', () => ({ atLeast: {}, noWorseThanLive: {} }), 'any run would open the gate'],
    ['an empty list for the default', () => ({ atLeast: {} }), 'any run would open the gate'],
    ['a group of another form', () => ({ by: 'Measured!' }), 'Measured!'],
    [
      'a suite that is not there',
      () => ({ suite: 'prompts/none.eval.yaml' }),
      'there is no file prompts/none.eval.yaml',
    ],
    ['a folder', () => ({ suite: folder }), 'there is no file'],
    [
      'a suite with a mistake',
      () => ({ suite: suiteOf(3, '{ exact: { check: equal } }') }),
      'there is no check "equal"',
    ],
    [
      'code of its own',
      () => ({ suite: suiteOf(200, '{ own: { check: function, module: ./vitest.mjs } }') }),
      'which is code of your own',
    ],
  ])('refuses %s', (what, props, message) => {
    if (what === 'code of its own') writeFileSync(join(folder, 'vitest.mjs'), 'export default () => true;\n');
    expect(() => gateOf(props())).toThrow(message);
  });

  it('needs a group that somebody is in, and an alias that somebody moves', () => {
    const gate = Gate.evaluation({ by: 'measured', suite: suiteOf(200) });
    const stack = stackIn(newApp());
    const registry = new PromptRegistry(stack, 'Registry', { reviewers: { risk: [MEASURED] } });
    const prompt = promptIn(stack, { registry });
    expect(() => prompt.addAlias('PROD', { target: AliasTarget.parameter(), gates: [gate] })).toThrow('measured');
    expect(() => gateOnFollower(gate)).toThrow('follows the content');
  });
});

describe('A gate that compares with what is live and asks for nothing else', () => {
  const warnings = (stack: Stack) =>
    Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('firstReleaseUnmeasured'))
      .map(({ id, entry }) => `${id} ${/^a gate of evaluations of \S+/.exec(String(entry.data))?.[0]}`);
  const reviewers = { measured: [MEASURED] };
  const asking = (props: Partial<EvaluationGateProps> = {}) =>
    Gate.evaluation({ by: 'measured', suite: suiteOf(200), ...props });

  it.each<[string, Partial<EvaluationGateProps>, number]>([
    ['of every metric, by default', {}, 1],
    ['of one metric', { noWorseThanLive: { exact: 0.1 } }, 1],
    ['of a digest', { suite: `es1:${'a1'.repeat(32)}`, noWorseThanLive: { any: 0.1 } }, 1],
    ['and a floor', { noWorseThanLive: { exact: 0.1 }, atLeast: { exact: 0.5 } }, 0],
    ['by a floor alone', { atLeast: { exact: 0.5 } }, 0],
  ])('draws one warning, or none: %s', (_, props, count) => {
    const stack = stackIn();
    const gates = { PROD: [asking(props)], STAGING: [] };
    const registry = new PromptRegistry(stack, 'Registry', { reviewers, gates });
    promptIn(stack, { registry }).addAlias('PROD', { target: AliasTarget.parameter() });
    expect(warnings(stack)).toEqual(Array(count).fill('/Prompts/Registry a gate of evaluations of PROD'));
  });

  it('draws it where the alias has the gate', () => {
    const stack = stackIn();
    const registry = new PromptRegistry(stack, 'Registry', { reviewers });
    promptIn(stack, { registry }).addAlias('PROD', { target: AliasTarget.parameter(), gates: [asking()] });
    expect(warnings(stack)).toEqual(['/Prompts/FinancialAnalysis/PROD a gate of evaluations of PROD']);
  });
});

function gateOnFollower(gate: Gate) {
  const stack = stackIn(newApp());
  const registry = new PromptRegistry(stack, 'Registry', { reviewers: { measured: [MEASURED] } });
  promptIn(stack, { registry }).addAlias('PROD', { gates: [gate] });
}
