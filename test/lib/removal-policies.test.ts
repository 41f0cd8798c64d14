import {
  Aspects,
  CfnDeletionPolicy,
  CfnResource,
  MissingRemovalPolicies,
  RemovalPolicies,
  RemovalPolicy,
  type Stack,
} from 'aws-cdk-lib';
import { Annotations, Match, type Matcher } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
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
