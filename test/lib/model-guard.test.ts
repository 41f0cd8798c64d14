import { describe, expect, it } from 'vitest';
import { Gate, ModelGuard, PromptRegistry } from '../../lib';
import { Authorizer } from '../../packages/local-aws/iam/authorizer';
import { ENV, onlyResource, stackIn, templateOf } from './prompt-app';

const AMONG = [
  'us.amazon.nova-pro-v1:0',
  'amazon.nova-micro-v1:0',
  'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abc123',
];
const US = `arn:aws:bedrock:us-east-1:${ENV.account}:inference-profile/us.amazon.nova-pro-v1:0`;
const ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const model = (id: string, region = 'us-east-1') => `arn:aws:bedrock:${region}::foundation-model/${id}`;
const mine = (name: string) => `arn:aws:bedrock:us-east-1:${ENV.account}:${name}`;

function guarded(among: readonly (readonly string[])[] = [AMONG]) {
  const stack = stackIn();
  const names = ['*', 'PROD', 'STAGING'];
  const gates = Object.fromEntries(among.map((list, index) => [names[index], [Gate.model({ among: [...list] })]]));
  const registry = new PromptRegistry(stack, 'Registry', { gates });
  return { stack, guard: new ModelGuard(stack, 'Models', { registry }) };
}

/** By IAM's own rules, of somebody who may do everything but for what a policy denies. */
function asked(policy: object) {
  const arn = `arn:aws:iam::${ENV.account}:user/analyst`;
  const authorizer = new Authorizer({ policiesInForce: () => [] });
  const principal = { arn, account: ENV.account, policies: [ALL, policy] };
  return async (action: string, resource: string, profile?: string) => {
    const context = profile === undefined ? undefined : { 'bedrock:InferenceProfileArn': profile };
    return authorizer.require(principal, 'us-east-1', { action, resource, context }).then(
      () => 'allowed',
      ({ code }: { code: string }) => code,
    );
  };
}

describe('A guard of models', () => {
  const { stack, guard } = guarded();
  const may = asked(guard.serviceControlPolicy());

  it.each([
    ['a model', model('amazon.nova-micro-v1:0')],
    ['a model in another Region', model('amazon.nova-micro-v1:0', 'eu-west-1')],
    ['a profile', US],
    ['the model behind a profile', model('amazon.nova-pro-v1:0', 'us-west-2'), US],
    ['provisioned throughput', mine('provisioned-model/abc123')],
    ['an application profile', mine('application-inference-profile/x')],
  ])('leaves what the gates name: %s', async (_, resource, profile?: string) => {
    expect(await may('bedrock:InvokeModel', resource, profile)).toBe('allowed');
    expect(await may('bedrock:InvokeModelWithResponseStream', resource, profile)).toBe('allowed');
  });

  it.each([
    ['another model', model('amazon.nova-lite-v1:0')],
    ['a model whose name goes on', model('amazon.nova-micro-v1:0:24k')],
    ['another geography', mine('inference-profile/eu.amazon.nova-pro-v1:0')],
    ['a model past its profile', model('amazon.nova-pro-v1:0')],
    ['a model through another profile', model('amazon.nova-pro-v1:0'), mine('application-inference-profile/x')],
    ['other provisioned throughput', mine('provisioned-model/def456')],
    ['an imported model', mine('imported-model/abc')],
  ])('takes away what they do not: %s', async (_, resource, profile?: string) => {
    expect(await may('bedrock:InvokeModel', resource, profile)).toBe('AccessDeniedException');
    expect(await may('bedrock:InvokeModelWithResponseStream', resource, profile)).toBe('AccessDeniedException');
  });

  it.each([
    ['bedrock:CallWithBearerToken', '*'],
    ['bedrock:CreateModelInvocationJob', mine('model-invocation-job/abc')],
    ['bedrock:InvokeInlineAgent', '*'],
    ['bedrock-mantle:CallWithBearerToken', '*'],
    ['bedrock-mantle:CreateInference', `arn:aws:bedrock-mantle:us-east-1:${ENV.account}:project/p`],
  ])('takes away what goes round them: %s', async (action, resource) => {
    expect(await may(action, resource)).toBe('AccessDeniedException');
    expect(await asked(ALL)(action, resource)).toBe('allowed');
  });

  it('is the same as a managed policy and as a policy of the organisation, of any partition, Region and account', () => {
    const policy = onlyResource(templateOf(stack), 'AWS::IAM::ManagedPolicy').Properties.PolicyDocument;
    expect(policy).toEqual(guard.serviceControlPolicy());
    expect(JSON.stringify(policy)).not.toContain('Ref');
    expect(JSON.stringify(policy).length).toBeLessThan(1_500);
  });

  it('names the models of all aliases once', async () => {
    const several = guarded([['amazon.nova-micro-v1:0'], ['amazon.nova-micro-v1:0', 'amazon.nova-lite-v1:0']]).guard;
    const policy = several.serviceControlPolicy();
    expect(JSON.stringify(policy).split('nova-micro').length).toBe(2);
    expect(await asked(policy)('bedrock:InvokeModel', model('amazon.nova-lite-v1:0'))).toBe('allowed');
  });

  it('needs models, and room for them', () => {
    expect(() => guarded([])).toThrow(expect.objectContaining({ code: 'InvalidGuard' }));
    const long = (from: number) => Array.from({ length: 20 }, (_, index) => `us.x.m${from + index}`);
    expect(() => guarded([long(0), long(20), long(40)])).toThrow(expect.objectContaining({ code: 'InvalidGuard' }));
  });
});
