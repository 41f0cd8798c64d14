import { ListPromptsCommand } from '@aws-sdk/client-bedrock-agent';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { RegistryBench } from './registry-bench';

const NAMES = { stack: 'Prompts', parameterPrefix: '/prompts/test', promptName: 'sorter' };

let bench: RegistryBench;
beforeAll(async () => {
  bench = await RegistryBench.start(NAMES);
});
afterAll(() => bench.aws.stop());

function fill(stack: Stack): void {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: NAMES.parameterPrefix,
    policyPropagation: Duration.seconds(0),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const variant = PromptVariant.text({ text: 'Sort {{letter}}', model: 'amazon.nova-pro-v1:0' });
  const sorter = new Prompt(stack, 'Sorter', { registry, promptName: NAMES.promptName, variant });
  sorter.addAlias('PROD', { target: AliasTarget.parameter() });
}

const prompts = async () => (await bench.operator.bedrock.send(new ListPromptsCommand({}))).promptSummaries ?? [];

test('a registry that is thrown away is deployed, destroyed and deployed again; its records stay', async () => {
  const template = await bench.synthesize(fill);
  const deploy = () => bench.deploy(template, { SorterProdVersion: '1' });
  expect(await deploy()).toEqual({ status: 'CREATE_COMPLETE', failures: [] });
  const Bucket = await bench.ledgerBucket();
  const [before] = await prompts();

  expect(await bench.deployer.destroy(NAMES.stack)).toBe('DELETE_COMPLETE');
  expect(await prompts()).toEqual([]);
  const { Contents = [] } = await bench.operator.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'ledger/' }));
  expect(Contents).toHaveLength(2);

  expect(await deploy()).toEqual({ status: 'CREATE_COMPLETE', failures: [] });
  expect(await bench.pointers()).toEqual({ PROD: '1' });
  expect(await bench.ledger('PROD')).toHaveLength(1);
  expect((await prompts()).map(({ id }) => id)).not.toEqual([before?.id]);
  expect(await bench.ledgerBucket()).not.toBe(Bucket);
});
