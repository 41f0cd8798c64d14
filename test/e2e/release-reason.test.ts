import { Duration, type Stack } from 'aws-cdk-lib';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { describe, expect, it } from 'vitest';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import type { AdversaryOptions } from '../../packages/local-aws/cloudformation/adversary';
import { RegistryBench } from './registry-bench';

const PREFIX = '/prompts/test';
const PATIENCE = 300_000;

interface App {
  readonly text?: string;
  /** A resource beside the aliases that cannot be made. */
  readonly failing?: boolean;
}

const app =
  ({ text = 'Explain', failing = false }: App) =>
  (stack: Stack) => {
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: PREFIX,
      policyPropagation: Duration.seconds(0),
    });
    const variant = PromptVariant.text({ text: `${text} {{ticker}}`, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
    const aliases = [prompt.addAlias('STAGING'), prompt.addAlias('PROD', { target: AliasTarget.parameter() })];
    if (!failing) return;
    const refused = new CfnParameter(stack, 'Refused', { type: 'String', value: 'x', allowedPattern: '^y$' });
    refused.node.addDependency(...aliases);
  };

function start(cloudFormation: AdversaryOptions = {}): Promise<RegistryBench> {
  return RegistryBench.start({ stack: 'Prompts', parameterPrefix: PREFIX, promptName: 'advisor' }, { cloudFormation });
}

type Json = Record<string, Record<string, Record<string, unknown>>>;

/** The template as it was before there were reasons. */
function yesterdays(template: string): string {
  const { Parameters = {}, Resources = {}, ...rest } = JSON.parse(template) as Json;
  delete Parameters.ReleaseReason;
  for (const [id, resource] of Object.entries(Resources)) {
    if (resource.Type === ('Custom::ReleaseReason' as unknown)) delete Resources[id];
    if (Array.isArray(resource.DependsOn)) {
      resource.DependsOn = resource.DependsOn.filter((name: string) => !name.startsWith('ReleaseReason')) as never;
    }
  }
  return JSON.stringify({ Parameters, Resources, ...rest });
}

const eventsOf = async (bench: RegistryBench, type: string) =>
  (await bench.deployer.events(bench.names.stack)).filter(({ ResourceType }) => ResourceType === type);

describe('a registry from before there were reasons', { timeout: PATIENCE }, () => {
  it('is upgraded without a word to its aliases, and hears the reason of the very deployment that upgrades it', async () => {
    const bench = await start();
    const today = await bench.synthesize(app({}));
    expect((await bench.deploy(yesterdays(today))).status).toBe('CREATE_COMPLETE');
    const aliasEvents = (await eventsOf(bench, 'Custom::PromptAlias')).length;

    const failing = await bench.deploy(await bench.synthesize(app({ failing: true })), { ReleaseReason: 'too early' });
    expect(failing.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(failing.failures.filter((failure) => !failure.startsWith('Refused'))).toEqual([]);
    expect((await eventsOf(bench, 'Custom::PromptAlias')).length).toBe(aliasEvents);
    expect((await eventsOf(bench, 'Custom::ReleaseReason')).map(({ ResourceStatus }) => ResourceStatus)).not.toContain(
      'DELETE_FAILED',
    );

    expect((await bench.deploy(today)).status).toBe('UPDATE_COMPLETE');
    expect((await eventsOf(bench, 'Custom::PromptAlias')).length).toBe(aliasEvents);

    await bench.deploy(today, { AdvisorProdVersion: '1', ReleaseReason: 'ticket 4711' });
    expect((await bench.ledger('PROD')).map(({ reason }) => reason)).toEqual(['ticket 4711']);
    await bench.aws.stop();
  });
});

describe('the reason in every record', { timeout: PATIENCE }, () => {
  it.each([1, 2, 3, 4])(
    'is that of its own operation, whatever CloudFormation repeats, delays and reorders (seed %i)',
    async (seed) => {
      const bench = await start({ seed });
      const draw = drawing(seed);
      const texts = ['Explain', 'Tell', 'Show'];
      const templates: Record<string, string> = {};
      for (const text of texts) {
        for (const failing of [false, true]) {
          templates[`${text} ${failing}`] = await bench.synthesize(app({ text, failing }));
        }
      }
      const template = (text: string, failing: boolean) => templates[`${text} ${failing}`] ?? '';
      await bench.deploy(template('Explain', false), {});
      let [said, standing, told] = ['', 'Explain', 0];
      for (let operation = 1; operation <= 7; operation++) {
        const text = texts.filter((other) => other !== standing)[draw(2)] ?? '';
        const [failing, speaks] = [draw(3) === 0, draw(3) > 0];
        const reason = speaks ? `words ${operation} of ${seed}` : said;
        const counts = await countRecords(bench);
        const { status } = await bench.deploy(template(text, failing), speaks ? { ReleaseReason: reason } : {});
        const what = `operation ${operation}: ${status}`;
        for (const alias of ['STAGING', 'PROD']) {
          for (const record of (await bench.ledger(alias)).slice(counts[alias])) {
            const expected = speaks && !record.undo ? reason : null;
            expect({ what, alias, undo: record.undo, reason: record.reason }).toEqual({
              ...{ what, alias, undo: record.undo, reason: expected },
            });
            if (expected !== null) told += 1;
          }
        }
        if (status === 'UPDATE_COMPLETE') [said, standing] = [reason, text];
      }
      expect(told).toBeGreaterThan(0);
      await bench.aws.stop();
    },
  );
});

async function countRecords(bench: RegistryBench): Promise<Record<string, number>> {
  const count = async (alias: string) => (await bench.ledger(alias)).length;
  return { STAGING: await count('STAGING'), PROD: await count('PROD') };
}

/** Numbers below `most`, the same for the same seed. */
function drawing(seed: number): (most: number) => number {
  let state = seed * 2_654_435_761;
  return (most) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e37_79b9) | 0;
    return (state >>> 8) % most;
  };
}
