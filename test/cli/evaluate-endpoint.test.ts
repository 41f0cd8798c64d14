import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCommand } from './command-process';

interface Asked {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly [field: string]: unknown;
}

const PROMPT = `---
model: amazon.nova-pro-v1:0
config: { temperature: 0.2, maxOutputTokens: 50, stopSequences: [END] }
input: { schema: { ticker: string } }
toolDefs:
  - name: price
    inputSchema: { type: object }
---
{{role "system"}}
Be brief.
{{role "user"}}
Explain {{ticker}}.
`;
const SUITE = 'cases: x.cases.jsonl\nmetrics:\n  mentions: { check: contains-all, of: expected }\n';

/** A folder with a suite, and a server that speaks OpenAI's chat API. */
describe('evaluate, without AWS', () => {
  let folder: string;
  let server: Server;
  let asked: Asked[];
  let answer: (asked: Asked) => object;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'evaluate-'));
    mkdirSync(join(folder, 'prompts'));
    write('x.prompt', PROMPT);
    write('x.eval.yaml', SUITE);
    cases('AMZN', 'MSFT', 'JPM');
    asked = [];
    answer = ({ messages }) => said(messages.at(-1)?.content ?? '');
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const question = JSON.parse(body);
      asked.push(question);
      const { status = 200, headers = {}, ...completion } = answer(question) as { status?: number; headers?: object };
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(completion));
    });
    await new Promise<void>((ready) => server.listen(0, ready));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const said = (content: string, more: object = {}) => ({
    choices: [{ message: { content }, finish_reason: 'stop', ...more }],
    usage: { prompt_tokens: 7, completion_tokens: 3 },
  });
  const write = (name: string, text: string) => writeFileSync(join(folder, 'prompts', name), text);
  const cases = (...tickers: string[]) => {
    const lines = tickers.map((ticker) => JSON.stringify({ id: ticker, variables: { ticker }, expected: ticker }));
    write('x.cases.jsonl', lines.join('\n'));
  };
  const start = (args: string) => startCommand(args.split(' '), { OPENAI_API_KEY: 'key' }, folder);
  const endpoint = () => `--endpoint http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const run = (args = '') => start(`evaluate x ${endpoint()} --model llama ${args}`.trim()).finished;

  it('asks a server of one’s own with the whole request, and says that it is advisory', async () => {
    const { code, stdout } = await run();
    expect([code, stdout]).toEqual([0, expect.stringContaining('nothing to compare with')]);
    expect(stdout).toContain('advisory: asked at http://127.0.0.1');
    expect(asked.find(({ messages }) => /JPM/.test(messages[1]?.content ?? ''))).toEqual({
      model: 'llama',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Explain JPM.' },
      ],
      temperature: 0.2,
      max_tokens: 50,
      stop: ['END'],
      tools: [{ type: 'function', function: { name: 'price', parameters: { type: 'object' } } }],
    });
  });

  it('waits where the server is busy, as long as it asks for', async () => {
    let refusals = 2;
    const usual = answer;
    answer = (question) => (refusals-- > 0 ? { status: 429, headers: { 'retry-after': '0.01' } } : usual(question));
    expect(await run()).toMatchObject({ code: 0 });
    expect(asked).toHaveLength(5);
  });

  it.each<[string, object, number, RegExp]>([
    ['no such model', { status: 404, error: 'no model llama' }, 1, /answered 404: .*no model llama/],
    ['a key that is wrong', { status: 401 }, 1, /answered 401/],
    ['garbage', { status: 200, choices: 'none' }, 0, /FAIL {2}mentions: "AMZN" is missing/],
    ['a refusal', { choices: [{ message: { refusal: 'No.' } }] }, 0, /FAIL {2}mentions/],
    ['questions that are none', { status: 400 }, 1, /answered none of 3 questions; no answer: Error: .*answered 400/],
  ])('%s is one clear end', async (_, completion, code, text) => {
    answer = () => completion;
    const finished = await run();
    expect(finished.code).toBe(code);
    expect(finished.stdout + finished.stderr).toMatch(text);
  });

  it('reads the call of a tool, with arguments that are JSON or are not', async () => {
    write(
      'x.eval.yaml',
      'cases: x.cases.jsonl\nmetrics:\n  call: { check: tool-call, value: { name: price, arguments: { ticker: AMZN } } }\n',
    );
    const call = (text: string) => ({ function: { name: 'price', arguments: text } });
    answer = ({ messages }) => {
      const isFirst = /AMZN/.test(messages.at(-1)?.content ?? '');
      return said('', {
        message: { tool_calls: [call(isFirst ? '{"ticker":"AMZN"}' : '{"ticker"')] },
        finish_reason: 'tool_calls',
      });
    };
    const { stdout } = await run('--json');
    const { results } = JSON.parse(stdout);
    expect(
      results.filter(({ candidate }: { candidate: boolean }) => candidate).map(({ id }: { id: string }) => id),
    ).toEqual(['AMZN']);
    expect(results[0].reasons[0].reason).toContain('calls price("{\\"ticker\\"")');
  });

  it('watches: a saved file asks only for what changed, a mistake is said and waited for', async () => {
    const running = start(`evaluate x ${endpoint()} --model llama --against file:prompts/live.prompt --watch`);
    write('live.prompt', PROMPT.replace('brief', 'wordy'));
    let output = '';
    running.child.stdout?.on('data', (chunk) => (output += chunk));
    running.child.stderr?.on('data', (chunk) => (output += chunk));
    const shows = async (text: RegExp, act?: () => void) => {
      output = '';
      act?.();
      while (!text.test(output)) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await shows(/6 asked, 0 from cache[\s\S]*inconclusive/);
    await shows(/x\.prompt[\s\S]*3 asked, 3 from cache[\s\S]*inconclusive/, () =>
      write('x.prompt', PROMPT.replace('brief', 'exact')),
    );
    await shows(/x\.cases\.jsonl[\s\S]*2 asked, 4 from cache[\s\S]*inconclusive/, () => cases('AMZN', 'MSFT', 'NVDA'));
    await shows(/x\.eval\.yaml:3: there is no check "contain"/, () =>
      write('x.eval.yaml', SUITE.replace('contains-all', 'contain')),
    );
    await shows(/x\.eval\.yaml[\s\S]*0 asked, 6 from cache[\s\S]*inconclusive/, () =>
      write('x.eval.yaml', `${SUITE}# mended\n`),
    );
    running.child.kill('SIGINT');
    expect(await running.finished).toMatchObject({ code: 130, stderr: expect.stringContaining('stopped watching') });
    expect(asked).toHaveLength(11);
  });

  it('compares two runs that were written, and asks nobody for it', async () => {
    await run('--rows nova.jsonl');
    write('x.prompt', PROMPT.replace('brief', 'wordy'));
    answer = ({ messages }) =>
      said(/JPM/.test(messages.at(-1)?.content ?? '') ? 'No idea.' : (messages.at(-1)?.content ?? ''));
    await run('--rows haiku.jsonl');
    const before = asked.length;
    const { code, stdout } = await start('evaluate compare x nova.jsonl haiku.jsonl --html compare.html').finished;
    expect([code, stdout]).toEqual([8, expect.stringMatching(/JPM +pass +FAIL +mentions: "JPM" is missing/)]);
    expect(readFileSync(join(folder, 'compare.html'), 'utf8')).toContain('Passed, and do not any more');
    expect(asked).toHaveLength(before);
    write('x.cases.jsonl', JSON.stringify({ id: 'AMZN', variables: { ticker: 'AMZN' }, expected: 'AMZN' }));
    const other = await start('evaluate compare x nova.jsonl haiku.jsonl').finished;
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('nova.jsonl is a run of another suite')]);
    writeFileSync(join(folder, 'half.jsonl'), readFileSync(join(folder, 'nova.jsonl'), 'utf8').slice(0, -20));
    const half = await start('evaluate compare x half.jsonl haiku.jsonl').finished;
    expect([half.code, half.stderr]).toEqual([1, expect.stringContaining('half.jsonl:4: expected JSON in one line')]);
  });

  it('brings tests of promptfoo and items of Langfuse, and takes them back', async () => {
    writeFileSync(
      join(folder, 'foo.yaml'),
      'tests: [{ vars: { ticker: AMZN }, assert: [{ type: contains, value: AMZN }, { type: latency }] }]',
    );
    const there = await start('evaluate import x foo.yaml --from promptfoo').finished;
    expect([there.code, there.stderr]).toEqual([1, expect.stringContaining('x.eval.yaml is there already')]);
    const imported = await start('evaluate import x foo.yaml --from promptfoo --force').finished;
    expect([imported.code, imported.stdout]).toEqual([
      2,
      expect.stringContaining('latency is no check of one answer by its text; it is shown, not judged'),
    ]);
    expect((await run()).code).toBe(0);
    const exported = await start('evaluate export x --to langfuse --out -').finished;
    expect(JSON.parse(exported.stdout)).toMatchObject([{ datasetName: 'x', id: 'test-1', input: { ticker: 'AMZN' } }]);
    writeFileSync(
      join(folder, 'items.json'),
      JSON.stringify([{ id: 'i', input: 'JPM', expectedOutput: 'Explain JPM.' }]),
    );
    const items = await start('evaluate import x items.json --from langfuse --force --json').finished;
    expect([items.code, JSON.parse(items.stdout)]).toEqual([0, { suite: 'prompts/x.eval.yaml', cases: 1, lost: [] }]);
    expect((await run()).code).toBe(0);
    expect((await start('evaluate import x items.json --from excel').finished).code).toBe(64);
  });

  it('checks a suite without asking anybody', async () => {
    const check = () => start('evaluate check x').finished;
    expect(await check()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/prompts\/x\.eval\.yaml: 3 cases, 0 of them critical, mentions\n {2}es1:/),
    });
    write('x.cases.jsonl', '{"id":"a","variables":{"tikcer":"AMZN"},"expected":"a"}');
    const { code, stderr } = await check();
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /x\.cases\.jsonl:1: a gives tikcer, which nobody asks for[\s\S]*:1: a gives no ticker, which prompts\/x\.prompt needs/,
      ),
    ]);
    expect(asked).toEqual([]);
  });

  it.each([
    ['--margin 0', 64, 'expected points above 0, at most 50'],
    ['--margin ten', 64, 'expected points above 0'],
    ['--only nobody', 64, 'no case has the tag nobody'],
    ['--at-once 0', 64, 'expected a whole number above 0 in --at-once'],
    ['--suite none.eval.yaml', 1, 'there is no file none.eval.yaml'],
    ['--candidate previous', 64, 'previous of which alias?'],
    ['--watch --json', 64, '--watch shows a table again and again'],
    ['--candidate file:none.prompt', 1, 'cannot read none.prompt'],
  ])('%s is refused before anything is asked', async (args, code, text) => {
    expect(await run(args)).toMatchObject({ code, stderr: expect.stringContaining(text) });
    expect(asked).toEqual([]);
  });
});
