import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Duration, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  AliasTarget,
  CallableVersionsGuard,
  LangfuseEndpoint,
  ModelLifecycleWatch,
  PromptAuditTrail,
  PromptEvaluator,
  PromptRegistry,
} from '../../lib';
import { newApp, promptIn, registryIn, stackIn } from './prompt-app';

/** What stands below one alias's parameter: the registry's, for versions to come, and no other alias's. */
const BELOW = 'Only what stands below one alias’s own parameter, for versions to come; no other alias has such a name.';

/** What the checks find and we keep, each with its reason. A finding that is not listed fails, and so does a reason without one. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  [
    'AwsSolutions-S1',
    'The ledger would need a second bucket for access logs, with the same questions about it. Who reads and writes objects is in CloudTrail, once data events are on; nothing can be deleted or overwritten anyway.',
  ],
  [
    'AwsSolutions-IAM5[Resource::<Ledger.Arn>/versions/*]',
    'Keys hold prompt, version and digest, which nobody knows when the role is made. The prefix is the publisher’s alone.',
  ],
  [
    'AwsSolutions-IAM5[Resource::<Ledger.Arn>/tags/*]',
    'Keys hold prompt and tag. The prefix is the publisher’s alone, and nothing in it can be overwritten.',
  ],
  [
    'AwsSolutions-IAM5[Resource::<Ledger.Arn>/ledger/*]',
    'Keys hold prompt, alias and sequence number. The prefix is the releaser’s to write; the publisher reads which versions are in use.',
  ],
  [
    'AwsSolutions-IAM5[Resource::<Ledger.Arn>/reasons/*]',
    'Keys hold a hash of the stack and a time. The prefix is the releaser’s alone.',
  ],
  [
    'AwsSolutions-IAM5[Resource::arn:aws:bedrock:us-east-1:111122223333:inference-profile/*]',
    'A release asks for the profile that a version names, which may be any of this account. Only GetInferenceProfile, which reads.',
  ],
  ['AwsSolutions-IAM5[Resource::arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/*]', 'As above.'],
  [
    'AwsSolutions-IAM5[Resource::arn:aws:bedrock:us-east-1::foundation-model/*]',
    'A gate on models asks until when the model of a version lives, which may be any. Only GetFoundationModel, which reads.',
  ],
  [
    'AwsSolutions-IAM5[Resource::<FinancialAnalysisPrompt.Arn>:*]',
    'All versions of one prompt, which are numbered as they are made, and never its draft. DeletePrompt on anything else would delete the prompt.',
  ],
  [
    'AwsSolutions-IAM5[Resource::arn:aws:ssm:us-east-1:111122223333:parameter/prompts/prod/financial-analysis/PROD/*]',
    BELOW,
  ],
  [
    'AwsSolutions-IAM5[Resource::arn:aws:ssm:us-east-1:111122223333:parameter/prompts/prod/financial-analysis/STAGING/*]',
    BELOW,
  ],
]);

/** What only the example's application has. */
const OF_THE_APPLICATION: ReadonlyMap<string, string> = new Map([
  [
    'AwsSolutions-IAM4[Policy::arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    'An application of one function, as most are written: the right to write its log, from the policy that AWS keeps for it.',
  ],
  [
    'AwsSolutions-IAM5[Resource::arn:aws:ssm:us-east-1:111122223333:parameter/prompts/dev/financial-analysis/STAGING/*]',
    BELOW,
  ],
]);

