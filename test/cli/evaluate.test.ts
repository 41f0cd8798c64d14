import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ModelFunction } from '../../packages/local-aws';
import { startCommand } from './command-process';
import { FIRST, SECOND } from './command-world';
import { RegistryWorld } from './registry-world';

const MODEL = 'amazon.nova-pro-v1:0';
/** What the model answers, as each test has it. */
let answer: ModelFunction;

describe('evaluate, over a registry', () => {
  let world: RegistryWorld;
  let folder: string;

  beforeAll(async () => {
    world = await RegistryWorld.start({ models: { [MODEL]: (turns, call) => answer(turns, call) } });
    await world.deploy({ text: FIRST });
    await world.deploy({ text: SECOND.replace(' in {{language}}', '') });
  });
  afterAll(() => world?.stop());

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'evaluate-'));
    mkdirSync(join(folder, 'prompts'));
    suite(['AMZN', 'MSFT', 'JPM']);
    write('advisor.prompt', FIRST.replace('balanced', 'careful'));
    answer = (turns) => `About ${turns.at(-1)?.text.match(/Explain (.*)\./)?.[1]}.`;
    return () => rmSync(folder, { recursive: true, force: true });
  });

  const write = (name: string, text: string) =>
    writeFileSync(
      join(folder, 'prompts', name),
      name.endsWith('.prompt')
        ? `---\nmodel: ${MODEL}\nconfig: { temperature: 0.2 }\ninput: { schema: { ticker: string } }\n---\n${text}\n`
        : text,
    );
  const suite = (tickers: readonly string[], more: object = {}) => {
    const cases = tickers.map((ticker) =>
      JSON.stringify({ id: ticker.toLowerCase(), variables: { ticker }, expected: ticker, ...more }),
    );
    write('advisor.cases.jsonl', cases.join('\n'));
    write(
      'advisor.eval.yaml',
      'cases: advisor.cases.jsonl\nmetrics:\n  mentions: { check: contains-all, of: expected }\n',
    );
  };
  const start = (args: string) => startCommand(args.split(' '), world.aws.environment(), folder);
  const run = (args: string) => start(args).finished;
  const calls = () => world.aws.calls.filter(({ operation }) => operation === 'Converse').length;

  it('shows what an edit changes, cases that flip first, and pays for each answer once', async () => {
    answer = (turns) => {
      const text = turns.at(-1)?.text ?? '';
      return /careful/.test(text) && /MSFT/.test(text) ? 'No idea.' : text;
    };
    const before = calls();
    const { code, stdout, stderr } = await run('evaluate advisor --against @FIXED');
    expect([code, stderr]).toEqual([8, '']);
    expect(stdout.replace(/[\d.]+ s\b/g, '0.04 s')).toMatchInlineSnapshot(`
      "advisor  prompts/advisor.prompt against @FIXED (:1)  3 cases  es1:f068cfc1b12c…

      CASE  LIVE  NEW   WHY
      msft  pass  FAIL  mentions: "MSFT" is missing
      … 2 cases pass with both

      METRIC    PASS            DIFFERENCE                        VERDICT                                                      OF
      mentions  100 % → 66.7 %  −33.3 points, 95 % −74.6 … +20.5  inconclusive by 10 points, about 14 such cases would decide  3 cases, can prove 74.6
      tokens 21 → 17 an answer   p95 0.04 s → 0.04 s   6 asked, 0 from cache
      • advisory: prompts/advisor.prompt is no version

      • inconclusive
      "
    `);
    expect(calls() - before).toBe(6);
    write('advisor.prompt', FIRST.replace('balanced', 'calm'));
    const edited = await run('evaluate advisor --against @FIXED --json --rows rows.jsonl --junit tests.xml');
    expect(calls() - before).toBe(9);
    expect(JSON.parse(edited.stdout)).toMatchObject({ asked: 3, known: 3, metrics: { mentions: { both: 3 } } });
    expect(edited.stderr).toBe('wrote rows.jsonl\nwrote tests.xml\n');
    expect(readFileSync(join(folder, 'rows.jsonl'), 'utf8').trim().split('\n')).toHaveLength(7);
    expect(readFileSync(join(folder, 'tests.xml'), 'utf8')).toContain(
      '<testcase name="msft" classname="advisor.cases"/>',
    );
    expect(readFileSync(join(folder, '.prompt-registry/.gitignore'), 'utf8')).toBe('*\n');
  });

  it('asks versions by their ARN, as callers do: nobody has to trust a rendering of ours', async () => {
    suite(Array.from({ length: 50 }, (_, index) => `T${index}`));
    const asked: (string | undefined)[] = [];
    answer = (turns, call) => {
      asked.push(call.prompt?.replace(/^.*:/, ''));
      return turns.at(-1)?.text ?? '';
    };
    const { code, stdout } = await run('evaluate advisor --candidate @STAGING --against :1');
    expect([code, stdout]).toEqual([0, expect.stringContaining('not worse by 10 points')]);
    expect(stdout).not.toContain('advisory');
    expect(asked.toSorted()).toEqual([...Array(50).fill('1'), ...Array(50).fill('2')]);
  });

  it('asks a critical case three times, and is worse where one answer fails', async () => {
    suite(['AMZN'], { critical: true });
    const said = ['AMZN', 'nothing', 'AMZN', 'AMZN'];
    answer = () => said.shift() ?? '';
    const { code, stdout } = await run('evaluate advisor --candidate :2 --at-once 1');
    expect([code, stdout]).toEqual([2, expect.stringContaining('worse  ·  critical cases fail: amzn  ·  flaky: amzn')]);
    expect(said).toHaveLength(1);
  });

  it('keeps on Ctrl-C what was paid for, and goes on from there', async () => {
    suite(Array.from({ length: 20 }, (_, index) => `T${index}`));
    world.aws.interceptors.push(async ({ operation }) => {
      if (operation === 'Converse') await new Promise((resolve) => setTimeout(resolve, 100));
    });
    const before = calls();
    const running = start('evaluate advisor --candidate :2 --at-once 2');
    while (calls() - before < 6) await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill('SIGINT');
    const { code, stderr } = await running.finished;
    expect([code, stderr]).toEqual([
      130,
      expect.stringMatching(/interrupted; \d+ answers are kept: the same command goes on from there/),
    ]);
    const kept = Number(/(\d+) answers/.exec(stderr)?.[1]);
    world.aws.interceptors.length = 0;
    const paid = calls();
    expect(paid - before).toBe(kept);
    await run('evaluate advisor --candidate :2');
    expect(calls() - paid).toBe(20 - kept);
  });

  it('says what keeps it from running, and that is no verdict', async () => {
    const wrong = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE' };
    const denied = startCommand(['evaluate', 'advisor'], { ...world.aws.environment(), ...wrong }, folder);
    expect(await denied.finished).toMatchObject({ code: 6, stdout: '' });
    write('advisor.prompt', FIRST);
    const noModel = readFileSync(join(folder, 'prompts/advisor.prompt'), 'utf8').replace(/^model.*\n/m, '');
    writeFileSync(join(folder, 'prompts/advisor.prompt'), noModel);
    expect(await run('evaluate advisor')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('an evaluation needs a model'),
    });
    expect(await run('evaluate advisor --candidate @PROD')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('PROD of advisor points to no version'),
    });
  });
});
