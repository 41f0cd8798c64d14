import {
  Aspects,
  CfnDeletionPolicy,
  CfnResource,
  MissingRemovalPolicies,
  RemovalPolicies,
  RemovalPolicy,
  type Stack,
} from 'aws-cdk-lib';
import { Annotations, Match, type Matcher, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { PromptRegistry } from '../../lib';
import { promptIn, stackIn } from './prompt-app';

const retained = (...types: string[]) =>
  Match.stringLikeRegexp(`the alias PROD of financial-analysis.*retains ${types.join(', ')}:.*aliasRetained`);

const found = (stack: Stack, path: string, message: Matcher) =>
  Annotations.fromStack(stack).findWarning(path, message).length;

/** One of the resources of an alias, by its type. */
const resourceOf = (stack: Stack, type: string) =>
  stack.node.findAll().find((child): child is CfnResource => {
    return CfnResource.isCfnResource(child) && child.cfnResourceType === type;
  }) as CfnResource;

const PARAMETER = 'AWS::SSM::Parameter';
const RECORD = 'Custom::PromptAlias';
const POLICY = 'AWS::IAM::ManagedPolicy';

describe('an alias that CloudFormation would leave behind', () => {
  it.each<[string, (stack: Stack) => void]>([
    ['RemovalPolicies', (stack) => RemovalPolicies.of(stack).retain()],
    ['RemovalPolicies of the app, said before', (stack) => RemovalPolicies.of(stack.node.root).retain()],
    ['MissingRemovalPolicies', (stack) => MissingRemovalPolicies.of(stack).retain()],
    ['retention but for a failed create', (stack) => RemovalPolicies.of(stack).retainOnUpdateOrDelete()],
    [
      'an aspect',
      (stack) => {
        const visit = (node: unknown) => {
          if (CfnResource.isCfnResource(node)) node.applyRemovalPolicy(RemovalPolicy.RETAIN);
        };
        Aspects.of(stack).add({ visit });
      },
    ],
  ])('is warned of: %s', (_, retain) => {
    const stack = stackIn();
    promptIn(stack).addAlias('PROD');
    retain(stack);
    expect(found(stack, '/Prompts/FinancialAnalysis/PROD', Match.stringLikeRegexp('aliasRetained'))).toBe(1);
  });

  it.each([PARAMETER, RECORD, POLICY])('is warned of where it is its %s alone, also by an override', (type) => {
    const options = stackIn();
    promptIn(options).addAlias('PROD');
    resourceOf(options, type).cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
    expect(found(options, '/Prompts/FinancialAnalysis/PROD', retained(type))).toBe(1);

    const override = stackIn();
    promptIn(override).addAlias('PROD');
    resourceOf(override, type).addOverride('DeletionPolicy', 'Retain');
    expect(found(override, '/Prompts/FinancialAnalysis/PROD', retained(type))).toBe(1);
  });

  it('is not warned of by default, nor where the types are left out as the warning says', () => {
    const plain = stackIn();
    promptIn(plain).addAlias('PROD');
    const excluded = stackIn();
    promptIn(excluded).addAlias('PROD');
    const types = [PARAMETER, RECORD, POLICY, 'Custom::PromptReleasePlan'];
    RemovalPolicies.of(excluded).retain({ excludeResourceTypes: types });
    for (const stack of [plain, excluded]) {
      expect(found(stack, '*', Match.stringLikeRegexp('aliasRetained'))).toBe(0);
    }
  });
});

describe('a prompt that CloudFormation would delete with all its versions', () => {
  const deleted = Match.stringLikeRegexp('goes with its stack.*financial-analysis with it.*promptMayBeDeleted');

  it.each<[string, (stack: Stack) => void]>([
    ['RemovalPolicies', (stack) => RemovalPolicies.of(stack).destroy()],
    ['an override', (stack) => resourceOf(stack, 'AWS::Bedrock::Prompt').addOverride('DeletionPolicy', 'Delete')],
    ['no policy', (stack) => resourceOf(stack, 'AWS::Bedrock::Prompt').addDeletionOverride('UpdateReplacePolicy')],
  ])('is warned of: %s', (_, destroy) => {
    const stack = stackIn();
    promptIn(stack);
    destroy(stack);
    expect(found(stack, '/Prompts/FinancialAnalysis', deleted)).toBe(1);
  });

  it('is not warned of by default', () => {
    const stack = stackIn();
    promptIn(stack);
    expect(found(stack, '*', deleted)).toBe(0);
  });
});

describe('an environment that is thrown away', () => {
  const policiesIn = (stack: Stack) => (type: string) =>
    Object.values(Template.fromStack(stack).findResources(type)).map(({ DeletionPolicy, UpdateReplacePolicy }) => [
      DeletionPolicy,
      UpdateReplacePolicy,
    ]);
  const registryFor = (stack: Stack, removalPolicy?: RemovalPolicy) =>
    new PromptRegistry(stack, 'Registry', { parameterPrefix: '/prompts/test', removalPolicy });

  it('deletes prompts and log groups, keeps the ledger, and says so', () => {
    const stack = stackIn();
    promptIn(stack, { registry: registryFor(stack, RemovalPolicy.DESTROY) });
    const policies = policiesIn(stack);
    expect(policies('AWS::Bedrock::Prompt')).toEqual([['Delete', 'Delete']]);
    expect(policies('AWS::Logs::LogGroup')).toEqual(Array.from({ length: 3 }, () => ['Delete', 'Delete']));
    expect(policies('AWS::S3::Bucket')).toEqual([['Retain', 'Retain']]);
    expect(policies('AWS::S3::BucketPolicy')).toEqual([['Retain', 'Retain']]);
    expect(found(stack, '/Prompts/Registry', Match.stringLikeRegexp('not the ledger bucket.*ledgerStays'))).toBe(1);
    expect(found(stack, '/Prompts/FinancialAnalysis', Match.stringLikeRegexp('promptMayBeDeleted'))).toBe(1);
  });

  it('is said of one prompt as well, and of all but one', () => {
    const one = stackIn();
    promptIn(one, { registry: registryFor(one), removalPolicy: RemovalPolicy.DESTROY });
    expect(policiesIn(one)('AWS::Bedrock::Prompt')).toEqual([['Delete', 'Delete']]);
    expect(found(one, '*', Match.stringLikeRegexp('ledgerStays'))).toBe(0);

    const other = stackIn();
    const registry = registryFor(other, RemovalPolicy.DESTROY);
    promptIn(other, { registry, removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE });
    expect(policiesIn(other)('AWS::Bedrock::Prompt')).toEqual([['RetainExceptOnCreate', 'Retain']]);
    expect(found(other, '/Prompts/FinancialAnalysis', Match.stringLikeRegexp('promptMayBeDeleted'))).toBe(0);
  });

  it('is no other template where nobody says it', () => {
    const [plain, explicit] = [stackIn(), stackIn()];
    promptIn(plain, { registry: registryFor(plain) });
    promptIn(explicit, { registry: registryFor(explicit, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE) });
    expect(Template.fromStack(explicit).toJSON()).toEqual(Template.fromStack(plain).toJSON());
    expect(found(plain, '*', Match.anyValue())).toBe(0);
  });
});
