import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { AliasTarget, CallableVersionsGuard } from '../../lib';
import { newApp, promptIn, stackIn } from './prompt-app';

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
    'AwsSolutions-IAM5[Resource::<FinancialAnalysisPrompt.Arn>:*]',
    'All versions of one prompt, which are numbered as they are made, and never its draft. DeletePrompt on anything else would delete the prompt.',
  ],
]);

/** Rules that were broken, without the hashes of logical ids; a known Region makes the partition known too. */
function findings(app: App, stacks: Stack[]): string[] {
  const checks = new AwsSolutionsChecks(app);
  const found = stacks.flatMap((stack) => checks.validateScope(stack).violations.map(({ ruleName }) => ruleName));
  return [
    ...new Set(found.map((rule) => rule.replace(/[0-9A-F]{8}(?=\.Arn>)/, '').replace('<AWS::Partition>', 'aws'))),
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
      expect(findings(app, stacks).filter((rule) => !EXCEPTIONS.has(rule))).toEqual([]);
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
