// The runtime client next to @langfuse/client, both in this process and against one local server: npx tsx bench/client.ts
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { SSMClient } from '@aws-sdk/client-ssm';
import { LangfuseClient } from '@langfuse/client';
import { type BuildOptions, build } from 'esbuild';
import type * as Client from '../client';
import { coldProcesses } from './client-cold-processes';

const TEXT = `${'You are an analyst of companies. '.repeat(10)}Look at {{ticker}} on {{date}} for {{reader}}.`;
const NAMES = ['ticker', 'date', 'reader'];
const VALUES = { ticker: 'AMZN', date: '2026-11-22', reader: 'the board' };
const ARN = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:';

interface Row {
  readonly what: string;
  readonly ours: number;
  readonly theirs: number | undefined;
  readonly unit: string;
}

/** What SSM answers for an alias without a rollout. */
function pointing(Value: string, { Names: [Name, ...InvalidParameters] }: { Names: string[] }) {
  return { Parameters: [{ Name, Value }], InvalidParameters };
}

let requests = 0;
const server = createServer((request, response) => {
  requests++;
  const answer = (body: object) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  if (request.headers['x-amz-target']) {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => answer(pointing(`${ARN}3`, JSON.parse(`${Buffer.concat(chunks)}`))));
    return;
  }
  request.resume();
  if (request.url?.startsWith('/prompts/')) {
    const inputVariables = NAMES.map((name) => ({ name }));
    const templateConfiguration = { text: { text: TEXT, inputVariables } };
    return answer({ variants: [{ name: 'default', templateType: 'TEXT', templateConfiguration }] });
  }
  answer({ name: 'p', version: 3, type: 'text', prompt: TEXT, config: {}, labels: ['production'], tags: [] });
});

async function main(): Promise<void> {
  const { PromptClient } = await builtClient();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sdk = {
    endpoint,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  const clients = { ssm: new SSMClient(sdk), bedrockAgent: new BedrockAgentClient(sdk) };
  const ours = () =>
    new PromptClient({ parameterPrefix: '/p', alias: 'PROD', ...clients, logger: false, metrics: false });
  const theirs = () => new LangfuseClient({ publicKey: 'pk', secretKey: 'sk', baseUrl: endpoint });

  const rows: Row[] = [];
  const [prompts, langfuse] = [ours(), theirs()];
  await Promise.all([prompts.get('p'), langfuse.prompt.get('p')]);

  const [oursGet, theirsGet] = await sideBySide(
    () => prompts.get('p'),
    () => langfuse.prompt.get('p'),
  );
  rows.push({ what: 'cached get', ours: oursGet, theirs: theirsGet, unit: 'µs' });

  const [prompt, theirPrompt] = [await prompts.get('p'), await langfuse.prompt.get('p')];
  await prompt.compile(VALUES);
  const [oursCompile, theirsCompile] = await sideBySide(
    () => prompt.compile(VALUES),
    async () => theirPrompt.compile(VALUES),
  );
  rows.push({
    what: 'compile, 3 variables (theirs Mustache, ours replacement)',
    ours: oursCompile,
    theirs: theirsCompile,
    unit: 'µs',
  });

  const thousand = async (get: () => Promise<unknown>) => {
    requests = 0;
    await Promise.all(Array.from({ length: 1_000 }, get));
    return requests;
  };
  const [coldOurs, coldTheirs] = [ours(), theirs()];
  rows.push({
    what: '1,000 concurrent cold gets in one process',
    ours: await thousand(() => coldOurs.get('p')),
    theirs: await thousand(() => coldTheirs.prompt.get('p')),
    unit: 'requests',
  });

  rows.push({
    what: 'bundle, minified ESM, SDKs outside',
    ours: shippedSize('index.mjs'),
    theirs: await theirBundle(),
    unit: 'B',
  });
  rows.push({
    what: 'bundle, minified CommonJS, SDKs outside',
    ours: shippedSize('index.js'),
    theirs: undefined,
    unit: 'B',
  });

  const memoryPrompts = new PromptClient({
    parameterPrefix: '/p',
    alias: 'PROD',
    ssm: memorySsm,
    bedrockAgent: memoryBedrock,
    logger: false,
    metrics: false,
  });
  const [oursMemory = 0, theirsMemory = 0] = await memory(
    async (index) => {
      memorySsm.answer = `${ARN}${index + 1}`;
      await (await memoryPrompts.get(`p${index}`)).compile(VALUES);
    },
    (index) => theirMemoryClient.prompt.get('p', { version: index + 1 }),
  );
  rows.push({
    what: 'memory per 1,000 prompts with a cached version of 0.4 kB',
    ours: oursMemory,
    theirs: theirsMemory,
    unit: 'kB',
  });
  print(rows);
  await coldProcesses(PromptClient);
  server.closeAllConnections();
  server.close();
}

// Without the wire, which has buffers of its own: one prompt and one version for each entry.
const memorySsm = {
  answer: '',
  send: async (command: object) =>
    JSON.parse(JSON.stringify(pointing(memorySsm.answer, (command as { input: { Names: string[] } }).input))),
};
const memoryBedrock = {
  send: async () =>
    JSON.parse(
      JSON.stringify({
        variants: [
          {
            name: 'd',
            templateType: 'TEXT',
            templateConfiguration: { text: { text: TEXT, inputVariables: NAMES.map((name) => ({ name })) } },
          },
        ],
      }),
    ),
};
const theirMemoryClient = new LangfuseClient({ publicKey: 'pk', secretKey: 'sk', baseUrl: 'http://127.0.0.1:9' });
(theirMemoryClient.prompt as unknown as { apiClient: object }).apiClient = {
  prompts: {
    get: async (name: string, { version }: { version: number }) =>
      JSON.parse(
        JSON.stringify({ name, version, type: 'text', prompt: TEXT, config: {}, labels: ['production'], tags: [] }),
      ),
  },
};

/** Median microseconds of processor time per call of each, in turns, so that both meet the same machine. */
async function sideBySide(a: () => Promise<unknown>, b: () => Promise<unknown>): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < 21; round++) {
    for (const [index, call] of [a, b].entries()) {
      const start = process.cpuUsage();
      for (let count = 0; count < 20_000; count++) await call();
      const { user, system } = process.cpuUsage(start);
      // The first round warms up.
      if (round > 0) (times[index] as number[]).push((user + system) / 20_000);
    }
  }
  const median = (list: number[]) => list.sort((x, y) => x - y)[list.length >> 1] as number;
  return [median(times[0]), median(times[1])];
}

