import { CfnDeletionPolicy, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnApplicationInferenceProfile, CfnIntelligentPromptRouter } from 'aws-cdk-lib/aws-bedrock';
import { describe, expect, test } from 'vitest';
import { Prompt, PromptVariant } from '../../lib';
import { newApp, registryIn, stackIn, TEXT } from './prompt-app';

const WARNING = Match.stringLikeRegexp('without a retention policy.*modelNotRetained');

function profileIn(stack: ReturnType<typeof stackIn>) {
  const modelSource = { copyFrom: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0' };
  return new CfnApplicationInferenceProfile(stack, 'Profile', { inferenceProfileName: 'advisor', modelSource });
}

describe('a prompt on a model that the same app defines', () => {
  function promptOn(model: string, stack: ReturnType<typeof stackIn>) {
    return new Prompt(stack, 'Prompt', {
      registry: registryIn(stack),
      promptName: 'advisor',
      variant: PromptVariant.text({ ...TEXT, model }),
    });
  }
  function warnings(stack: ReturnType<typeof stackIn>): number {
    return Annotations.fromStack(stack).findWarning('/Prompts/Prompt', WARNING).length;
  }

  test('is warned of where CloudFormation would delete the model under released versions', () => {
    const stack = stackIn();
    promptOn(profileIn(stack).attrInferenceProfileArn, stack);
    expect(warnings(stack)).toBe(1);
  });

  test.each([
    ['only deletion is held back', CfnDeletionPolicy.RETAIN, undefined],
    ['only replacement is held back', undefined, CfnDeletionPolicy.RETAIN],
  ])('is warned of where %s', (_, deletionPolicy, updateReplacePolicy) => {
    const stack = stackIn();
    const profile = profileIn(stack);
    Object.assign(profile.cfnOptions, { deletionPolicy, updateReplacePolicy });
    promptOn(profile.attrInferenceProfileArn, stack);
    expect(warnings(stack)).toBe(1);
  });

  test.each([RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE])(
    'is not where the model stays (%s), also when that is said later',
    (policy) => {
      const stack = stackIn();
      const profile = profileIn(stack);
      promptOn(profile.attrInferenceProfileArn, stack);
      profile.applyRemovalPolicy(policy);
      expect(warnings(stack)).toBe(0);
    },
  );

  test('is warned of through a lazy value, by its id, of another stack and for a router', () => {
    const app = newApp();
    const stack = stackIn(app);
    const other = stackIn(app, 'Models');
    const profile = profileIn(other);
    promptOn(Lazy.string({ produce: () => profile.attrInferenceProfileId }), stack);
    expect(warnings(stack)).toBe(1);

    const second = stackIn();
    const router = new CfnIntelligentPromptRouter(second, 'Router', {
      promptRouterName: 'router',
      fallbackModel: { modelArn: 'arn' },
      models: [{ modelArn: 'arn' }],
      routingCriteria: { responseQualityDifference: 1 },
    });
    promptOn(router.attrPromptRouterArn, second);
    expect(warnings(second)).toBe(1);
  });

  test('is not for a model of Bedrock, or none', () => {
    const stack = stackIn();
    promptOn('us.amazon.nova-pro-v1:0', stack);
    expect(warnings(stack)).toBe(0);
  });
});
