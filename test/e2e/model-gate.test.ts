import { Duration, type Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AliasTarget, Gate, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { RegistryBench } from './registry-bench';

const LITE = 'us.amazon.nova-lite-v1:0';
const PRO = 'us.amazon.nova-pro-v1:0';

let bench: RegistryBench;

const app = (model: string) => (stack: Stack) => {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: '/prompts/test',
    policyPropagation: Duration.seconds(0),
    gates: { '*': [Gate.model({ among: [LITE, PRO] })] },
  });
  const variant = PromptVariant.text({ text: 'Explain {{ticker}}', model });
  const prompt = new Prompt(stack, 'Advisor', { registry, promptName: 'advisor', variant });
  prompt.addAlias('PROD', { target: AliasTarget.parameter() });
};

async function release(model: string, AdvisorProdVersion: string) {
  const { status, failures } = await bench.deploy(await bench.synthesize(app(model)), { AdvisorProdVersion });
  return failures.length > 0 ? failures.join('\n') : status;
}

/** Ends a model in so many days. */
function ends(modelId: string, days: number): void {
  const model = bench.aws.modelCatalog.get(modelId);
  if (!model) throw new Error(modelId);
  const day = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  bench.aws.modelCatalog.set({ ...model, legacyTime: '2026-01-01', endOfLifeTime: day });
}

beforeAll(async () => {
  bench = await RegistryBench.start({ stack: 'Prompts', parameterPrefix: '/prompts/test', promptName: 'advisor' });
}, 300_000);
afterAll(() => bench?.aws.stop());

it('holds releases of a stack to models that go on, and nothing that goes back', { timeout: 300_000 }, async () => {
  expect(await release(LITE, 'none')).toBe('CREATE_COMPLETE');
  expect(await release(PRO, '1')).toBe('UPDATE_COMPLETE');
  ends('amazon.nova-pro-v1:0', 20);
  expect(await release(PRO, '2')).toContain('ModelEnds');
  ends('amazon.nova-pro-v1:0', 60);
  expect(await release(PRO, '2')).toBe('UPDATE_COMPLETE');
  // Both end today: forward would be refused, back is not.
  ends('amazon.nova-lite-v1:0', 0);
  expect(await release(PRO, '1')).toBe('UPDATE_COMPLETE');
  const records = (await bench.ledger('PROD')).sort((a, b) => a.sequence - b.sequence);
  expect(records.filter(({ from, to }) => from?.version !== to?.version).map(({ passed }) => passed)).toMatchObject([
    { how: 'agreed', model: { id: LITE, model: 'amazon.nova-lite-v1:0', status: 'ACTIVE', ends: null } },
    { how: 'agreed', model: { id: PRO, model: 'amazon.nova-pro-v1:0', status: 'LEGACY' } },
    { how: 'back' },
  ]);
});
