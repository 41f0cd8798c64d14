import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { AliasTarget, PromptAlias } from '../../lib';
import {
  comesBefore,
  ENV,
  idOf,
  newApp,
  onlyResource,
  promptIn,
  registryIn,
  resourcesOf,
  stackIn,
  templateOf,
} from './prompt-app';

/** Two prompts of two aliases, in one stack. */
function twoPrompts() {
  const stack = stackIn();
  const registry = registryIn(stack);
  const aliases = ['alpha', 'beta'].flatMap((promptName) => {
    const prompt = promptIn(stack, { registry, promptName });
    return [prompt.addAlias('STAGING'), prompt.addAlias('PROD', { target: AliasTarget.parameter() })];
  });
  return { stack, aliases };
}

function planWith(target: AliasTarget) {
  const stack = stackIn();
  promptIn(stack).addAlias('PROD', { target });
  return onlyResource(templateOf(stack), 'Custom::PromptReleasePlan').Properties;
}

describe('a release', () => {
  const { stack, aliases } = twoPrompts();
  aliases[1]?.readerPolicy;
  const template = templateOf(stack);

  it.each(['AlphaStaging', 'AlphaProd', 'BetaStaging', 'BetaProd'])('of %s plans, widens, records, points', (alias) => {
    const order = ['ReleasePlan', 'CallerPolicy', 'Alias', 'Parameter'].map((role) => idOf(template, alias + role));
    for (const [index, id] of order.slice(1).entries()) {
      expect(comesBefore(template, order[index] as string, id), `${order[index]} before ${id}`).toBe(true);
    }
  });

  it('widens the policy of readers before the record as well', () => {
    expect(comesBefore(template, idOf(template, 'AlphaProdReaderPolicy'), idOf(template, 'AlphaProdAlias'))).toBe(true);
  });

  it('is planned once the version of its prompt is published', () => {
    for (const alias of ['Staging', 'Prod']) {
      const plan = idOf(template, `Alpha${alias}ReleasePlan`);
      expect(comesBefore(template, idOf(template, 'AlphaVersion'), plan)).toBe(true);
      expect(comesBefore(template, idOf(template, 'AlphaPrompt'), plan)).toBe(true);
    }
  });

  it('moves no alias before every plan of the stack agreed', () => {
    const plans = Object.keys(resourcesOf(template, 'Custom::PromptReleasePlan'));
    const records = Object.keys(resourcesOf(template, 'Custom::PromptAlias'));
    expect([plans.length, records.length]).toEqual([4, 4]);
    for (const record of records) {
      expect(template.Resources[record]?.DependsOn).toContain('PromptReleaseBarrier');
      for (const plan of plans) {
        expect(comesBefore(template, plan, record), `${plan} before ${record}`).toBe(true);
      }
    }
    expect(onlyResource(template, 'AWS::CloudFormation::WaitConditionHandle').Properties).toBeUndefined();
  });

  it('of many prompts takes turns, as many at once as the 10 functions of a new account leave room for', () => {
    const many = stackIn();
    const registry = registryIn(many);
    const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
    for (const promptName of names) promptIn(many, { registry, promptName }).addAlias('PROD');
    const busy = templateOf(many);
    for (const [role, atOnce] of [
      ['Version', 4],
      ['ProdReleasePlan', 5],
      ['ProdAlias', 8],
    ] as const) {
      const ids = names.map((name) => idOf(busy, `P${name.slice(1)}${role}`));
      const behind = ids.map((id) =>
        ids.filter((other) => [busy.Resources[id]?.DependsOn ?? []].flat().includes(other)),
      );
      expect(behind, role).toEqual(
        ids.map((_, index) => ids.slice(index - atOnce, index - atOnce + 1)).map((b, i) => (i < atOnce ? [] : b)),
      );
    }
  });

  it('does not wait for another prompt to be planned', () => {
    const betaPlan = idOf(template, 'BetaProdReleasePlan');
    expect(comesBefore(template, betaPlan, idOf(template, 'AlphaProdReleasePlan'))).toBe(false);
  });
});

