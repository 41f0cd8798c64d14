// Each handler: size, time to load, and what one event costs; then whole deployments, all against local-aws:
// npx tsx bench/handlers.ts (needs `npm run build`)
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../lib';
import { type LocalAws, startLocalAws } from '../packages/local-aws';
import { StackDeployer } from '../test/stack-deployer';
import { markdownTable } from './markdown-table';

const STACK = 'Prompts';
const HANDLERS = ['prompt-version', 'prompt-release-plan', 'prompt-alias'];
const BUNDLES = resolve(__dirname, '../dist/lambda');
const LOADS = 7;

/** What one deployment did. */
interface Operation {
  readonly what: string;
  readonly seconds: number;
  readonly events: readonly StackEvent[];
  readonly calls: LocalAws['calls'];
}

async function main(): Promise<void> {
  bundles();
  const logDirectory = mkdtempSync(join(tmpdir(), 'bench-handlers-'));
  const aws = await startLocalAws({ logDirectory });
  try {
    const operations = await deployments(aws);
    perEvent(operations);
    whole(operations);
  } finally {
    await aws.stop();
    rmSync(logDirectory, { recursive: true });
  }
}

function bundles(): void {
  const bare = loadMs('undefined');
  console.log(`\nLoad: median of ${LOADS} fresh processes, less what an empty one takes; Node ${process.version}\n`);
  const rows = HANDLERS.map((name) => {
    const file = join(BUNDLES, name, 'index.js');
    const bytes = readFileSync(file);
    const load = loadMs(`require(${JSON.stringify(file)})`) - bare;
    return [name, kB(statSync(file).size), kB(gzipSync(bytes).length), `${load.toFixed(0)} ms`];
  });
  console.log(markdownTable(['handler', 'bundle', 'gzipped', 'load'], rows));
}

async function deployments(aws: LocalAws): Promise<Operation[]> {
  const deployer = new StackDeployer(aws);
  const operation = async (what: string, text: string, parameters: Record<string, string> = {}): Promise<Operation> => {
    const template = await deployer.synthesize(STACK, (stack) => example(stack, text));
    const known = new Set((await events(deployer)).map(({ EventId }) => EventId));
    const callsBefore = aws.calls.length;
    const started = performance.now();
    const { status, failures } = await deployer.deployTemplate(STACK, template, { parameters });
    const seconds = (performance.now() - started) / 1000;
    if (failures.length > 0) throw new Error(`${what}: ${status}: ${failures.join('; ')}`);
    await aws.idle();
    const fresh = (await events(deployer)).filter(({ EventId }) => !known.has(EventId));
    return { what, seconds, events: fresh, calls: aws.calls.slice(callsBefore) };
  };
  return [
    await operation('first deploy', 'Say {{topic}} in one line.'),
    await operation('content change', 'Say {{topic}} in two lines.'),
    await operation('release', 'Say {{topic}} in two lines.', { BenchProdVersion: '2' }),
    await operation('rollback', 'Say {{topic}} in two lines.', { BenchProdVersion: '1' }),
  ];
}

/** Without the wait for IAM, which is a setting and no work. */
function example(stack: Stack, text: string): void {
  const registry = new PromptRegistry(stack, 'Registry', { policyPropagation: Duration.seconds(0) });
  const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
  const prompt = new Prompt(stack, 'Prompt', { registry, promptName: 'bench', variant });
  prompt.addAlias('STAGING');
  prompt.addAlias('PROD', { target: AliasTarget.parameter() });
}

/** Calls to AWS of a handler, by what it was called for, and how long CloudFormation waited for it. */
function perEvent(operations: readonly Operation[]): void {
  const rows = operations.flatMap(({ what, events: all, calls }) => {
    const types = [...new Set(all.map(({ ResourceType = '' }) => ResourceType))].filter((type) =>
      type.startsWith('Custom::'),
    );
    return types.sort().map((type) => {
      const times = durations(all.filter(({ ResourceType }) => ResourceType === type));
      const made = calls.filter(({ principalArn }) => principalArn.includes(`/${STACK}-${FUNCTION[type] ?? type}`));
      const names = new Map<string, number>();
      for (const { operation } of made) names.set(operation, (names.get(operation) ?? 0) + 1);
      const list = [...names].map(([name, count]) => (count > 1 ? `${count} ${name}` : name)).join(', ');
      const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
      return [what, type, String(times.length), String(made.length), `${mean.toFixed(0)} ms`, list];
    });
  });
  console.log(
    "\nOne prompt with two aliases; time from CloudFormation's request to the answer, a cold start included\n",
  );
  console.log(markdownTable(['operation', 'resource', 'events', 'AWS calls', 'time each', 'which'], rows));
}

/** Beginning of the function's logical id. */
const FUNCTION: Record<string, string> = {
  'Custom::PromptVersion': 'VersionHandler',
  'Custom::PromptReleasePlan': 'PlanHandler',
  'Custom::PromptAlias': 'AliasHandler',
};

function durations(events: readonly StackEvent[]): number[] {
  const started = new Map<string, number>();
  const times: number[] = [];
  for (const { LogicalResourceId = '', ResourceStatus = '', Timestamp } of [...events].reverse()) {
    if (ResourceStatus.endsWith('_IN_PROGRESS') && !started.has(LogicalResourceId)) {
      started.set(LogicalResourceId, Number(Timestamp));
    } else if (ResourceStatus.endsWith('_COMPLETE')) {
      times.push(Number(Timestamp) - (started.get(LogicalResourceId) ?? Number(Timestamp)));
      started.delete(LogicalResourceId);
    }
  }
  return times;
}

function whole(operations: readonly Operation[]): void {
  console.log('\nWhole operations on local-aws, without the CLI and without the wait for IAM (15 s by default)\n');
  const rows = operations.map(({ what, seconds, calls }) => [what, `${seconds.toFixed(1)} s`, String(calls.length)]);
  console.log(markdownTable(['operation', 'time', 'calls to AWS by all'], rows));
}

async function events(deployer: StackDeployer): Promise<StackEvent[]> {
  return deployer.events(STACK);
}

function loadMs(code: string): number {
  const program = `const t = performance.now(); ${code}; console.log(performance.now() - t)`;
  const times = Array.from({ length: LOADS }, () => Number(spawnSync(process.execPath, ['-e', program]).stdout));
  return times.sort((a, b) => a - b)[LOADS >> 1] ?? 0;
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`;
}

process.env.CDK_VALIDATION = 'false';
void main();
