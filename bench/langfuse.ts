// The Langfuse endpoint: own time of a GET next to a minimal server's, size, and load by real HTTP: npm run bench -- langfuse
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CfnOutput, Duration } from 'aws-cdk-lib';
import { build } from 'esbuild';
import { AliasTarget, LangfuseEndpoint, Prompt, PromptRegistry, PromptVariant } from '../lib';
import { startLocalAws } from '../packages/local-aws';
import { RegistryWorld } from '../test/lambda/langfuse/registry-world';
import { StackDeployer } from '../test/stack-deployer';
import { markdownTable } from './markdown-table';

const BATCH = 5_000;
const BATCHES = 11;
const RATE = 150;
const SECONDS = 20;
const TEXT = `${'You are an analyst of companies. '.repeat(45)}Look at {{ticker}}.`;

async function main(): Promise<void> {
  const [ours, minimal] = await ownTime();
  const { p50, p99, errors, count } = await load();
  const rows = [
    ['own time of a GET of a 1.5 kB prompt, median of batches', `${ours.toFixed(1)} µs`],
    ['the same by a minimal server in memory', `${minimal.toFixed(1)} µs`],
    ['bundle without the SDK, minified', `${(await bundleSize()).toLocaleString('en-US')} B`],
    [
      `${RATE} requests a second for ${SECONDS} s through the front: errors of ${count.toLocaleString('en-US')}`,
      String(errors),
    ],
    ['their p50 and p99', `${p50.toFixed(1)} and ${p99.toFixed(1)} ms`],
  ];
  console.log(markdownTable(['', ''], rows));
}

/** Both in this process and in turns: the function with its ports in memory, and the least that could answer. */
async function ownTime(): Promise<[ours: number, minimal: number]> {
  const world = new RegistryWorld();
  world.publish('style', 2, TEXT);
  world.release('style', 'PROD', [1, 2]);
  const endpoint = world.instance();
  const authorization = `Basic ${Buffer.from('pk-all:sk-all-secret').toString('base64')}`;
  const event = {
    version: '2.0' as const,
    rawPath: '/api/public/v2/prompts/style',
    rawQueryString: 'label=production',
    headers: { authorization },
    requestContext: { http: { method: 'GET' } },
  };
  const row = JSON.parse((await endpoint(event)).body);
  const rows = new Map([['style|production', row]]);
  const minimal = async ({ rawPath, rawQueryString, headers }: typeof event) => {
    if (headers.authorization !== authorization) return { statusCode: 401, body: '' };
    const name = decodeURIComponent(rawPath.slice('/api/public/v2/prompts/'.length));
    const found = rows.get(`${name}|${new URLSearchParams(rawQueryString).get('label')}`);
    return { statusCode: found ? 200 : 404, body: JSON.stringify(found) };
  };
  const times: [number[], number[]] = [[], []];
  for (let batch = 0; batch < BATCHES; batch++) {
    for (const [index, serve] of [endpoint, minimal].entries()) {
      const began = performance.now();
      for (let request = 0; request < BATCH; request++) await serve(event);
      times[index]?.push(((performance.now() - began) * 1_000) / BATCH);
      world.log.length = 0;
    }
  }
  return times.map((each) => quantile(each, 0.5)) as [number, number];
}

async function bundleSize(): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: ['lambda/langfuse-endpoint/index.ts'],
    bundle: true,
    platform: 'node',
    minify: true,
    external: ['@aws-sdk/*'],
    write: false,
  });
  return outputFiles[0]?.contents.length ?? 0;
}

async function load() {
  const aws = await startLocalAws();
  try {
    const { url, authorization } = await deployed(aws);
    const ask = async () => {
      const began = performance.now();
      const response = await fetch(`${url}/api/public/v2/prompts/triage`, { headers: { authorization } });
      await response.text();
      return { time: performance.now() - began, ok: response.status === 200 };
    };
    await Promise.all(Array.from({ length: 8 }, ask));
    const asked: ReturnType<typeof ask>[] = [];
    const began = performance.now();
    while (performance.now() - began < SECONDS * 1_000) {
      const due = ((performance.now() - began) / 1_000) * RATE;
      while (asked.length < due) asked.push(ask().catch(() => ({ time: Number.NaN, ok: false })));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const answers = await Promise.all(asked);
    const times = answers.filter(({ ok }) => ok).map(({ time }) => time);
    const errors = answers.length - times.length;
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), errors, count: answers.length };
  } finally {
    await aws.stop();
  }
}

async function deployed(aws: Awaited<ReturnType<typeof startLocalAws>>) {
  const deployer = new StackDeployer(aws);
  await deployer.deployStack('Bench', (stack) => {
    const registry = new PromptRegistry(stack, 'Registry', { policyPropagation: Duration.seconds(0) });
    const variant = PromptVariant.text({ text: TEXT, model: 'amazon.nova-lite-v1:0' });
    const prompt = new Prompt(stack, 'Triage', { registry, promptName: 'triage', variant });
    const prod = prompt.addAlias('PROD', { target: AliasTarget.currentVersion() });
    const endpoint = new LangfuseEndpoint(stack, 'Langfuse', {
      registry,
      aliases: [prod],
      // local-aws has four processes a function, and what waits for one counts as running.
      reservedConcurrency: 100,
      keyThrottle: [1_000, 1_000],
    });
    new CfnOutput(stack, 'Url', { value: endpoint.url });
    new CfnOutput(stack, 'Keys', { value: endpoint.addKey('Bench', { read: [prod] }).secretArn });
  });
  const { Url: url, Keys: SecretId } = await deployer.outputs('Bench');
  const secrets = new SecretsManagerClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.operator });
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  const { publicKey, secretKey } = JSON.parse(SecretString);
  return { url, authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}` };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

void main();
