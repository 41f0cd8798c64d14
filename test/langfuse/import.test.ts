import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChatPromptClient, LangfuseClient, type TextPromptClient } from '@langfuse/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LangfuseServer, serveLangfuse } from '../../bin/langfuse/http-server';
import { importLangfuse } from '../../cli/commands/import-langfuse';
import type { ImportReport } from '../../cli/import/import-report';
import { Interruption } from '../../cli/interruption';
import { contentDigest } from '../../core/content/content-digest';
import { template } from '../../core/content/template';
import { openKeys } from '../../core/langfuse/open-keys';
import { parsePromptFile } from '../../core/prompt-file/prompt-file';
import { fakeTerminal } from '../cli/fake-terminal';
import { KEYS } from './open-server';

let server: LangfuseServer;
let folder = '';
let langfuse: LangfuseClient;
beforeEach(async () => {
  server = await serveLangfuse(openKeys([KEYS]), 0);
  langfuse = new LangfuseClient({ ...KEYS, baseUrl: url() });
  folder = mkdtempSync(join(tmpdir(), 'import-'));
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ann');
  git('config', 'user.email', 'ann@example.com');
  vi.stubEnv('LANGFUSE_PUBLIC_KEY', KEYS.publicKey);
  vi.stubEnv('LANGFUSE_SECRET_KEY', KEYS.secretKey);
});
afterEach(async () => {
  await server.stop();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const url = () => `http://127.0.0.1:${server.port}`;
const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
const out = () => join(folder, 'prompts');
const read = (path: string, revision?: string) =>
  revision === undefined ? readFileSync(join(folder, path), 'utf8') : git('show', `${revision}:${path}`);
const variantOf = (path: string, revision?: string) => parsePromptFile(read(path, revision), path).variant;

async function run(values: Record<string, string | boolean> = {}) {
  const { terminal, output } = fakeTerminal(undefined);
  const code = await importLangfuse.run({
    ...{ terminal, positionals: [], values: { url: url(), out: out(), ...values }, interruption: new Interruption() },
    ...{ now: () => new Date(), commands: [], openRegistry: () => Promise.reject(new Error('import needs no AWS')) },
  });
  return { code, output: output() };
}

async function report(values: Record<string, string | boolean> = {}) {
  const { code, output } = await run({ json: true, ...values });
  return { code, report: JSON.parse(output) as ImportReport };
}

async function lossesOf(prompt: unknown, more: object = {}, values: Record<string, string | boolean> = {}) {
  const name = `p${Math.random().toString(36).slice(2)}`;
  const type = Array.isArray(prompt) ? 'chat' : 'text';
  await langfuse.prompt.create({ name, type, prompt, labels: ['production'], ...more } as never);
  const { code, report: found } = await report({ name, ...values });
  const [version] = found.prompts[0]?.versions ?? [];
  return {
    code,
    status: version?.status,
    losses: (version?.losses ?? []).map(({ what }) => what),
    path: `prompts/${name}.prompt`,
  };
}

describe('prompt-registry import langfuse', () => {
  it('writes a file for each prompt, and the lines that bring PROD where production stands', async () => {
    const made = {
      name: 'support/triage',
      labels: ['production', 'staging'],
      config: { model: 'amazon.nova-pro-v1:0', temperature: 0.2 },
    };
    await langfuse.prompt.create({ ...made, prompt: 'Sort {{ ticket }}.' });
    await langfuse.prompt.create({ name: 'support/triage', prompt: 'Sort {{ticket}} quickly.' });
    const { code, report: found } = await report({ out: out() });
    expect(code).toBe(0);
    const variant = variantOf('prompts/support/triage.prompt');
    expect(variant).toEqual({
      templateType: 'TEXT',
      templateConfiguration: { text: { text: 'Sort {{ticket}}.', inputVariables: [{ name: 'ticket' }] } },
      modelId: 'amazon.nova-pro-v1:0',
      inferenceConfiguration: { text: { temperature: 0.2 } },
    });
    const digest = contentDigest(variant);
    expect(found.app).toEqual([
      `const triagePrompt = new Prompt(this, 'Triage', { registry, variant: PromptVariant.fromFile('${out()}/support/triage.prompt') });`,
      "triagePrompt.addAlias('PROD', { target: AliasTarget.parameter() });",
      "triagePrompt.addAlias('STAGING', { target: AliasTarget.parameter() });",
    ]);
    expect(found.parameters).toEqual([`TriageProdVersion=${digest}`, `TriageStagingVersion=${digest}`]);
    expect(found.names).toEqual({ 'support/triage': 'triage' });
    const text = (await run()).output;
    expect(text).toContain('support/triage → ');
    expect(text).toContain(`names: {\n  "support/triage": 'triage',\n},`);
    expect(text).toContain(`cdk deploy --parameters TriageProdVersion=${digest}`);
  });

  it('commits each version with its date, message and trailers, and a second run commits nothing', async () => {
    const name = 'support/triage';
    await langfuse.prompt.create({ name, prompt: 'one', commitMessage: 'First\n\nLangfuse-Version: 99' });
    await langfuse.prompt.create({ name, prompt: 'two', labels: ['production'] });
    await langfuse.prompt.create({ name, prompt: 'one' });
    writeFileSync(join(folder, 'other.txt'), 'mine, and not committed');
    git('add', 'other.txt');
    const { code, report: found } = await report({ git: true, 'all-versions': true });
    expect(code).toBe(0);
    const log = git(
      'log',
      '--reverse',
      '--format=%an|%at|%s|%(trailers:key=Langfuse-Version,valueonly,separator=%x2C)',
      '--',
      'prompts/support/triage.prompt',
    );
    const { data } = await langfuse.api.prompts.list({});
    expect(data[0]?.versions).toEqual([1, 2, 3]);
    const times = await Promise.all([1, 2, 3].map((version) => fetchTime(name, version)));
    expect(log.trim().split('\n')).toEqual([
      `Ann|${times[0]}|First|1`,
      `Ann|${times[1]}|support/triage: version 2|2`,
      `Ann|${times[2]}|support/triage: version 3|3`,
    ]);
    expect(read('prompts/support/triage.prompt')).toContain('one');
    expect(git('status', '--porcelain')).toBe('A  other.txt\n');
    const [, second] = found.prompts[0]?.versions ?? [];
    expect(read('prompts/support/triage.prompt', String(second?.commit))).toContain('two');
    expect(found.first).toEqual([
      `PROD of triage: version 2 (commit ${second?.commit?.slice(0, 10)}), the file holds version 3`,
    ]);

    const head = git('rev-parse', 'HEAD');
    const again = await report({ git: true, 'all-versions': true });
    expect([again.code, git('rev-parse', 'HEAD')]).toEqual([0, head]);
    expect(again.report.prompts[0]?.versions.map(({ status }) => status)).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
    ]);
    expect(again.report.first).toEqual(found.first);
    await langfuse.prompt.create({ name, prompt: 'four' });
    await run({ git: true, 'all-versions': true });
    expect(git('rev-list', '--count', `${head.trim()}..HEAD`)).toBe('1\n');
  });

  it('says of every version what is not the same, and exits with 2', async () => {
    expect(await lossesOf('Hi {{x}}')).toMatchObject({ code: 0, status: 'imported', losses: [] });
    const refusals: [unknown, string | RegExp][] = [
      ['Hi\n{{#x}}yes{{/x}}', 'the text, line 2: a section, {{#x}}'],
      ['{{^x}}no{{/x}}', 'the text, line 1: an inverted section, {{^x}}'],
      ['Hi {{{x}}', 'the text, line 1: the variable {{{x}}'],
      ['Hi {{{{x}}}}', 'the text, line 1: the variable {{{{x}}}'],
      ['Hi {{& a.b}}', 'the text, line 1: the variable {{& a.b}}'],
      ['Hi {{> x}}', 'the text, line 1: a partial of Mustache, {{> x}}'],
      ['{{=<% %>=}} <% x %>', 'the text, line 1: a change of delimiters, {{=<% %>=}}'],
      ['Hi {{a.b}}', 'the text, line 1: the variable {{a.b}}'],
      ['Hi {{user__id}}', 'the text, line 1: the variable {{user__id}}'],
      ['Hi {{ }}', 'the text, line 1: the variable {{ }}'],
      ['Hi {{x', 'the text, line 1: {{ without its end'],
      ['Hi {{role}}', /role must be/],
      ['Hi {{else}}', /Handlebars/],
      [
        [
          { role: 'user', content: 'Hi' },
          { type: 'placeholder', name: 'history' },
        ],
        'message 2 is the placeholder history',
      ],
      [[{ role: 'tool', content: 'Hi' }], 'message 1 has the role "tool"'],
      [[{ role: 'assistant', content: 'Hi' }], /must begin with the user/],
      [
        [
          { role: 'user', content: 'a' },
          { role: 'user', content: 'b' },
        ],
        /must alternate/,
      ],
      [[{ role: 'user', content: ' ' }], 'message 1 is blank'],
      [Array.from({ length: 21 }, (_, index) => `{{v${index}}}`).join(), /input variables/],
    ];
    for (const [prompt, loss] of refusals) {
      const { code, status, losses, path } = await lossesOf(prompt);
      expect([code, status, existsSync(join(folder, path))], JSON.stringify(prompt)).toEqual([2, 'refused', false]);
      expect(losses[0]).toEqual(typeof loss === 'string' ? loss : expect.stringMatching(loss));
      expect(losses.at(-1)).toBe('the version that production names is not imported');
    }
    const changes: [unknown, object, string[]][] = [
      ['Hi {{! why }}{{x}}', {}, ['the text, line 1: a comment, {{! why }}']],
      ['Hi {{{x}}}', {}, ['the text, line 1: a variable without escaping, {{{x}}}']],
      ['Hi {{& x}}', {}, ['the text, line 1: a variable without escaping, {{& x}}']],
      ['Hi {{x}}\n', {}, ['the text begins or ends with white space: it is left out']],
      ['Hi\r\n{{x}}', {}, ['the text has line ends of Windows: they become \\n']],
      [
        'Hi',
        { config: { model: 'gpt-4o', seed: 1, temperature: 1.5, top_p: 0.5 } },
        ['config.model "gpt-4o": left out', 'config.seed 1: left out', 'config.temperature 1.5: left out'],
      ],
      ['Hi', { config: [1] }, ['config [1]: left out']],
      ['Hi', { tags: ['a', 'b'] }, ['tags a, b: left out']],
      ['Hi', { labels: ['production', 'v1.2'] }, ['label v1.2: no alias is called so']],
      ['Hi', { labels: ['production', 'prod'] }, ['label prod: no alias is called so']],
      [
        [
          { role: 'user', content: 'a' },
          { role: 'system', content: 'b' },
        ],
        {},
        ['message 2 is system text after other messages: it is moved to the front'],
      ],
      [
        [
          { role: 'system', content: 'a' },
          { role: 'system', content: 'b' },
          { role: 'user', content: 'c' },
        ],
        {},
        ['several system messages: they become one system text of several blocks'],
      ],
    ];
    for (const [prompt, more, losses] of changes) {
      expect(await lossesOf(prompt, more), JSON.stringify(prompt)).toMatchObject({
        code: 2,
        status: 'imported',
        losses,
      });
    }
  });

  it('takes variables without escaping as the client renders them', async () => {
    for (const [prompt, text] of [
      ['{{{x}}}{{{ x }}}', '{{x}}{{x}}'],
      ['{"a": {{{x}}}}', '{"a": {{x}}}'],
      ['{{ {x}}}!\n{{&x}}', '{{x}}!\n{{x}}'],
    ] as const) {
      const { code, path } = await lossesOf(prompt);
      const { variant } = parsePromptFile(read(path), path);
      expect([code, variant.templateConfiguration.text?.text]).toEqual([2, text]);
      const client = await langfuse.prompt.get(path.slice('prompts/'.length, -'.prompt'.length));
      expect(template(variant).fill({ x: '<b>' })).toBe(client.compile({ x: '<b>' }));
    }
  });

  it('takes models, tools and single tags that Bedrock has a place for', async () => {
    const config = {
      model: 'bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      max_tokens: 100,
      stop: 'END',
      tools: [
        { type: 'function', function: { name: 'quote', description: 'A quote', parameters: { type: 'object' } } },
      ],
      tool_choice: 'required',
    };
    const { losses, path } = await lossesOf([{ role: 'user', content: 'Hi' }], { config, tags: ['team a'] });
    expect(losses).toEqual([]);
    expect(variantOf(path)).toMatchObject({
      modelId: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      inferenceConfiguration: { text: { maxTokens: 100, stopSequences: ['END'] } },
      metadata: [{ key: 'tags', value: 'team a' }],
      templateConfiguration: {
        chat: {
          toolConfiguration: {
            toolChoice: { any: {} },
            tools: [{ toolSpec: { name: 'quote', description: 'A quote', inputSchema: { json: { type: 'object' } } } }],
          },
        },
      },
    });
    expect((await lossesOf('Hi', { config: { model: 'gpt-4o' } }, { model: 'amazon.nova-pro-v1:0' })).losses).toEqual([
      'config.model "gpt-4o": it is amazon.nova-pro-v1:0 here',
    ]);
  });

  it('refuses composed prompts, and takes them flat', async () => {
    await langfuse.prompt.create({ name: 'style', prompt: 'Be {{tone}}.', labels: ['production'] });
    const prompt = 'Sort {{x}}. @@@langfusePrompt:name=style|label=production@@@';
    const refusedOne = await lossesOf(prompt);
    expect(refusedOne).toMatchObject({
      status: 'refused',
      losses: ['composed of style label production', expect.anything()],
    });
    const flat = await lossesOf(prompt, {}, { flatten: true });
    expect(flat).toMatchObject({
      code: 2,
      status: 'imported',
      losses: ['composed of style version 1, whose texts are written out'],
    });
    expect(variantOf(flat.path).templateConfiguration.text?.text).toBe('Sort {{x}}. Be {{tone}}.');
  });

  it('keeps names apart, and inside the folder', async () => {
    for (const name of ['a/triage', 'b/Triage', '../../up', 'my prompt v2.0', '..', 'é', 'x_-y']) {
      await langfuse.prompt.create({ name, prompt: name });
    }
    const { code, report: found } = await report();
    expect(code).toBe(2);
    expect(found.prompts.map(({ name, path }) => [name, path.slice(out().length + 1)])).toEqual([
      ['..', 'prompt.prompt'],
      ['../../up', 'up.prompt'],
      ['a/triage', 'a/a-triage.prompt'],
      ['b/Triage', 'b/b-Triage.prompt'],
      ['my prompt v2.0', 'my-prompt-v2-0.prompt'],
      ['x_-y', 'x_y.prompt'],
      ['é', 'e.prompt'],
    ]);
    const named = found.prompts.filter(({ versions }) =>
      versions[0]?.losses.some(({ what }) => what.startsWith('the name')),
    );
    expect(named.map(({ name }) => name)).toEqual(['..', 'a/triage', 'b/Triage', 'my prompt v2.0', 'x_-y', 'é']);
  });

  it('overwrites no file with another text, and writes nothing then', async () => {
    await langfuse.prompt.create({ name: 'a', prompt: 'Hi' });
    await run();
    await langfuse.prompt.create({ name: 'a', prompt: 'Bye' });
    await langfuse.prompt.create({ name: 'b', prompt: 'Hi' });
    await expect(run()).rejects.toThrow(/a\.prompt: there already, with another text/);
    expect(existsSync(join(out(), 'b.prompt'))).toBe(false);
    expect((await run({ force: true })).code).toBe(0);
    expect(read('prompts/a.prompt')).toContain('Bye');
    writeFileSync(join(out(), 'a.prompt'), 'changed');
    git('add', '.');
    await expect(run({ git: true })).rejects.toMatchObject({ message: 'files that the import writes have changes' });
  });

  it('says of labels elsewhere that they are, and takes those that are wanted', async () => {
    await langfuse.prompt.create({ name: 'a', prompt: 'one', labels: ['production'] });
    await langfuse.prompt.create({ name: 'a', prompt: 'two', labels: ['staging'] });
    const { report: found } = await report();
    expect(found.prompts[0]?.versions).toMatchObject([
      { version: 1, losses: [{ what: 'label staging stands on a version that is not imported' }] },
    ]);
    expect((await report({ label: 'staging', force: true })).report.prompts[0]?.versions[0]?.version).toBe(2);
  });

  it('says what is wrong with the server, the keys and the names', async () => {
    await langfuse.prompt.create({ name: 'a', prompt: 'one' });
    await expect(run({ name: 'b*' })).rejects.toMatchObject({
      message: 'no prompt is called b*',
      fix: ['there are a'],
    });
    await expect(run({ url: `${url()}/api/public` })).rejects.toMatchObject({
      message: `${url()}/api/public answered 404`,
      fix: [expect.stringContaining('--url is its address without /api')],
    });
    vi.stubEnv('LANGFUSE_SECRET_KEY', 'sk-wrong');
    await expect(run()).rejects.toMatchObject({ message: `${url()} answered 401`, exitCode: 6 });
    vi.stubEnv('LANGFUSE_SECRET_KEY', '');
    await expect(run()).rejects.toMatchObject({ message: `no keys for ${url()}`, exitCode: 6 });
    await expect(run({ url: 'nowhere' })).rejects.toMatchObject({ message: 'nowhere is no address', exitCode: 64 });
  });

  it('makes the same text as the client for each version that is not in the report', async () => {
    // Many more by `npm run prove -- import`.
    const { IMPORTED = '45' } = process.env;
    await fill(langfuse, Math.min(Math.ceil(Number(IMPORTED) / 6), 100), Number(IMPORTED));
    // Before git stops this process for seconds: the client does not ask again where a connection was closed meanwhile.
    const clients = await clientsOf(langfuse);
    const { report: found } = await report({ git: true, 'all-versions': true });
    const all = found.prompts.flatMap(({ name, path, versions }) => versions.map((one) => ({ name, path, ...one })));
    expect(all).toHaveLength(Number(IMPORTED));
    const whole = all.filter(({ losses }) => losses.length === 0);
    expect(whole.length).toBeGreaterThan(all.length / 4);
    const committed = all.filter(({ status }) => status === 'imported');
    expect(Number(git('rev-list', '--count', 'HEAD'))).toBe(committed.length);
    const files = filesAt(whole.map(({ path, commit }) => `${commit}:${path.slice(folder.length + 1)}`));
    for (const [index, { name, path, version }] of whole.entries()) {
      const { variant } = parsePromptFile(files[index] ?? '', path);
      const values = Object.fromEntries(
        NAMES.map((one, index) => [one, HOSTILE[(index + version) % HOSTILE.length] ?? '']),
      );
      const client = clients.get(`${name} ${version}`);
      const ours = template(variant).fill(values);
      const theirs = client?.compile(values) as unknown;
      const asMessages = (made: Exclude<typeof ours, string>) => [
        ...(made.system === '' && !variant.templateConfiguration.chat?.system
          ? []
          : [{ role: 'system', content: made.system }]),
        ...made.messages,
      ];
      expect(typeof ours === 'string' ? ours : asMessages(ours), `${name} ${version}`).toEqual(theirs);
    }
    if (process.env.IMPORTED) console.log(`${all.length} versions, 0 wrong`);
  });
});

