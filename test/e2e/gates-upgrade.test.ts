import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as today from '../../lib';
import { PreviousPackage, RELEASE_BEFORE } from '../previous/previous-package';
import { RegistryBench } from './registry-bench';
import { fill, STACK } from './upgrade-app';

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
      const before = async (text: string) =>
        bench.deployer.publish(STACK, previous?.synthesize('test/e2e/upgrade-app.ts', text) ?? '');
      expect((await bench.deploy(await before(TEXT))).failures).toEqual([]);
      expect(await bench.deploy(await before(`${TEXT} well`), { SorterProdVersion: '1' })).toEqual(COMPLETE);
      expect(await bench.deploy(await before(`${TEXT} well`), { SorterProdVersion: '2' })).toEqual(COMPLETE);
    }, PATIENCE);
    afterAll(async () => {
      previous?.remove();
      await bench.aws.stop();
    });

    const synthesize = (options: { failing?: boolean; gated?: boolean; text?: string }) =>
      bench.synthesize((stack) => fill(stack, today, { text: `${TEXT} well`, failing: false, ...options }));

    it('fails the release of an alias with a gate of its own, instead of passing it, while its handlers are old', async () => {
      const resources = await bench.deployer.resources(STACK, 'AWS::Lambda::Function');
      const roles = await bench.deployer.resources(STACK, 'AWS::IAM::Role');
      const one = (found: Record<string, string>, id: string) =>
        Object.entries(found).find(([logicalId]) => logicalId.startsWith(id))?.[1] ?? '';
      const arn = (id: string) => `arn:aws:lambda:us-east-1:${bench.aws.account}:function:${one(resources, id)}`;
      const team = (gates: today.Gate[]) =>
        bench.deployer.deployStack('Team', (stack) => {
          const registry = today.PromptRegistry.fromAttributes(stack, 'Registry', {
            parameterPrefix: '/prompts/test',
            handlers: { version: arn('VersionHandler'), plan: arn('PlanHandler'), alias: arn('AliasHandler') },
            publisherRoleName: one(roles, 'PublisherRole'),
            releaserRoleName: one(roles, 'ReleaserRole'),
          });
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
  },
);
