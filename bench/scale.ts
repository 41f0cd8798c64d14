// Forty prompts with two aliases each, deployed under AWS's own rates: npm run build && npx tsx bench/scale.ts [prompts]
import { markdownTable } from './markdown-table';
import { measureScale, type ScaleStep } from './scale-run';

const PROMPTS = Number(process.argv[2] ?? 40);

async function main(): Promise<void> {
  const steps = await measureScale({ prompts: PROMPTS, policyPropagation: 15 });
  console.log(`${PROMPTS} prompts with two aliases each, in one stack\n`);
  table(
    [
      '',
      'seconds',
      'floor',
      'set by',
      'API calls',
      'throttled',
      'functions at once',
      'their events throttled',
      'failed',
    ],
    steps.map((step) => [
      step.name,
      step.seconds.toFixed(0),
      step.floor.seconds.toFixed(0),
      step.floor.setBy,
      String(sum(step, 'calls')),
      String(sum(step, 'throttled')),
      String(step.functions.highest),
      String(step.functions.throttled),
      String(step.failures.length),
    ]),
  );
  const operations = [...new Set(steps.flatMap(({ calls }) => Object.keys(calls)))].sort();
  console.log('\nCalls by kind, throttled ones behind the +\n');
  table(
    ['', ...steps.map(({ name }) => name)],
    operations.map((operation) => [operation, ...steps.map(({ calls }) => kind(calls[operation]))]),
  );
  for (const { name, failures } of steps) for (const failure of failures) console.log(`\n${name}: ${failure}`);
  process.exitCode = steps.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

function sum({ calls }: ScaleStep, what: 'calls' | 'throttled'): number {
  return Object.values(calls).reduce((total, each) => total + each[what], 0);
}

function kind(calls: ScaleStep['calls'][string] | undefined): string {
  return calls === undefined ? '' : `${calls.calls}${calls.throttled > 0 ? ` + ${calls.throttled}` : ''}`;
}

function table(head: string[], rows: string[][]): void {
  console.log(markdownTable(head, rows));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
