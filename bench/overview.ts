// How long until somebody sees where everything stands: `list` and `status` over 40 prompts, `list` over 500 in 13 stacks.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type LocalAws, startLocalAws } from '../packages/local-aws';
import { markdownTable } from './markdown-table';
import { seedRegistries } from './seeded-registries';

const COMMAND = join(__dirname, '../dist/bin/prompt-registry.js');

async function main(): Promise<void> {
  const rows = [...(await measured(40, 1, ['list', 'status'])), ...(await measured(500, 13, ['list']))];
  console.log(markdownTable(['', 'first rows', 'all', 'processor time', 'calls by service'], rows));
}

async function measured(prompts: number, stacks: number, commands: readonly string[]): Promise<string[][]> {
  const aws = await startLocalAws({ ssm: { rateLimits: true } });
  try {
    const names = Array.from({ length: stacks }, (_, stack) => `registry-${String(stack + 1).padStart(2, '0')}`);
    await seedRegistries(aws, Object.fromEntries(names.map((name, stack) => [name, namesOf(stack, stacks, prompts)])));
    const rows: string[][] = [];
    for (const command of commands) {
      const from = aws.calls.length;
      const { first, all, processor } = await timed(aws, [command]);
      const calls = new Map<string, number>();
      for (const { service } of aws.calls.slice(from)) calls.set(service, (calls.get(service) ?? 0) + 1);
      const byService = [...calls].sort().map(([service, count]) => `${service} ${count}`);
      if (command === 'list' && calls.has('bedrock')) throw new Error('list asked Bedrock');
      const of = `${prompts} prompts, ${prompts * 2} aliases, ${stacks} ${stacks === 1 ? 'stack' : 'stacks'}`;
      rows.push([`\`${command}\` of ${of}`, seconds(first), seconds(all), seconds(processor), byService.join(', ')]);
    }
    return rows;
  } finally {
    await aws.stop();
  }
}

function namesOf(stack: number, stacks: number, prompts: number): string[] {
  const own = Array.from({ length: prompts }, (_, index) => index).filter((index) => index % stacks === stack);
  return own.map((index) => `prompt-${index + 1}`);
}

/** Writes the processor's milliseconds to a fourth file at the end of a process. */
const PROCESSOR_TIME = `data:text/javascript,${encodeURIComponent(
  "import { writeSync } from 'node:fs'; process.on('exit', () => { const { user, system } = process.cpuUsage(); writeSync(3, String((user + system) / 1000)); });",
)}`;

/** Milliseconds from the start of the process to the first row of a table, to its end, and of the processor. */
function timed(aws: LocalAws, args: readonly string[]): Promise<{ first: number; all: number; processor: number }> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', PROCESSOR_TIME, COMMAND, ...args], {
      env: { PATH: process.env.PATH, ...aws.environment() },
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    });
    let output = '';
    let first = 0;
    let processor = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      if (first === 0 && output.includes('PROMPT ')) first = performance.now() - started;
    });
    child.stdio[3]?.on('data', (chunk) => {
      processor += chunk;
    });
    child.once('close', (code) => {
      // 2: `status` found something, such as parameters that no deployment wrote.
      if (code === 0 || code === 2) resolve({ first, all: performance.now() - started, processor: Number(processor) });
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