/** What only an auditor has, who reads everything and writes nothing. */
const OF_AN_AUDITOR: ReadonlyMap<string, string> = new Map([
  [
    'AwsSolutions-IAM5[Resource::*]',
    'CloudTrail’s event history and lists know no resources, and DescribeStacks without a name, by which the command finds the registry, none either.',
  ],
  [
    'AwsSolutions-IAM5[Resource::arn:aws:s3:::<AuditBucket>/*]',
    'Log files are named by time; all of them are evidence.',
  ],
  [
    'AwsSolutions-IAM5[Resource::arn:aws:s3:::<Ledger>/*]',
    'Records, reasons and archived versions: all of the ledger is evidence.',
  ],
  [
    'AwsSolutions-IAM5[Resource::<FinancialAnalysisPrompt.Arn>*]',
    'One prompt’s draft and versions. An id has ten characters, so no other begins with it.',
  ],
  [
    'AwsSolutions-IAM5[Resource::arn:aws:ssm:us-east-1:111122223333:parameter/prompts/prod/*]',
    'The aliases of the registry, and what is written there beside them, which is what the audit looks for.',
  ],
  [
    'AwsSolutions-IAM5[Resource::arn:aws:iam::111122223333:policy/prompts+prod+*]',
    'The callers’ policies of the registry.',
  ],
  [
    'AwsSolutions-IAM5[Resource::arn:aws:iam::111122223333:policy/Prompts-*]',
    'Guards and policies of several aliases, which CloudFormation names after the registry’s stack. They are read and compared.',
  ],
  [
    'AwsSolutions-IAM5[Resource::arn:aws:iam::111122223333:role/Prompts-*]',
    'The registry’s two roles, which CloudFormation names after its stack. Only GetRole, for the id that the ledger’s policy pins.',
  ],
  [
    'AwsSolutions-IAM5[Resource::arn:aws:cloudformation:us-east-1:111122223333:stack/Prompts/*]',
    'One stack, whatever its id.',
  ],
]);

/** What only an endpoint for Langfuse's clients has. */
const OF_AN_ENDPOINT: ReadonlyMap<string, string> = new Map([
  [
    'AwsSolutions-APIG1',
    'The function logs every request with key, prompt, label and version, which the stage does not know.',
  ],
  ['AwsSolutions-APIG4', 'Langfuse’s clients send a pair of keys and can sign nothing: the function checks it.'],
  [
    'AwsSolutions-SMG4',
    'A pair of keys stands in applications that nobody here can restart; the guide says how to rotate one with an hour for both.',
  ],
]);

/** What only an evaluator has. */
const OF_AN_EVALUATOR: ReadonlyMap<string, string> = new Map([
  [
    'AwsSolutions-IAM5[Resource::<Ledger.Arn>/versions/<FinancialAnalysisPrompt.Id>/*]',
    'Archived versions of one prompt, which is where their texts’ variables stand.',
  ],
  [
    'AwsSolutions-IAM5[Resource::<Ledger.Arn>/ledger/<FinancialAnalysisPrompt.Id>/PROD/*]',
    'Records of one alias: the newest says where it stands.',
  ],
  ['AwsSolutions-IAM5[Resource::<Ledger.Arn>/ledger/<FinancialAnalysisPrompt.Id>/STAGING/*]', 'As above.'],
  [
    'AwsSolutions-IAM5[Resource::<Ledger.Arn>/reviews/*/@measured/<aws:userid>/????????.json]',
    'Keys hold the content’s digest and a number. In its own name, and in one group.',
  ],
  [
    'AwsSolutions-IAM5[Resource::<Ledger.Arn>/reviews/*]',
    'The releaser reads what reviewers signed, in any registry that has some.',
  ],
  [
    'AwsSolutions-IAM5[Resource::<Ledger.Arn>/rollouts/*]',
    'The releaser reads whether a rollout was halted, which takes consent away.',
  ],
  ['AwsSolutions-IAM5[Resource::<QualityRuns.Arn>/jobs/*]', 'Its own bucket, where keys hold hashes.'],
  ['AwsSolutions-IAM5[Resource::<QualityRuns.Arn>/next/*]', 'As above.'],
  ['AwsSolutions-IAM5[Resource::<QualityRuns.Arn>/runs/*]', 'As above.'],
]);

const TOPIC = 'arn:aws:sns:us-east-1:111122223333:alerts';

/** Rules that were broken, without the hashes of logical ids; a known Region makes the partition known too. */
function findings(app: App, stacks: Stack[]): string[] {
  const checks = new AwsSolutionsChecks(app);
  const found = stacks.flatMap((stack) => checks.validateScope(stack).violations.map(({ ruleName }) => ruleName));
  return [
    ...new Set(
      found.map((rule) => rule.replace(/[0-9A-F]{8}(?=(?:\.(?:Arn|Id))?>)/g, '').replace('<AWS::Partition>', 'aws')),
    ),
  ].sort();
}

