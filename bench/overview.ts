// How long until somebody sees where everything stands: `list` over 40 prompts, and over 500 in 13 stacks.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type LocalAws, startLocalAws } from '../packages/local-aws';
import { markdownTable } from './markdown-table';
import { seedRegistries } from './seeded-registries';

const COMMAND = join(__dirname, '../dist/bin/prompt-registry.js');

async function main(): Promise<void> {
  const rows = [await measured(40, 1), await measured(500, 13)];
  console.log(markdownTable(['`list` of', 'first rows', 'all', 'calls by service'], rows));
}

async function measured(prompts: number, stacks: number): Promise<string[]> {
  const aws = await startLocalAws({ ssm: { rateLimits: true } });
  try {
    const names = Array.from({ length: stacks }, (_, stack) => `registry-${String(stack + 1).padStart(2, '0')}`);
    await seedRegistries(aws, Object.fromEntries(names.map((name, stack) => [name, namesOf(stack, stacks, prompts)])));
    const from = aws.calls.length;
    const { first, all } = await timed(aws, ['list']);
    const calls = new Map<string, number>();
    for (const { service } of aws.calls.slice(from)) calls.set(service, (calls.get(service) ?? 0) + 1);
    const byService = [...calls].sort().map(([service, count]) => `${service} ${count}`);
    if (calls.has('bedrock-agent')) throw new Error('list asked Bedrock');
    const what = `${prompts} prompts, ${prompts * 2} aliases, ${stacks} ${stacks === 1 ? 'stack' : 'stacks'}`;
    return [what, seconds(first), seconds(all), byService.join(', ')];
  } finally {
    await aws.stop();
  }
}

function namesOf(stack: number, stacks: number, prompts: number): string[] {
  const own = Array.from({ length: prompts }, (_, index) => index).filter((index) => index % stacks === stack);
  return own.map((index) => `prompt-${index + 1}`);
}

/** Milliseconds from the start of the process to the first row of a table, and to its end. */
function timed(aws: LocalAws, args: readonly string[]): Promise<{ first: number; all: number }> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      env: { PATH: process.env.PATH, ...aws.environment() },
    });
    let output = '';
    let first = 0;
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (first === 0 && output.includes('PROMPT ')) first = performance.now() - started;
    });
    child.stderr.pipe(process.stderr);
    child.once('close', (code) => {
      if (code === 0) resolve({ first, all: performance.now() - started });
      else reject(new Error(`exit code ${code}`));
    });
  });
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
