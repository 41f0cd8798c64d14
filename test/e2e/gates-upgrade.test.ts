import { setTimeout as sleep } from 'node:timers/promises';
import { ContinueUpdateRollbackCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import type { Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseProgress, parseRollout } from '../../core/contract/rollout-parameters';
import { shareAt } from '../../core/rollout/share';
import * as today from '../../lib';
import { PreviousPackage, RELEASE_BEFORE } from '../previous/previous-package';
import { RegistryBench } from './registry-bench';
import { fill, fillPlatform, rollingOptions, STACK } from './upgrade-app';

const PATIENCE = 300_000;
const COMPLETE = { status: 'UPDATE_COMPLETE', failures: [] };
const TEXT = 'Explain {{ticker}}';

describe.skipIf(!PreviousPackage.isThere(RELEASE_BEFORE))(
  'A registry of the release before this one, which gets gates',
  { timeout: PATIENCE },
  () => {
    let previous: PreviousPackage | undefined;
    let bench: RegistryBench;
    beforeAll(async () => {
      previous = new PreviousPackage(RELEASE_BEFORE);
      bench = await RegistryBench.start({ stack: STACK, parameterPrefix: '/prompts/test', promptName: 'sorter' });
      expect((await bench.deploy(await before(TEXT))).failures).toEqual([]);
      expect(await bench.deploy(await before(`${TEXT} well`), { SorterProdVersion: '1' })).toEqual(COMPLETE);
      expect(await bench.deploy(await before(`${TEXT} well`), { SorterProdVersion: '2' })).toEqual(COMPLETE);
    }, PATIENCE);
    afterAll(async () => {
      previous?.remove();
      await bench.aws.stop();
    });

    /** What the registry of a stack is to apps that join it. */
    async function attributesOf(stack: string) {
      const functions = await bench.deployer.resources(stack, 'AWS::Lambda::Function');
      const roles = await bench.deployer.resources(stack, 'AWS::IAM::Role');
      const one = (found: Record<string, string>, id: string) =>
        Object.entries(found).find(([logicalId]) => logicalId.startsWith(id))?.[1] ?? '';
      const arn = (id: string) => `arn:aws:lambda:us-east-1:${bench.aws.account}:function:${one(functions, id)}`;
      return {
        handlers: { version: arn('VersionHandler'), plan: arn('PlanHandler'), alias: arn('AliasHandler') },
        publisherRoleName: one(roles, 'PublisherRole'),
        releaserRoleName: one(roles, 'ReleaserRole'),
        rolloutControllerArn: arn('Controller'),
      };
    }

    function letters(stack: Stack, handlers: Awaited<ReturnType<typeof attributesOf>>, text: string): void {
      const attributes = { parameterPrefix: '/prompts/platform', ...handlers };
      const registry = today.PromptRegistry.fromAttributes(stack, 'Registry', attributes);
      const variant = today.PromptVariant.text({ text: `${text} {{mail}}`, model: 'us.amazon.nova-pro-v1:0' });
      const prompt = new today.Prompt(stack, 'Letters', { registry, promptName: 'letters', variant });
      prompt.addAlias('PROD', { target: today.AliasTarget.parameter(), ...rollingOptions(today) });
    }

    /** Where the alias points, and what its callers get beside that, so many milliseconds from now. */
    async function values(alias: string, ahead = 0) {
      const Names = [alias, `${alias}/rollout`, `${alias}/rollout-progress`];
      const { Parameters = [] } = await bench.operator.ssm.send(new GetParametersCommand({ Names }));
      const [pointer, rollout, told] = Names.map((name) => Parameters.find((one) => one.Name === name)?.Value);
      const { at: _, until: __, ...progress } = parseProgress(told) ?? { at: '', until: '' };
      const share = shareAt(parseRollout(rollout), parseProgress(told), bench.aws.now().getTime() + ahead);
      return { pointer, rollout, progress, share };
    }

    /** Minutes go by in a second each, until somebody gets the candidate. */
    async function steps(alias: string): Promise<void> {
      bench.aws.setSpeed(60);
      while ((await values(alias)).share === 0) await sleep(100);
      bench.aws.setSpeed(1);
    }

    async function halt(stack: string, asked: { prompt: string; alias: string }): Promise<void> {
      const { endpoint, region, operator: credentials } = bench.aws;
      const FunctionName = (await attributesOf(stack)).rolloutControllerArn;
      const Payload = JSON.stringify({ halt: { ...asked, reason: 'complaints' } });
      // There is one controller, which may be at work just then.
      const lambda = new LambdaClient({ endpoint, region, credentials, maxAttempts: 20 });
      await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    }

    const before = async (text: string) =>
      bench.deployer.publish(STACK, previous?.synthesize('test/e2e/upgrade-app.ts', text) ?? '');
    const synthesize = (options: { failing?: boolean; gated?: boolean; rolling?: boolean; text?: string }) =>
      bench.synthesize((stack) => fill(stack, today, { text: `${TEXT} well`, failing: false, ...options }));

    it('fails the release of an alias with a gate of its own, instead of passing it, while its handlers are old', async () => {
      const handlers = await attributesOf(STACK);
      const team = (gates: today.Gate[]) =>
        bench.deployer.deployStack('Team', (stack) => {
          const attributes = { parameterPrefix: '/prompts/test', ...handlers };
          const registry = today.PromptRegistry.fromAttributes(stack, 'Registry', attributes);
          const variant = today.PromptVariant.text({ text: 'Write {{mail}}', model: 'us.amazon.nova-pro-v1:0' });
          const prompt = new today.Prompt(stack, 'Letters', { registry, promptName: 'letters', variant });
          prompt.addAlias('PROD', { target: today.AliasTarget.parameter(), gates });
        });
      const { failures } = await team([today.Gate.approval({ askedBy: 'authors', by: 'risk' })]);
      expect(failures.join()).toMatch(/LettersProdAlias\w*: .*Terms/);
    });

    it('stands where it stood when the deployment that brings them fails, and when it succeeds', async () => {
      const before = await bench.standing();
      // A return of PROD, which needs nobody, and then a failure.
      const failed = await bench.deploy(await synthesize({ gated: true, failing: true }), { SorterProdVersion: '1' });
      expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      const after = await bench.standing();
      expect([after.pointers, after.versions]).toEqual([before.pointers, before.versions]);
      expect(after.heads.PROD).toMatchObject({ schema: 1, undo: true, to: { version: 2 } });

      expect(await bench.deploy(await synthesize({ gated: true }))).toEqual(COMPLETE);
      expect(await bench.standing()).toEqual(after);
    });

    it('is judged from then on, goes back for free, and is as before when they are taken away', async () => {
      const text = `${TEXT} best`;
      const gated = await synthesize({ gated: true, text });
      expect(await bench.deploy(gated)).toEqual(COMPLETE);
      const refused = await bench.deploy(gated, { SorterProdVersion: '3' });
      expect(refused.failures.join()).toContain('ApprovalMissing: alias PROD of prompt sorter');
      expect(await bench.deploy(gated, { SorterProdVersion: '1' })).toEqual(COMPLETE);
      expect((await bench.ledger('PROD')).at(-1)).toMatchObject({ schema: 2, passed: { how: 'back', to: 1 } });

      expect(await bench.deploy(await synthesize({ text }), { SorterProdVersion: '3' })).toEqual(COMPLETE);
      expect((await bench.ledger('PROD')).at(-1)).toMatchObject({ schema: 1, to: { version: 3 } });
      expect(await bench.pointers()).toEqual({ PROD: '3', STAGING: '3' });
    });

    it('is not taken back to that release while an alias rolls out: it stays as it was', async () => {
      const PROD = '/prompts/test/sorter/PROD';
      const text = `${TEXT} again`;
      const [rolling, older] = [await synthesize({ rolling: true, text }), await before(text)];
      const seen = async () => ({ ledger: await bench.ledger('PROD'), ...(await values(PROD)) });
      const refusedAtOnce = () => expect(bench.deploy(older)).rejects.toThrow(/SorterProdVersion/);
      expect(await bench.deploy(rolling, { SorterProdVersion: '3..4' })).toEqual(COMPLETE);
      await refusedAtOnce();

      await steps(PROD);
      const served = await seen();
      expect(served).toMatchObject({ share: 50, progress: { state: 'step' } });
      const failed = await bench.deploy(older, { SorterProdVersion: '4' });
      expect(failed.failures.join()).toMatch(/SorterProdReleasePlan\w*: .*BadLedgerRecord/);
      expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(await seen()).toEqual(served);

      await halt(STACK, { prompt: 'sorter', alias: 'PROD' });
      const halted = await seen();
      expect(halted).toMatchObject({ share: 0, progress: { state: 'halt' } });
      await refusedAtOnce();
      expect(await seen()).toEqual(halted);
    });

    it('of which the handlers alone are taken back gives everybody stable, and is whole with those of today', async () => {
      const PROD = '/prompts/platform/letters/PROD';
      const now = () => bench.deployer.deployStack('Platform', (stack) => fillPlatform(stack, today, { rollouts: {} }));
      expect((await now()).failures).toEqual([]);
      const handlers = await attributesOf('Platform');
      const team = (words: string, LettersProdVersion: string) =>
        bench.deployer.deployStack('Mail', (stack) => letters(stack, handlers, words), { LettersProdVersion });
      expect((await team('one', 'none')).failures).toEqual([]);
      expect(await team('two', '1')).toEqual(COMPLETE);
      expect(await team('two', '1..2')).toEqual(COMPLETE);
      await steps(PROD);
      const standing = await values(PROD);

      const platform = previous?.synthesize('test/e2e/upgrade-app.ts', '') ?? '';
      const older = await bench.deployer.publish(STACK, platform);
      expect(await bench.deployer.deployTemplate('Platform', older)).toEqual(COMPLETE);
      expect(await values(PROD)).toEqual(standing);
      expect((await attributesOf('Platform')).rolloutControllerArn).toMatch(/:$/);
      // Nobody moves `until` on any more.
      expect(await values(PROD, 31 * 60_000)).toEqual({ ...standing, share: 0 });

      const stuck = await team('two', '1');
      expect(stuck.failures.join()).toMatch(/BadLedgerRecord.*InvalidVersionTarget/);
      expect(stuck.status).toBe('UPDATE_ROLLBACK_FAILED');
      expect(await values(PROD)).toEqual(standing);

      expect(await now()).toEqual(COMPLETE);
      const { cloudFormation } = bench.deployer;
      await cloudFormation.send(new ContinueUpdateRollbackCommand({ StackName: 'Mail' }));
      expect(await bench.deployer.settled('Mail')).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(await values(PROD)).toEqual(standing);
      expect(await team('two', '2')).toEqual(COMPLETE);
      expect(await values(PROD)).toMatchObject({ pointer: expect.stringMatching(/:2$/), rollout: 'none' });
    });
  },
);