/** Files of several commits, by one process. */
function filesAt(objects: readonly string[]): string[] {
  const options = { cwd: folder, input: objects.map((one) => `${one}\n`).join(''), maxBuffer: 1 << 26 };
  let rest = execFileSync('git', ['cat-file', '--batch'], options);
  return objects.map(() => {
    const start = rest.indexOf('\n') + 1;
    const size = Number(rest.subarray(0, start).toString().trim().split(' ')[2]);
    const file = rest.subarray(start, start + size).toString();
    rest = rest.subarray(start + size + 1);
    return file;
  });
}

const NAMES = ['a', 'ticker', 'my-var', 'x_1'];
const HOSTILE = ['{{a}}', '$&', '<b>&amp;"', '\r\n', '🚀', '{{#a}}', '', '\\'];
/** A part of a template with a chance of each kind; the last ones are refused or changed. */
const PIECES = [
  'Text ',
  '{{a}}',
  '{{ticker}}',
  '{{ my-var }}',
  '{"k":{"v":{{x_1}}}}',
  '\n',
  ' é ',
  '$&',
  '\\{{a}}',
  '{ {',
  '%',
  '<i>',
  'plain text. ',
  '{{#a}}x{{/a}}',
  '{{! note }}',
  '{{{a}}}',
  '{{a.b}}',
];