describe('the pointer', () => {
  const { stack } = twoPrompts();
  const template = templateOf(stack);
  const pointer = template.Resources[idOf(template, 'AlphaProdParameter')]?.Properties;

  it('is a native parameter that CloudFormation writes from the record', () => {
    expect(pointer).toMatchObject({
      Type: 'String',
      Name: '/prompts/prod/alpha/PROD',
      Value: { 'Fn::GetAtt': [idOf(template, 'AlphaProdAlias'), 'VersionArn'] },
    });
  });

  it.each([
    ['none', true],
    ['arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:12', true],
    ['arn:aws:bedrock:us-east-1:111122223333:prompt/abcdefghi0:12', true],
    ['arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHI:12', false],
    ['arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJK:12', false],
    ['arn:aws-us-gov:bedrock:us-gov-west-1:111122223333:prompt/ABCDEFGHIJ:1', true],
    ['arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ', false],
    ['arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:0', false],
    ['DRAFT', false],
  ])('takes %s: %s', (value, allowed) => {
    expect(new RegExp(pointer.AllowedPattern).test(value)).toBe(allowed);
  });
});

describe('the target', () => {
  it('follows the content by default, as a digest that a diff shows', () => {
    const stack = stackIn();
    promptIn(stack).addAlias('STAGING');
    const template = templateOf(stack);
    const { ContentDigest } = onlyResource(template, 'Custom::PromptVersion').Properties;

    expect(onlyResource(template, 'Custom::PromptReleasePlan').Properties).toMatchObject({
      Target: ContentDigest,
      TargetParameter: '',
      CallableVersions: '2',
      WithdrawnVersions: { Ref: 'FinancialAnalysisWithdrawnVersions' },
    });
    expect(Object.keys(template.Parameters ?? {})).not.toContain('FinancialAnalysisStagingVersion');
  });

  it('gives a release of one alias nothing to say about another: its plan reads no attribute of the version', () => {
    const stack = stackIn();
    promptIn(stack).addAlias('STAGING');
    const template = templateOf(stack);
    const plan = JSON.stringify(onlyResource(template, 'Custom::PromptReleasePlan').Properties);
    expect(plan).not.toContain(idOf(template, 'FinancialAnalysisVersion'));
  });

  it('may come from a stack parameter, which protects that version from being pruned', () => {
    const stack = stackIn();
    promptIn(stack).addAlias('PROD', { target: AliasTarget.parameter() });
    const template = templateOf(stack);

    expect(onlyResource(template, 'Custom::PromptReleasePlan').Properties).toMatchObject({
      Target: { Ref: 'FinancialAnalysisProdVersion' },
      TargetParameter: 'FinancialAnalysisProdVersion',
    });
    expect(onlyResource(template, 'Custom::PromptVersion').Properties.Targets).toEqual([
      { Ref: 'FinancialAnalysisProdVersion' },
    ]);
  });

  it('may be pinned in source', () => {
    const digest = `pd1:${'a'.repeat(64)}`;
    expect(planWith(AliasTarget.version(3)).Target).toBe('3');
    expect(planWith(AliasTarget.digest(digest)).Target).toBe(digest);
  });

  it.each([
    ['version 0', AliasTarget.version(0)],
    ['version 1.5', AliasTarget.version(1.5)],
    ['a digest that is none', AliasTarget.digest('latest')],
    ['DRAFT', AliasTarget.digest('DRAFT')],
  ])('cannot be %s', (_, target) => {
    expect(() => planWith(target)).toThrow(/^Prompts\/FinancialAnalysis\/PROD: an alias's target must be none/);
  });

  it('cannot be a number where a digest is asked for', () => {
    expect(() => planWith(AliasTarget.digest('3'))).toThrow(/expected a digest in AliasTarget\.digest\(\), found '3'/);
  });
});

describe('the stack parameters', () => {
  const { stack } = twoPrompts();
  const parameters = templateOf(stack).Parameters ?? {};

  it('default to none and name the traps', () => {
    expect(parameters.AlphaProdVersion).toMatchObject({ Type: 'String', Default: 'none' });
    expect(parameters.AlphaProdVersion.Description).toMatch(/keeps the last value.*resets parameters to their Default/);
    expect(parameters.AlphaWithdrawnVersions).toMatchObject({ Type: 'String', Default: 'none' });
  });

  it.each(['0', 'DRAFT', 'latest', '1; drop', '', '007', '100000'])('refuse %j as a target', (value) => {
    expect(new RegExp(parameters.AlphaProdVersion.AllowedPattern).test(value)).toBe(false);
  });

  it.each(['2,', '0', 'all', '2, 5'])('refuse %j as withdrawn versions', (value) => {
    expect(new RegExp(parameters.AlphaWithdrawnVersions.AllowedPattern).test(value)).toBe(false);
  });

  it('are there once per prompt and per alias that asks for one', () => {
    expect(Object.keys(parameters).filter((name) => /^(Alpha|Beta)/.test(name))).toEqual([
      'AlphaWithdrawnVersions',
      'AlphaProdVersion',
      'BetaWithdrawnVersions',
      'BetaProdVersion',
    ]);
  });
});

describe('an alias is refused at synth, with its path,', () => {
  it.each(['a/b', '', '1ST', 'x'.repeat(33)])('for the name %j', (name) => {
    expect(() => new PromptAlias(stackIn(), 'Alias', { prompt: promptIn(stackIn()), aliasName: name })).toThrow();
    const prompt = promptIn(stackIn());
    expect(() => new PromptAlias(prompt, 'Alias', { prompt, aliasName: name })).toThrow(
      /^Prompts\/FinancialAnalysis\/Alias: an alias's name must be/,
    );
  });

  it('for a name that the prompt has already', () => {
    const prompt = promptIn(stackIn());
    prompt.addAlias('PROD');
    expect(() => new PromptAlias(prompt, 'Again', { prompt, aliasName: 'PROD' })).toThrow(
      /^Prompts\/FinancialAnalysis\/Again: expected a name of its own for the alias PROD.*FinancialAnalysis\/PROD/,
    );
  });

  it.each(['Prod', 'proD'])('for the name %s beside PROD: IAM does not tell them apart', (name) => {
    const prompt = promptIn(stackIn());
    prompt.addAlias('PROD');
    expect(() => prompt.addAlias(name)).toThrow(/expected a name of its own/);
  });

  it('for a stack parameter that another alias has', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    promptIn(stack, { registry, promptName: 'a' }).addAlias('B-C');
    expect(() => promptIn(stack, { registry, promptName: 'a-b' }).addAlias('C')).toThrow(/the parameter ABCVersion/);
  });

  it('in a stack that is not its prompt’s', () => {
    const app = newApp();
    const prompt = promptIn(stackIn(app));
    const other = new Stack(app, 'Other', { env: ENV });
    expect(() => new PromptAlias(other, 'PROD', { prompt, aliasName: 'PROD' })).toThrow(
      /^Other\/PROD: expected an alias in the stack of its prompt, Prompts, found it in Other/,
    );
  });

  it.each([1, 6, 2.5])('for %s callable versions', (callableVersions) => {
    expect(() => promptIn(stackIn()).addAlias('PROD', { callableVersions })).toThrow(
      /expected 2 to 5 callableVersions/,
    );
  });
});