describe('AwsSolutionsChecks find what is listed here with its reason, and nothing else,', () => {
  it('in a stack with every construct', () => {
    const app = newApp();
    const stack = stackIn(app);
    const prompt = promptIn(stack);
    prompt.addAlias('STAGING');
    const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    const role = new Role(stack, 'Role', { assumedBy: new AccountRootPrincipal() });
    prod.grants.read(role);
    role.addManagedPolicy(new CallableVersionsGuard(stack, 'Guard', { aliases: [prod] }));

    expect(findings(app, [stack])).toEqual([...EXCEPTIONS.keys()].sort());
  });

  it('in a stack with an audit trail and its auditor', () => {
    const app = newApp();
    const stack = stackIn(app);
    const registry = registryIn(stack);
    promptIn(stack, { registry });
    const role = new Role(stack, 'Role', { assumedBy: new AccountRootPrincipal() });
    new PromptAuditTrail(stack, 'Audit', { registries: [registry] }).grants.audit(role);

    const found = findings(app, [stack]).filter((rule) => !EXCEPTIONS.has(rule));
    expect(found).toEqual([...OF_AN_AUDITOR.keys()].sort());
  });

  it('in a stack with an endpoint for Langfuse’s clients', () => {
    const app = newApp();
    const stack = stackIn(app);
    const prompt = promptIn(stack);
    const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    const endpoint = new LangfuseEndpoint(stack, 'Langfuse', { registry: prompt.registry, aliases: [prod] });
    endpoint.addKey('Key', { read: [prod] });

    const found = findings(app, [stack]).filter((rule) => !EXCEPTIONS.has(rule));
    expect(found).toEqual([...OF_AN_ENDPOINT.keys()].sort());
  });

  it('in a stack with a watch over models', () => {
    const app = newApp();
    const stack = stackIn(app);
    const { registry } = promptIn(stack);
    new ModelLifecycleWatch(stack, 'Watch', { registry, topic: Topic.fromTopicArn(stack, 'Topic', TOPIC) });
    // GetMetricData knows no resources.
    const found = findings(app, [stack]).filter((rule) => !EXCEPTIONS.has(rule));
    expect(found).toEqual(['AwsSolutions-IAM5[Resource::*]']);
  });

  it('in a stack with an evaluator', () => {
    const app = newApp();
    const stack = stackIn(app);
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: '/prompts/prod',
      reviewers: { measured: [] },
    });
    const prompt = promptIn(stack, { registry });
    const candidate = prompt.addAlias('STAGING');
    const live = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    const suites = [{ prompt, candidate, live, suite: 'prompts/financial-analysis.eval.yaml' }];
    new PromptEvaluator(stack, 'Quality', { registry, group: 'measured', suites, every: Duration.days(1) });

    const found = findings(app, [stack]).filter((rule) => !EXCEPTIONS.has(rule));
    expect(found).toEqual([...OF_AN_EVALUATOR.keys()].sort());
  });

  describe('in the example app', () => {
    beforeAll(() => {
      const { context } = JSON.parse(readFileSync(join(__dirname, '../../cdk.json'), 'utf8'));
      vi.stubEnv('CDK_CONTEXT_JSON', JSON.stringify({ ...context, 'aws:cdk:disable-asset-staging': true }));
      return () => vi.unstubAllEnvs();
    });

    it('as it is', async () => {
      const { app } = await import('../../bin/app');
      const stacks = app.node.children.filter((child) => Stack.isStack(child));
      expect(stacks.map(({ stackName }) => stackName)).toEqual(['Prompts-dev', 'Consumer-dev']);
      expect(findings(app, stacks).filter((rule) => !EXCEPTIONS.has(rule))).toEqual([...OF_THE_APPLICATION.keys()]);
    });
  });

  it('and they do look: a wildcard of one’s own is found', () => {
    const app = newApp();
    const stack = stackIn(app);
    new Role(stack, 'Role', { assumedBy: new AccountRootPrincipal() }).addToPolicy(
      new PolicyStatement({ actions: ['bedrock:*'], resources: ['*'] }),
    );
    expect(findings(app, [stack])).toEqual(['AwsSolutions-IAM5[Action::bedrock:*]', 'AwsSolutions-IAM5[Resource::*]']);
  });
});
