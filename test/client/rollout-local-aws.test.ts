import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PromptClient } from '../../client';
import { systemClock } from '../../client/clock';
import { pointerArns } from '../../core/contract/names';
import {
  formatProgress,
  formatRollout,
  progressParameterName,
  rolloutParameterName,
} from '../../core/contract/rollout-parameters';
import { policy, startWithClock, statement, trustAccount } from '../local-aws/local-clients';
import { versionArn } from './registry-server';
import { keyFrom, NAME, SALT } from './rollout-fixture';

const POINTER = `/prompts/prod/${NAME}/PROD`;
const ARN = `arn:aws:ssm:us-east-1:111122223333:parameter${POINTER}`;
let local: Awaited<ReturnType<typeof startWithClock>>;

beforeEach(async () => {
  local = await startWithClock();
});
afterEach(() => local.aws.stop());

const put = (Name: string, Value: string) => local.ssm.send(new PutParameterCommand({ Name, Value, Type: 'String' }));

async function rollOut(): Promise<void> {
  const time = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();
  await put(rolloutParameterName(POINTER), formatRollout({ plan: 3, to: versionArn(4), steps: [5, 25], salt: SALT }));
  const step = { plan: 3, n: 1, step: 0, state: 'step' as const, at: time(-1_000), until: time(1_800_000) };
  await put(progressParameterName(POINTER), formatProgress(step));
}

/** A client of a role that may read these, and what it asked of SSM. */
async function clientThatReads(resources: readonly string[]) {
  await local.iam.send(new CreateRoleCommand({ RoleName: 'caller', AssumeRolePolicyDocument: trustAccount }));
  const actions = ['ssm:GetParameter', 'ssm:GetParameters'];
  const PolicyDocument = policy(statement('Allow', actions, [...resources]));
  await local.iam.send(new PutRolePolicyCommand({ RoleName: 'caller', PolicyName: 'p', PolicyDocument }));
  const { ssm } = await local.assume('caller');
  const before = local.aws.calls.length;
  const silent = { logger: false, metrics: false } as const;
  let passed = 0;
  const clock = { ...systemClock, wall: () => Date.now() + passed };
  const prompts = new PromptClient({ parameterPrefix: '/prompts/prod', alias: 'PROD', clock, ssm, ...silent });
  return {
    pass: (milliseconds: number) => {
      passed += milliseconds;
    },
    version: async (targetingKey: string) => (await prompts.get(NAME, { targetingKey })).version,
    asked: () =>
      local.aws.calls.slice(before).map(({ operation, errorCode }) => operation + (errorCode ? ` ${errorCode}` : '')),
  };
}

test('SSM answers the alias and its rollout at once, by the policy that callers have', async () => {
  await put(POINTER, versionArn(3));
  await rollOut();
  const { version, asked } = await clientThatReads(pointerArns(ARN));
  expect([await version(keyFrom(0)), await version(keyFrom(1))]).toEqual([4, 3]);
  expect(asked()).toEqual(['GetParameters']);
});

test('SSM names what is not there, which is all of a rollout for most aliases', async () => {
  await put(POINTER, versionArn(3));
  const { version, asked } = await clientThatReads(pointerArns(ARN));
  expect(await version(keyFrom(0))).toBe(3);
  expect(asked()).toEqual(['GetParameters']);
  await expect(
    new PromptClient({ parameterPrefix: '/prompts/prod', alias: 'OTHER', ssm: local.ssm }).get(NAME),
  ).rejects.toMatchObject({ code: 'AliasNotFound' });
});

test('SSM refuses all three to the policy of an older stack, and then gives the one', async () => {
  await put(POINTER, versionArn(3));
  await rollOut();
  const { asked, pass, version } = await clientThatReads([ARN]);
  expect(await version(keyFrom(0))).toBe(3);
  pass(62_000);
  expect(await version(keyFrom(0))).toBe(3);
  expect(asked()).toEqual(['GetParameters AccessDeniedException', 'GetParameter', 'GetParameter']);
});

test('SSM refuses a caller who may read nothing', async () => {
  await put(POINTER, versionArn(3));
  const { version } = await clientThatReads([`${ARN}X`]);
  await expect(version('x')).rejects.toMatchObject({ code: 'AccessDenied' });
});