/** As it ships: tsx writes a name onto every closure, which costs time and memory that users do not pay. */
async function builtClient(): Promise<typeof Client> {
  const folder = mkdtempSync(resolve(__dirname, '../node_modules/.bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true }));
  const outfile = resolve(folder, 'client.cjs');
  await build({ ...BUNDLE, entryPoints: [OURS], outfile, format: 'cjs', minify: false });
  return require(outfile) as typeof Client;
}

const OURS = resolve(__dirname, '../client/index.ts');
const BUNDLE = {
  bundle: true,
  platform: 'node' as const,
  target: 'node20',
  external: ['@aws-sdk/*', '@opentelemetry/api'],
} satisfies BuildOptions;

/** Of a file of the package: minified, in one. */
function shippedSize(name: string): number {
  return statSync(resolve(__dirname, '../dist/client', name)).size;
}

/** With its core and API client: that is its SDK as well. */
async function theirBundle(): Promise<number> {
  const entryPoints = [require.resolve('@langfuse/client')];
  const { outputFiles } = await build({ ...BUNDLE, entryPoints, format: 'esm', minify: true, write: false });
  return outputFiles?.[0]?.contents.length ?? 0;
}

/** Median bytes per entry of each, in turns, when code is compiled: a table that grew in one of three rounds does not count. */
async function memory(...adds: ((index: number) => Promise<unknown>)[]): Promise<number[]> {
  const kept = adds.map((): number[] => []);
  for (let round = 0; round < 6; round++) {
    for (const [which, add] of adds.entries()) {
      const before = heap();
      for (let index = 0; index < 1_000; index++) await add(round * 1_000 + index);
      if (round > 2) kept[which]?.push((heap() - before) / 1_000);
    }
  }
  return kept.map((list) => list.sort((x, y) => x - y)[list.length >> 1] as number);
}

function heap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let times = 0; times < 3; times++) collect();
  return process.memoryUsage().heapUsed;
}

function print(rows: readonly Row[]): void {
  const shown = (value: number | undefined) =>
    value === undefined ? '–' : value.toLocaleString('en', { maximumSignificantDigits: value < 100 ? 3 : 6 });
  const line = (...cells: string[]) =>
    console.log(
      `| ${(cells[0] ?? '').padEnd(57)} | ${cells
        .slice(1)
        .map((cell) => cell.padStart(11))
        .join(' | ')} |`,
    );
  const theirPackage = readFileSync(resolve(__dirname, '../node_modules/@langfuse/client/package.json'), 'utf8');
  console.log(`@langfuse/client ${JSON.parse(theirPackage).version}, Node ${process.version}\n`);
  line('', 'ours', 'theirs', 'ours/theirs', 'unit');
  line('---', '---:', '---:', '---:', '---');
  for (const { what, ours, theirs, unit } of rows) {
    line(what, shown(ours), shown(theirs), theirs ? (ours / theirs).toFixed(3) : '–', unit);
  }
  console.log('');
}

void main();
