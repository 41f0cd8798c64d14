import { describe, expect, it } from 'vitest';
import { guardrailFindings, targetFindings } from '../../cli/alias-differences';
import type { RegistryStack, StackAlias } from '../../cli/registry-stack';

const ARN = 'arn:aws:bedrock:us-east-1:111122223333:guardrail/abcdefghijkl';
const three = { accepted: [`${ARN}:3`], acceptsNone: false };
const change = { accepted: [`${ARN}:4`, `${ARN}:3`], acceptsNone: false };
const unknown = { accepted: [null], acceptsNone: false };

describe('What clients are told of guardrails', () => {
  it.each([
    ['nothing where nothing is asked', null, undefined],
    ['what is asked', three, `${ARN}:3`],
    ['either of two', change, `${ARN}:4`],
    ['nothing while one comes or goes', { ...three, acceptsNone: true }, undefined],
    ['what only CloudFormation knows', unknown, `${ARN}:9`],
  ])('is in order: %s', (_, terms, told) => {
    expect([...guardrailFindings(terms, told)]).toEqual([]);
  });

  it.each([
    [
      'nothing where something is asked',
      three,
      undefined,
      'clients are told to name no guardrail, the stack asks callers for',
    ],
    ['something where nothing is asked', null, `${ARN}:3`, 'the stack asks callers for none: somebody wrote'],
    ['another version', three, `${ARN}:4`, `asks callers for ${ARN}:3`],
    ['a third one in a change', change, `${ARN}:5`, `asks callers for ${ARN}:4 or ${ARN}:3`],
    ['nothing of what only CloudFormation knows', unknown, undefined, 'asks callers for a guardrail'],
  ])('is a finding: %s', (_, terms, told, message) => {
    expect([...guardrailFindings(terms, told)]).toEqual([expect.stringContaining(message)]);
  });
});

const alias: StackAlias = {
  ...{ promptName: 'advisor', aliasName: 'PROD', parameterId: 'AdvisorProdVersion', sourceTarget: undefined },
  callableVersions: 3,
};
const digest = (sign: string) => `pd1:${sign.repeat(64)}`;

function findings(target: string, version: number | null, of?: string): string[] {
  const stack = { parameters: [{ ParameterKey: 'AdvisorProdVersion', ParameterValue: target }] };
  return [...targetFindings(stack as unknown as RegistryStack, alias, version, of)];
}

describe('while a version is rolled out', () => {
  it('the alias points where its target says that it stands', () => {
    expect(findings('3..4', 3)).toEqual([]);
    expect(findings(`${digest('3')}..${digest('4')}`, 3, digest('3'))).toEqual([]);
    expect(findings('3..4', 4)).toEqual(['stack parameter AdvisorProdVersion says 3..4, the alias points to 4']);
    expect(findings(`${digest('3')}..4`, 4, digest('4'))).toHaveLength(1);
    expect(findings('3..4', null)).toHaveLength(1);
  });

  it('and otherwise as before', () => {
    expect(findings('3', 3)).toEqual([]);
    expect(findings('none', null)).toEqual([]);
    expect(findings('none', 3)).toHaveLength(1);
    expect(findings(digest('3'), 3, digest('3'))).toEqual([]);
  });
});
