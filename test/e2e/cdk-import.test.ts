import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteBucketPolicyCommand } from '@aws-sdk/client-s3';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { startLocalAws } from '../../packages/local-aws';
import { StackDeployer } from '../stack-deployer';
import { RegistryBench } from './registry-bench';

const NAMES = { stack: 'Prompts', parameterPrefix: '/prompts/test', promptName: 'sorter' };
const RELEASED = { parameters: { SorterProdVersion: '1' } };

let bench: RegistryBench;
let scratch: string;
let assembly: string;

beforeAll(async () => {
  const aws = await startLocalAws();
  bench = new RegistryBench(aws, NAMES, new StackDeployer(aws));
  scratch = mkdtempSync(join(tmpdir(), 'cdk-import-'));
  assembly = join(scratch, 'cdk.out');
  const app = new App({ outdir: assembly, analyticsReporting: false });
  const stack = new Stack(app, NAMES.stack, { env: { account: aws.account, region: aws.region } });
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: NAMES.parameterPrefix,
    policyPropagation: Duration.seconds(0),
  });
  const variant = PromptVariant.text({ text: 'Sort {{letter}}', model: 'amazon.nova-pro-v1:0' });
  const sorter = new Prompt(stack, 'Sorter', { registry, promptName: NAMES.promptName, variant });
  sorter.addAlias('PROD', { target: AliasTarget.parameter() });
  app.synth();
});
afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await bench.aws.stop();
});

async function cdk(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [require.resolve('aws-cdk/bin/cdk'), ...args, '--no-notices'], {
    cwd: scratch,
    env: { ...process.env, ...bench.aws.environment(), CI: 'true', CDK_DISABLE_VERSION_CHECK: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(output);
  return output;
}

const ids = async (type: string) => Object.entries(await bench.deployer.resources(NAMES.stack, type));

test('what a destroyed registry retained is imported; versions, numbers and chain go on', async () => {
  await cdk('bootstrap', `aws://${bench.aws.account}/${bench.aws.region}`);
  expect((await bench.deployer.deploy(NAMES.stack, assembly, RELEASED)).failures).toEqual([]);
  const [[promptId, Arn] = ['', '']] = await ids('AWS::Bedrock::Prompt');
  const [[bucketId, BucketName] = ['', '']] = await ids('AWS::S3::Bucket');
  const before = await bench.standing();
  expect(await bench.deployer.destroy(NAMES.stack)).toBe('DELETE_COMPLETE');

  // docs/operations.md, "Import what was retained".
  const mapping = join(scratch, 'import.json');
  writeFileSync(mapping, JSON.stringify({ [promptId]: { Arn }, [bucketId]: { BucketName } }));
  await cdk('import', NAMES.stack, '--app', assembly, '--resource-mapping', mapping);
  expect((await bench.deployer.stack(NAMES.stack))?.StackStatus).toBe('IMPORT_COMPLETE');
  await bench.operator.s3.send(new DeleteBucketPolicyCommand({ Bucket: BucketName }));
  expect(await bench.deployer.deploy(NAMES.stack, assembly, RELEASED)).toEqual({
    status: 'UPDATE_COMPLETE',
    failures: [],
  });

  expect([await ids('AWS::Bedrock::Prompt'), await ids('AWS::S3::Bucket')]).toEqual([
    [[promptId, Arn]],
    [[bucketId, BucketName]],
  ]);
  const { pointers, versions } = await bench.standing();
  expect([pointers, versions]).toEqual([before.pointers, before.versions]);
  const records = await bench.ledger('PROD');
  expect(records.map(({ sequence, kind, to }) => [sequence, kind, to?.version])).toEqual([
    [1, 'promote', 1],
    [2, 'remove', undefined],
    [3, 'promote', 1],
  ]);
  expect(new Set(records.map(({ stackId }) => stackId)).size).toBe(2);
});
