import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aliasParameterId,
  callerPolicyName,
  checkAliasName,
  checkParameterPrefix,
  checkPromptName,
  logicalId,
  parameterName,
  pascalCase,
  withdrawnParameterId,
} from '../../../core/contract/names';

const refusal = (code: string, found: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(`found ${JSON.stringify(found)}`) });

describe('Names', () => {
  it('make an alias’s parameter', () => {
    expect(parameterName('/prompts/prod', 'financial-analysis', 'PROD')).toBe('/prompts/prod/financial-analysis/PROD');
    expect(() => parameterName('prompts', 'a', 'PROD')).toThrow(refusal('InvalidParameterPrefix', 'prompts'));
    expect(() => parameterName('/p', 'a b', 'PROD')).toThrow(refusal('InvalidPromptName', 'a b'));
    expect(() => parameterName('/p', 'a', 'PR/OD')).toThrow(refusal('InvalidAliasName', 'PR/OD'));
  });

  it.each(['a', '1', 'financial-analysis', 'a_b-c_', 'x'.repeat(100)])('take a prompt named %s', (name) => {
    expect(() => checkPromptName(name)).not.toThrow();
  });

  it.each(['', '-a', '_a', 'a--b', 'a b', 'a/b', 'a.b', 'ä', 'a\n', 'x'.repeat(101)])(
    'refuse a prompt named %j',
    (name) => {
      expect(() => checkPromptName(name)).toThrow(refusal('InvalidPromptName', name));
    },
  );

  it.each(['P', 'PROD', 'blue_green-2', 'x'.repeat(32)])('take an alias named %s', (name) => {
    expect(() => checkAliasName(name)).not.toThrow();
  });

  it.each(['', '1', '-A', 'A/B', 'A B', 'A.B', 'A\n', 'x'.repeat(33)])('refuse an alias named %j', (name) => {
    expect(() => checkAliasName(name)).toThrow(refusal('InvalidAliasName', name));
  });

  it.each(['/p', '/prompts/prod', '/a.b/c_d-e', '/x'.repeat(13)])('take a parameter prefix %s', (prefix) => {
    expect(() => checkParameterPrefix(prefix)).not.toThrow();
  });

  it.each(['', '/', 'p', '/p/', '//p', '/p q', '/p\n', '/aws/p', '/AWSome', '/ssm', '/x'.repeat(14)])(
    'refuse a parameter prefix %j',
    (prefix) => {
      expect(() => checkParameterPrefix(prefix)).toThrow(refusal('InvalidParameterPrefix', prefix));
    },
  );

  it.each([
    ['financial-analysis', 'FinancialAnalysis'],
    ['PROD', 'Prod'],
    ['blue_GREEN-2', 'BlueGreen2'],
    ['myPrompt', 'MyPrompt'],
    ['FAQBot', 'FAQBot'],
    ['v2', 'V2'],
    ['a-', 'A'],
  ])('become %s → %s in Pascal case', (name, expected) => {
    expect(pascalCase(name)).toBe(expected);
  });

  it('make ids that CloudFormation takes', () => {
    expect(aliasParameterId('financial-analysis', 'PROD')).toBe('FinancialAnalysisProdVersion');
    expect(withdrawnParameterId('financial-analysis')).toBe('FinancialAnalysisWithdrawnVersions');
    expect(aliasParameterId('2nd-opinion', 'PROD')).toBe('Prompt2ndOpinionProdVersion');
  });

  it('make logical ids that are frozen: another one would replace the resource', () => {
    expect(logicalId('/prompts/prod', 'financial-analysis', 'PROD', 'Parameter')).toBe(
      'FinancialAnalysisProdParameter0AB4EA3C',
    );
    expect(logicalId('/prompts/prod', 'financial-analysis', undefined, 'Prompt')).toBe(
      'FinancialAnalysisPromptD988EA43',
    );
    expect(logicalId('/prompts/prod', undefined, undefined, 'Ledger')).toBe('Ledger4DA7084A');
  });

  it('make logical ids that differ where the names differ', () => {
    const part = fc.constantFrom('a-b', 'a_b', 'a', 'ab', 'aB', 'b', 'A', '1a');
    const identity = fc.tuple(
      fc.constantFrom('/p', '/q'),
      fc.option(part, { nil: undefined }),
      fc.option(part, { nil: undefined }),
    );
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        const [first, second] = [logicalId(...one, 'PlanHandler'), logicalId(...other, 'PlanHandler')];
        expect(first).toMatch(/^[A-Za-z][A-Za-z0-9]{1,254}$/);
        expect(first === second).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  describe('of a caller’s policy', () => {
    const props = {
      parameterPrefix: '/prompts/prod',
      promptName: 'financial-analysis',
      aliasName: 'PROD',
      access: 'invoke',
    } as const;

    it('say whose it is, and where', () => {
      expect(callerPolicyName({ ...props, region: 'us-east-1' })).toBe(
        'prompts+prod+financial-analysis+PROD+invoke+us-east-1',
      );
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what a CDK token looks like
      expect(callerPolicyName({ ...props, region: '${Token[AWS.Region.3]}' })).toMatch(
        /\+invoke\+\$\{Token\[AWS\.Region\.3\]\}$/,
      );
    });

    it('stay apart where the words are the same', () => {
      const names = [
        { parameterPrefix: '/prompts/prod', promptName: 'chat', aliasName: 'v2-PROD' },
        { parameterPrefix: '/prompts/prod', promptName: 'chat-v2', aliasName: 'PROD' },
        { parameterPrefix: '/prompts/prod-chat', promptName: 'v2', aliasName: 'PROD' },
        { parameterPrefix: '/prompts.prod', promptName: 'chat-v2', aliasName: 'PROD' },
      ].map((names) => callerPolicyName({ ...props, ...names, region: 'us-east-1' }));
      expect(new Set(names).size).toBe(4);
    });

    it('fit IAM and stay apart, however long', () => {
      const name = (parameterPrefix: string, promptName: string) =>
        callerPolicyName({
          ...props,
          parameterPrefix,
          promptName,
          aliasName: 'A'.repeat(32),
          region: 'ap-southeast-1',
        });
      const long = name('/prompts/prod', 'x'.repeat(100));
      expect(long).toHaveLength(128);
      expect(long).toMatch(/^[\w+=,.@-]+$/);
      expect(long).not.toBe(name('/prompts/prod', `${'x'.repeat(99)}y`));
      expect(name(`/${'p'.repeat(300)}`, 'x')).toHaveLength(128);
    });
  });
});
