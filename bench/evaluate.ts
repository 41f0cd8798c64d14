// How long the loop at the desk takes: a suite of 100 cases against what is live, one case edited, the page of 1,000 cases.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluationPage } from '../studio/evaluation-page/evaluation-page';
import { RegistryWorld } from '../test/cli/registry-world';
import { sampleEvaluation } from '../test/studio/evaluation-sample';
import { markdownTable } from './markdown-table';

const COMMAND = join(__dirname, '../dist/bin/prompt-registry.js');
const MODEL = 'amazon.nova-pro-v1:0';
const CASES = 100;
const PAGE_CASES = 1_000;
const WORDS =
  'revenue cloud grew because margin fell while the price moved over last quarter against guidance retail ads cost';

async function main(): Promise<void> {
  const world = await RegistryWorld.start({ models: { [MODEL]: (turns) => turns.at(-1)?.text ?? '' } });
  const folder = mkdtempSync(join(tmpdir(), 'bench-evaluate-'));
  try {
    await world.deploy({ text: 'Explain {{ticker}}.' });
    mkdirSync(join(folder, 'prompts'));
    const write = (name: string, text: string) => writeFileSync(join(folder, 'prompts', name), text);
    const cases = (last: string) => {
      const tickers = [...Array.from({ length: CASES - 1 }, (_, index) => `T${index}`), last];
      const lines = tickers.map((ticker, index) =>
        JSON.stringify({ id: `c${index}`, variables: { ticker }, expected: ticker }),
      );
      write('advisor.cases.jsonl', lines.join('\n'));
    };
    write(
      'advisor.prompt',
      `---\nmodel: ${MODEL}\ninput: { schema: { ticker: string } }\n---\nExplain {{ticker}} briefly.\n`,
    );
    write(
      'advisor.eval.yaml',
      'cases: advisor.cases.jsonl\nmetrics:\n  mentions: { check: contains-all, of: expected }\n',
    );
    cases('T99');
    const calls = () => world.aws.calls.filter(({ operation }) => operation === 'Converse').length;
    const watching = watch(world, folder);
    const first = await watching.shown(() => {});
    const asked = calls();
    const edits: number[] = [];
    for (let edit = 0; edit < 5; edit++) edits.push(await watching.shown(() => cases(`E${edit}`)));
    const askedAgain = (calls() - asked) / edits.length;
    const reworded = await watching.shown(() =>
      write(
        'advisor.prompt',
        `---\nmodel: ${MODEL}\ninput: { schema: { ticker: string } }\n---\nExplain {{ticker}} in brief.\n`,
      ),
    );
    watching.stop();
    const median = edits.toSorted((a, b) => a - b)[2] ?? 0;
    console.log(
      markdownTable(
        ['', 'time', 'calls of the model'],
        [
          [`${CASES} cases against what is live, from the start of the process`, milliseconds(first), `${asked}`],
          ['one case saved, to its table (median of five)', milliseconds(median), `${askedAgain} (both sides)`],
          ['the prompt saved, to its table', milliseconds(reworded), `${CASES}`],
          [`page of ${PAGE_CASES} cases with two answers of 100 words, processor time`, milliseconds(page()), ''],
        ],
      ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await world.stop();
  }
}

function watch(world: RegistryWorld, cwd: string) {
  const args = ['evaluate', 'advisor', '--against', ':1', '--watch'];
  const env = { PATH: process.env.PATH, ...world.aws.environment() };
  const started = performance.now();
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env });
  let isFirst = true;
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.pipe(process.stderr);
  return {
    /** Milliseconds from `act`, or from the start of the process, to the last line of a table. */
    shown: async (act: () => void): Promise<number> => {
      const from = isFirst ? started : performance.now();
      isFirst = false;
      output = '';
      act();
      while (!/^\S+ (not worse|worse|inconclusive)/m.test(output)) {
        if (child.exitCode !== null) throw new Error(`the command ended with ${child.exitCode}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return performance.now() - from;
    },
    stop: () => child.kill('SIGINT'),
  };
}

function page(): number {
  const words = WORDS.split(' ');
  let seed = 1;
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const sentence = () => `${Array.from({ length: 15 }, () => words[Math.floor(random() * words.length)]).join(' ')}. `;
  const cases = Array.from({ length: PAGE_CASES }, (_, index) => {
    const live = Array.from({ length: 7 }, sentence);
    const candidate = live.map((one) => (random() < 0.4 ? sentence() : one));
    return { id: `c${index}`, live: live.join(''), candidate: candidate.join('') };
  });
  const sample = sampleEvaluation(cases);
  evaluationPage(sampleEvaluation(cases.slice(0, 50)));
  const before = process.cpuUsage().user;
  evaluationPage(sample);
  return (process.cpuUsage().user - before) / 1_000;
}

function milliseconds(value: number): string {
  return `${Math.round(value)} ms`;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
