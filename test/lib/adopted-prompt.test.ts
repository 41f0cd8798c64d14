import {
  BedrockFoundationModel,
  Prompt as OfficialPrompt,
  PromptVariant as OfficialVariant,
} from '@aws-cdk/aws-bedrock-alpha';
import { type CfnResource, Fn, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnPrompt } from 'aws-cdk-lib/aws-bedrock';
import { describe, expect, it } from 'vitest';
import { type AdoptedPromptProps, AliasTarget, type IPrompt, Prompt } from '../../lib';
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
  type TemplateJson,
  templateOf,
} from './prompt-app';

const ARN = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ';
const KEY = 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555';

function cfnPromptIn(stack: Stack, more: object = {}): CfnPrompt {
  const prompt = new CfnPrompt(stack, 'Old', {
    name: 'letters',
    defaultVariant: 'a',
    variants: [
      {
        name: 'a',
        templateType: 'TEXT',
        templateConfiguration: { text: { text: 'Sort {{letter}}', inputVariables: [{ name: 'letter' }] } },
        modelId: 'amazon.nova-pro-v1:0',
      },
    ],
    ...more,
  });
  prompt.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  return prompt;
}

function adopt(stack: Stack, props: Partial<AdoptedPromptProps> = {}, prompt = cfnPromptIn(stack)): IPrompt {
  return Prompt.fromPromptRef(stack, 'Adopted', prompt, { ...props, registry: props.registry ?? registryIn(stack) });
}

const publisherActions = (template: TemplateJson) =>
  template.Resources[idOf(template, 'PublisherPrompts')]?.Properties.PolicyDocument.Statement.flatMap(
    ({ Action }: { Action: string | string[] }) => Action,
  );

describe('an adopted prompt', () => {
  it('of the same app keeps its name, and its alias points at a version that was there', () => {
    const stack = stackIn();
    const prompt = adopt(stack);
    const prod = prompt.addAlias('PROD', { target: AliasTarget.version(7) });
    const template = templateOf(stack);

    expect([prompt.promptName, prod.parameterName]).toEqual(['letters', '/prompts/prod/letters/PROD']);
    const plan = onlyResource(template, 'Custom::PromptReleasePlan').Properties;
    expect(plan).toMatchObject({
      PromptId: { 'Fn::GetAtt': ['Old', 'Id'] },
      PromptArn: { Ref: 'Old' },
      Target: '7',
    });
  });

  it('is neither published nor deleted by the registry, which may not even do so', () => {
    const stack = stackIn();
    const prompt = adopt(stack);
    prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    const template = templateOf(stack);

    expect(prompt.currentVersion).toBeUndefined();
    expect(resourcesOf(template, 'Custom::PromptVersion')).toEqual({});
    expect(publisherActions(template).sort()).toEqual([
      'cloudformation:DescribeStackEvents',
      'cloudformation:DescribeStacks',
    ]);
  });

  it('does not take those rights from the prompts beside it', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    promptIn(stack, { registry });
    adopt(stack, { registry });
    const template = templateOf(stack);

    expect(publisherActions(template)).toContain('bedrock:DeletePrompt');
    const publisher = JSON.stringify(template.Resources[idOf(template, 'PublisherPrompts')]);
    const releaser = JSON.stringify(template.Resources[idOf(template, 'ReleaserPrompts')]);
    expect([publisher.includes('"Old"'), releaser.includes('"Old"')]).toEqual([false, true]);
  });

  it('from the official alpha construct works by its CfnPrompt', () => {
    const stack = stackIn();
    const official = new OfficialPrompt(stack, 'Official', {
      promptName: 'letters',
      variants: [
        OfficialVariant.text({
          variantName: 'a',
          model: BedrockFoundationModel.AMAZON_NOVA_PRO_V1,
          promptText: 'Sort {{letter}}',
          promptVariables: ['letter'],
        }),
      ],
    });
    const prompt = adopt(stack, { publishDraft: true }, official.node.defaultChild as CfnPrompt);
    prompt.addAlias('STAGING');
    const template = templateOf(stack);

    expect(prompt.promptName).toBe('letters');
    const { ContentValues, PromptId } = onlyResource(template, 'Custom::PromptVersion').Properties;
    // The official construct makes the model an ARN with the partition in it, which the deployment knows.
    expect(JSON.stringify(ContentValues)).toContain('AWS::Partition');
    expect(template.Resources[PromptId['Fn::GetAtt'][0]]?.Type).toBe('AWS::Bedrock::Prompt');
  });

  it('is published from its draft if told to, after the draft', () => {
    const stack = stackIn();
    adopt(stack, { publishDraft: true, versionNote: 'moved in', keepVersions: [3] });
    const template = templateOf(stack);
    const [id, version] = Object.entries(resourcesOf(template, 'Custom::PromptVersion'))[0] ?? [];

    expect(version?.Properties).toMatchObject({ VersionNote: 'moved in', KeepVersions: ['3'] });
    expect(comesBefore(template, 'Old', id as string)).toBe(true);
  });

  it('that lives elsewhere is known by ARN and name', () => {
    const stack = stackIn();
    const prompt = Prompt.fromPromptArn(stack, 'Adopted', ARN, { registry: registryIn(stack), promptName: 'letters' });
    prompt.addAlias('PROD', { target: AliasTarget.version(7) });

    expect(onlyResource(templateOf(stack), 'Custom::PromptReleasePlan').Properties).toMatchObject({
      PromptId: 'ABCDEFGHIJ',
      PromptArn: ARN,
      PromptName: 'letters',
    });
  });

  it('of another stack of the app is imported from it', () => {
    const app = newApp();
    const source = cfnPromptIn(new Stack(app, 'Source', { env: ENV }));
    const stack = stackIn(app);
    adopt(stack, {}, source).addAlias('PROD', { target: AliasTarget.version(1) });
    const { PromptArn } = onlyResource(templateOf(stack), 'Custom::PromptReleasePlan').Properties;
    expect(PromptArn['Fn::ImportValue']).toContain('Source:');
  });

  it('brings its key, so that callers can decrypt it', () => {
    const stack = stackIn();
    const source = cfnPromptIn(stack, { customerEncryptionKeyArn: KEY });
    adopt(stack, {}, source).addAlias('PROD', { target: AliasTarget.version(1) });
    const { PolicyDocument } = onlyResource(templateOf(stack), 'AWS::IAM::ManagedPolicy').Properties;
    expect(PolicyDocument.Statement).toContainEqual(expect.objectContaining({ Action: 'kms:Decrypt', Resource: KEY }));
  });

  it('that its stack may delete is worth a warning', () => {
    const warnings = (policy: RemovalPolicy) => {
      const stack = stackIn();
      const source = cfnPromptIn(stack);
      source.applyRemovalPolicy(policy);
      adopt(stack, {}, source);
      templateOf(stack);
      return Annotations.fromStack(stack).findWarning(
        '/Prompts/Adopted',
        Match.stringLikeRegexp('all versions of letters'),
      );
    };
    expect(warnings(RemovalPolicy.DESTROY)).toHaveLength(1);
    expect(warnings(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)).toHaveLength(0);
    expect(warnings(RemovalPolicy.RETAIN)).toHaveLength(0);
  });
});

