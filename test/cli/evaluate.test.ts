import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
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

  it('shows what an answer costs where somebody wrote the price down, and no figure where nobody did', async () => {
    answer = () => ({ text: 'AMZN', inputTokens: 1_000, outputTokens: 100 });
    const price = { asOf: '2026-11-01', in: 0.8, out: 3.2 };
    const lock = (models: object) => {
      const regions = { 'us-east-1': { read: '2026-11-01', models, profiles: {} } };
      writeFileSync(join(folder, 'models.lock.json'), JSON.stringify({ schema: 1, regions }));
    };
    lock({ [MODEL]: { status: 'ACTIVE', price } });
    const { stdout } = await run('evaluate advisor --against @FIXED');
    expect(stdout).toContain('cost $0.0011 → $0.0011   tokens 1,100 → 1,100 an answer');
    const { cost } = JSON.parse((await run('evaluate advisor --json')).stdout);
    expect(cost).toEqual({ candidate: expect.closeTo(0.00112, 9), live: null });
    lock({ [MODEL]: { status: 'ACTIVE' } });
    expect((await run('evaluate advisor --against @FIXED')).stdout).not.toContain('cost');
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

  it('names the guardrail of the alias that it is about, and keeps its answers apart', async () => {
    const guardrail = 'arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123';
    const [Name, Value] = ['/prompts/test/advisor/FIXED/guardrail', `${guardrail}:3`];
    const ssm = new SSMClient({
      endpoint: world.aws.endpoint,
      region: world.aws.region,
      credentials: world.aws.operator,
    });
    const asked: unknown[] = [];
    world.aws.interceptors.push(async ({ operation, input }) => {
      if (operation === 'Converse') asked.push((input as { guardrailConfig?: unknown }).guardrailConfig);
    });
    answer = (turns) => turns.at(-1)?.text ?? '';
    await run('evaluate advisor --against @FIXED');
    expect(asked.splice(0)).toEqual(Array(6).fill(undefined));
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'String' }));
    try {
      await run('evaluate advisor --against @FIXED');
      await run('evaluate advisor --candidate @FIXED');
      expect(asked.splice(0)).toEqual(Array(6).fill({ guardrailIdentifier: guardrail, guardrailVersion: '3' }));
      await run('evaluate advisor --candidate @STAGING --against :1');
      expect(asked.splice(0)).toEqual(Array(3).fill(undefined));
    } finally {
      await ssm.send(new DeleteParameterCommand({ Name }));
      world.aws.interceptors.pop();
    }
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

  it('comments on a pull request by the workflow of the examples, whose commands are run as they stand', async () => {
    const source = readFileSync(join(__dirname, '../../examples/github/evaluate.yml'), 'utf8');
    const { jobs, permissions } = parse(source);
    const steps: { name?: string; run?: string; uses?: string; env?: Record<string, string> }[] = jobs.evaluate.steps;
    expect(permissions).toEqual({ contents: 'read', 'id-token': 'write', 'pull-requests': 'write' });
    expect(steps.flatMap(({ name, run: command }) => (name && command ? [name] : []))).toEqual([
      'Evaluate',
      'Comment',
      'Verdict',
    ]);
    const comments: { id: number; body: string }[] = [{ id: 1, body: 'Looks good' }];
    const requests: string[] = [];
    const github = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      requests.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      if (request.method === 'POST') comments.push({ id: 7, ...JSON.parse(text) });
      if (request.method === 'PATCH') Object.assign(comments.find(({ id }) => id === 7) ?? {}, JSON.parse(text));
      response.end(JSON.stringify(comments));
    });
    await new Promise<void>((ready) => github.listen(0, ready));
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const command = join(__dirname, '../../dist/bin/prompt-registry.js');
    writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\nexec ${process.execPath} ${command} "$@"\n`, { mode: 0o755 });
    cpSync(join(__dirname, '../../examples/github/pull-request-comment.mjs'), join(folder, 'pull-request-comment.mjs'));
    const shell = (name: string, more: NodeJS.ProcessEnv = {}) =>
      new Promise<number | null>((resolve) => {
        const script = steps
          .find((step) => step.name === name)
          ?.run?.replace('financial-analysis', 'advisor')
          .replace('@PROD', '@FIXED');
        const env = {
          ...{ PATH: `${bin}:${dirname(process.execPath)}:${process.env.PATH}`, ...world.aws.environment() },
          ...{
            GITHUB_OUTPUT: join(folder, 'output'),
            GITHUB_REPOSITORY: 'bank/prompts',
            GITHUB_TOKEN: 'token',
            PULL_REQUEST: '12',
          },
          ...{ GITHUB_API_URL: `http://127.0.0.1:${(github.address() as AddressInfo).port}`, ...more },
        };
        spawn('bash', ['-e', '-c', script ?? 'exit 99'], { cwd: folder, env, stdio: 'ignore' }).once('close', resolve);
      });
    const workflow = async () => {
      const codes = [await shell('Evaluate'), await shell('Comment')];
      const CODE = /code=(\d+)\n$/.exec(readFileSync(join(folder, 'output'), 'utf8'))?.[1];
      return [...codes, await shell('Verdict', { CODE })];
    };
    const attack = '@everyone|<b>*x*';
    write(
      'advisor.cases.jsonl',
      JSON.stringify({ id: 'split', variables: { ticker: 'AMZN' }, expected: `[${attack}](x)`, critical: true }),
    );
    answer = (turns) => (turns.at(-1)?.text.includes('careful') ? 'nothing' : `[${attack}](x)`);
    expect(await workflow()).toEqual([0, 0, 2]);
    expect(comments).toHaveLength(2);
    expect(comments[1]?.body).toContain('### ❌ advisor: ');
    expect(comments[1]?.body).toContain('| ❗ split | pass | **FAIL** | mentions');
    expect(comments[1]?.body).not.toMatch(/@everyone|<b>|\*x\*|\]\(x\)/);
    write('advisor.prompt', FIRST);
    expect(await workflow()).toEqual([0, 0, 8]);
    expect(comments).toHaveLength(2);
    expect(comments[1]?.body).toContain('### ❔ advisor');
    expect(requests.at(-1)).toBe('PATCH /repos/bank/prompts/issues/comments/7 Bearer token');
    github.close();
  });
});