describe('Bedrock’s limit of 10 versions', () => {
  const withAliases = (count: number, callableVersions = 2) => {
    const stack = stackIn();
    const prompt = promptIn(stack);
    for (let index = 0; index < count; index++) prompt.addAlias(`ALIAS${index}`, { callableVersions });
    return stack;
  };
  const warnings = (stack: Stack) =>
    Annotations.fromStack(stack)
      .findWarning('*', Match.anyValue())
      .map(({ entry }) => entry.data);

  it('leaves room for three aliases', () => {
    expect(warnings(withAliases(3))).toEqual([]);
  });

  it('warns of a fourth alias', () => {
    expect(warnings(withAliases(4))).toEqual([
      expect.stringContaining('4 aliases (ALIAS0, ALIAS1, ALIAS2, ALIAS3) that hold up to 8 versions'),
    ]);
  });

  it('refuses a fifth alias', () => {
    expect(() => withAliases(5)).toThrow(/at most 8 of the 10 versions.*found 5 aliases.*up to 10 versions/);
  });

  it('counts what each alias keeps callable', () => {
    expect(() => withAliases(2, 5)).toThrow(/found 2 aliases.*up to 10 versions/);
    const prompt = withAliases(1, 5);
    expect(onlyResource(templateOf(prompt), 'Custom::PromptVersion').Properties.CallableVersions).toBe('5');
    expect(warnings(prompt)).toEqual([]);
  });
});

describe('the version of an alias', () => {
  it('is for its own stack: an export of it would block every release', () => {
    const app = newApp();
    const stack = stackIn(app);
    const alias = promptIn(stack).addAlias('PROD');
    const other = new Stack(app, 'Other', { env: ENV });
    other.exportValue('x', { name: 'x' });
    other.templateOptions.description = alias.version;

    expect(() => app.synth()).toThrow(/expected the version of Prompts\/FinancialAnalysis\/PROD.*read the parameter/s);
  });
});
