import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LangfuseClient } from '@langfuse/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { evaluateImport } from '../../cli/commands/evaluate-import';
import { Interruption } from '../../cli/interruption';
import { fakeTerminal } from '../cli/fake-terminal';
import { KEYS } from './open-server';

interface Item {
  readonly id: string;
  readonly status: 'ACTIVE' | 'ARCHIVED';
  readonly input: unknown;
  readonly expectedOutput: unknown;
}

const item = (id: string, more: Partial<Item> = {}): Item => ({
  ...{ id, status: 'ACTIVE', input: { ticker: id }, expectedOutput: `about ${id}` },
  ...more,
});

let server: Server;
let folder: string;
/** By the name of a dataset, newest first, as Langfuse lists them. */
let datasets: Map<string, Item[]>;
let asked: string[];
/** What is done to a request before it is answered: a status for it, or nothing. */
let before: (path: string) => number | undefined;

beforeEach(async () => {
  datasets = new Map();
  asked = [];
  before = () => undefined;
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    asked.push(`${pathname}${searchParams.get('page') ? ` ${searchParams.get('page')}` : ''}`);
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const expected = `Basic ${Buffer.from(`${KEYS.publicKey}:${KEYS.secretKey}`).toString('base64')}`;
    if (request.headers.authorization !== expected) return answer(401, { message: 'Invalid credentials' });
    const status = before(pathname);
    if (status !== undefined) return answer(status, { message: 'not now' });
    // https://api.reference.langfuse.com: a page holds 50, at most 100.
    const [page, limit] = [Number(searchParams.get('page') ?? 1), Number(searchParams.get('limit') ?? 50)];
    const listed = (all: readonly unknown[]) =>
      answer(200, {
        data: all.slice((page - 1) * limit, page * limit),
        meta: { page, limit, totalItems: all.length, totalPages: Math.ceil(all.length / limit) },
      });
    if (pathname === '/api/public/v2/datasets') return listed([...datasets.keys()].map((name) => ({ id: name, name })));
    if (pathname === '/api/public/dataset-items')
      return listed(datasets.get(searchParams.get('datasetName') ?? '') ?? []);
    const name = decodeURIComponent(/^\/api\/public\/v2\/datasets\/([^/]+)$/.exec(pathname)?.[1] ?? '');
    return datasets.has(name) ? answer(200, { id: name, name }) : answer(404, { message: 'Dataset not found' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  folder = mkdtempSync(join(tmpdir(), 'dataset-'));
  vi.stubEnv('LANGFUSE_PUBLIC_KEY', KEYS.publicKey);
  vi.stubEnv('LANGFUSE_SECRET_KEY', KEYS.secretKey);
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const cases = () =>
  readFileSync(join(folder, 'advisor.cases.jsonl'), 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));

async function run(values: Record<string, string | boolean>, ...file: string[]) {
  const { terminal, output } = fakeTerminal(undefined);
  const code = await evaluateImport.run({
    ...{ terminal, positionals: ['advisor', ...file], interruption: new Interruption() },
    values: { from: 'langfuse', url: url(), out: folder, ...values },
    ...{ now: () => new Date(), commands: [], openRegistry: () => Promise.reject(new Error('import needs no AWS')) },
  });
  return { code, output: output() };
}

describe('A dataset on a Langfuse server', () => {
  it('comes whole, page by page, as the published client reads it', async () => {
    const name = 'judges/advice & more';
    datasets.set(name, [
      ...Array.from({ length: 230 }, (_, index) => item(`i-${index}`)),
      item('old', { status: 'ARCHIVED' }),
    ]);
    const { code, output } = await run({ dataset: name });
    expect([code, output]).toEqual([2, expect.stringContaining('230 cases')]);
    expect(output).toContain('old');
    expect(asked.filter((path) => path.startsWith('/api/public/dataset-items'))).toHaveLength(3);
    const { items } = await new LangfuseClient({ ...KEYS, baseUrl: url() }).dataset.get(name);
    const active = items.filter(({ status }) => status === 'ACTIVE');
    expect(cases().map(({ id, variables, expected }) => [id, variables, expected])).toEqual(
      active.map(({ id, input, expectedOutput }) => [id, input, expectedOutput]),
    );
  });

  it('gives a text to the only variable of the prompt', async () => {
    const prompt = '---\nmodel: amazon.nova-pro-v1:0\ninput:\n  schema:\n    mail: string\n---\nSort {{mail}}\n';
    writeFileSync(join(folder, 'advisor.prompt'), prompt);
    datasets.set('mails', [item('a', { input: 'Hello', expectedOutput: 'other' })]);
    expect((await run({ dataset: 'mails' })).code).toBe(0);
    expect(cases()).toEqual([{ id: 'a', variables: { mail: 'Hello' }, expected: 'other' }]);
  });

  it('holds an item once that another pushed onto the next page, and is refused where one is missing', async () => {
    const all = Array.from({ length: 150 }, (_, index) => item(`i-${index}`));
    datasets.set('moving', all);
    before = (path) => {
      if (path.endsWith('/dataset-items') && asked.filter((one) => one.startsWith(path)).length === 2)
        all.unshift(item('new'));
      return undefined;
    };
    await expect(run({ dataset: 'moving' })).rejects.toMatchObject({
      message: 'dataset moving changed while it was read',
      why: 'it says 151 items, and gave 150',
    });
    before = () => undefined;
    expect((await run({ dataset: 'moving' })).code).toBe(0);
    expect(cases()).toHaveLength(151);
  });

  it('is waited for where the server is busy', async () => {
    datasets.set('mails', [item('a')]);
    let busy = 1;
    before = () => (busy-- > 0 ? 429 : undefined);
    expect((await run({ dataset: 'mails' })).code).toBe(0);
  });

  it.each<[string, Record<string, string | boolean>, string[], object]>([
    [
      'no such dataset',
      { dataset: 'nobody' },
      [],
      { message: /has no dataset nobody/, fix: ['datasets there: mails'] },
    ],
    ['an empty one', { dataset: 'empty' }, [], { message: /no case in dataset empty/ }],
    ['no file and no dataset', {}, [], { message: 'missing FILE', exitCode: 64 }],
    ['a file and a dataset', { dataset: 'mails' }, ['items.json'], { message: 'a file, or a dataset on a server' }],
    ['a dataset of promptfoo', { from: 'promptfoo', dataset: 'mails' }, [], { exitCode: 64 }],
    ['nothing to import from', { from: 'excel', dataset: 'mails' }, [], { exitCode: 64 }],
    ['no address', { dataset: 'mails', url: 'localhost' }, [], { message: 'localhost is no address', exitCode: 64 }],
    ['another server', { dataset: 'mails', url: 'http://127.0.0.1:9' }, [], { message: /did not answer/ }],
  ])('is refused with the way on: %s', async (_, values, file, error) => {
    datasets.set('mails', [item('a')]);
    if (values.dataset === 'empty') datasets.set('empty', []);
    const { message, ...more } = error as { message?: string | RegExp };
    const failure = await run(values, ...file).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject(more);
    if (message !== undefined) expect((failure as Error).message).toMatch(message);
  });

  it('is refused for keys of nobody', async () => {
    vi.stubEnv('LANGFUSE_SECRET_KEY', 'sk-lf-other');
    await expect(run({ dataset: 'mails' })).rejects.toMatchObject({ message: expect.stringContaining('answered 401') });
    vi.stubEnv('LANGFUSE_SECRET_KEY', '');
    await expect(run({ dataset: 'mails' })).rejects.toMatchObject({ message: expect.stringContaining('no keys for') });
  });
});