async function fill(langfuse: LangfuseClient, prompts: number, versions: number): Promise<void> {
  let seed = Number(process.env.SEED ?? 11);
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  const text = () =>
    `T${Array.from({ length: 1 + random(5) }, () => PIECES[random(random(3) ? 13 : PIECES.length)]).join('')}.`;
  for (let count = 0; count < versions; count++) {
    const index = count % prompts;
    const isChat = index % 3 === 0;
    const chat = [
      ...(random(2) ? [{ role: 'system', content: text() }] : []),
      { role: 'user', content: text() },
      ...(random(3) ? [] : [{ role: 'assistant', content: text() }]),
      ...(random(12) ? [] : [{ type: 'placeholder' as const, name: 'history' }]),
    ];
    await langfuse.prompt.create({
      name: `folder${index % 4}/prompt-${index}`,
      ...(isChat ? { type: 'chat', prompt: chat } : { type: 'text', prompt: text() }),
      labels: random(4) ? [] : ['production'],
      config: random(5) ? { temperature: 0.3 } : { seed: 1 },
      commitMessage: `change ${count}`,
    } as never);
  }
}

/** What the client has of every version, by `name version`. */
async function clientsOf(langfuse: LangfuseClient) {
  const { data } = await langfuse.api.prompts.list({ limit: 100 });
  const clients = new Map<string, TextPromptClient | ChatPromptClient>();
  for (const { name, versions } of data) {
    for (const version of versions) clients.set(`${name} ${version}`, await langfuse.prompt.get(name, { version }));
  }
  return clients;
}

async function fetchTime(name: string, version: number): Promise<number> {
  const authorization = `Basic ${Buffer.from(`${KEYS.publicKey}:${KEYS.secretKey}`).toString('base64')}`;
  const answer = await fetch(`${url()}/api/public/v2/prompts/${encodeURIComponent(name)}?version=${version}`, {
    headers: { authorization },
  });
  return Math.floor(Date.parse(((await answer.json()) as { createdAt: string }).createdAt) / 1000);
}