describe('a prompt cannot be adopted', () => {
  const fromArn = (arn: string, promptName: string | undefined = 'letters') => {
    const stack = stackIn();
    return () => Prompt.fromPromptArn(stack, 'Adopted', arn, { registry: registryIn(stack), promptName });
  };

  it.each([
    [
      'by the ARN of a version',
      `${ARN}:3`,
      /^Prompts\/Adopted: expected the ARN of a prompt without a version.*found '.*:3'/,
    ],
    ['by its id', 'ABCDEFGHIJ', /expected the ARN of a prompt/],
    [
      'from another Region',
      ARN.replace('us-east-1', 'eu-west-1'),
      /expected a prompt of the Region of its stack, us-east-1, found one of eu-west-1/,
    ],
    [
      'from another account',
      ARN.replace('111122223333', '444455556666'),
      /expected a prompt of the account of its stack/,
    ],
  ])('%s', (_, arn, message) => {
    expect(fromArn(arn)).toThrow(message);
  });

  it('without a name', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    expect(() => Prompt.fromPromptArn(stack, 'Adopted', ARN, { registry })).toThrow(
      /expected a promptName, found none: the reference does not tell it/,
    );
  });

  it('twice', () => {
    const stack = stackIn();
    const registry = registryIn(stack);
    promptIn(stack, { registry, promptName: 'letters' });
    expect(() => adopt(stack, { registry })).toThrow(/expected a name of its own for the prompt letters/);
  });

  it('with a draft that is published from another stack', () => {
    const app = newApp();
    const source = cfnPromptIn(new Stack(app, 'Source', { env: ENV }));
    expect(() => adopt(stackIn(app), { publishDraft: true }, source)).toThrow(
      /expected publishDraft with a CfnPrompt of the same stack/,
    );
  });

  it('with an alias that follows content which nobody publishes', () => {
    const prompt = adopt(stackIn());
    expect(() => prompt.addAlias('PROD')).toThrow(
      /expected a prompt whose content is published from here, found that letters is not/,
    );
  });
});

it.each([
  ['left out', undefined],
  ['an empty list', []],
])('an adopted prompt without variants is refused for that: %s', (_, variants) => {
  const stack = stackIn();
  const source = new CfnPrompt(stack, 'Draft', { name: 'letters', variants });
  adopt(stack, { publishDraft: true }, source);
  expect(() => templateOf(stack)).toThrow(/expected exactly one variant, found none: declare the content/);
});

it('an adopted prompt whose variants are a token is refused for that', () => {
  const stack = stackIn();
  const source = new CfnPrompt(stack, 'Draft', { name: 'letters', variants: Token.asAny(Fn.ref('Variants')) as never });
  adopt(stack, { publishDraft: true }, source);
  expect(() => templateOf(stack)).toThrow(/found a token for all of them/);
});

it('an adopted prompt whose second variant could not be told apart is refused', () => {
  const stack = stackIn();
  const source = cfnPromptIn(stack);
  (source as CfnResource).addPropertyOverride('Variants.1', { Name: 'b' });
  adopt(stack, { publishDraft: true }, source);
  expect(() => templateOf(stack)).toThrow(/expected exactly one variant, found 2/);
});
