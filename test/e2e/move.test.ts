import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BedrockAgentClient,
  CreatePromptCommand,
  CreatePromptVersionCommand,
  type PromptVariant,
  UpdatePromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import { LangfuseClient } from '@langfuse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LangfuseServer, serveLangfuse } from '../../bin/langfuse/http-server';
import type { ImportReport } from '../../cli/import/import-report';
import { contentDigest } from '../../core/content/content-digest';
import { openKeys } from '../../core/langfuse/open-keys';
import { parsePromptFile } from '../../core/prompt-file/prompt-file';
import { CommandWorld, FIRST, SECOND } from '../cli/command-world';
import { KEYS } from '../langfuse/open-server';

const on = CommandWorld.forThisFile();
let server: LangfuseServer;
let folder = '';
beforeAll(async () => {
  server = await serveLangfuse(openKeys([KEYS]), 0);
  folder = mkdtempSync(join(tmpdir(), 'move-'));
  git('init', '-q');
  git('config', 'user.name', 'Ann');
  git('config', 'user.email', 'ann@example.com');
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
const url = () => `http://127.0.0.1:${server.port}`;
const langfuse = () => ({
  LANGFUSE_BASE_URL: url(),
  LANGFUSE_PUBLIC_KEY: KEYS.publicKey,
  LANGFUSE_SECRET_KEY: KEYS.secretKey,
});
const text = (value: string): PromptVariant => ({
  name: 'default',
  templateType: 'TEXT',
  modelId: 'amazon.nova-pro-v1:0',
  templateConfiguration: { text: { text: value, inputVariables: [{ name: 'ticket' }] } },
});

describe('import bedrock', () => {
  it('writes every version of every prompt with its digest, and says what no version holds', async () => {
    const bedrock = new BedrockAgentClient(on.client());
    const { id: promptIdentifier, name } = await bedrock.send(
      new CreatePromptCommand({ name: 'sorter', defaultVariant: 'default', variants: [text('Sort {{ticket}}.')] }),
    );
    await bedrock.send(new CreatePromptVersionCommand({ promptIdentifier, description: 'by hand' }));
    const variants = [text('Sort {{ticket}} well.')];
    await bedrock.send(new UpdatePromptCommand({ promptIdentifier, name, defaultVariant: 'default', variants }));
    await bedrock.send(new CreatePromptVersionCommand({ promptIdentifier }));
    await bedrock.send(
      new UpdatePromptCommand({
        promptIdentifier,
        name,
        defaultVariant: 'default',
        variants: [text('Draft {{ticket}}')],
      }),
    );

    const args = `import bedrock --all-versions --git --json --out ${folder}/prompts`;
    const { code, stdout, stderr } = await on.run(args);
    expect(code, stderr).toBe(2);
    const { prompts } = JSON.parse(stdout) as ImportReport;
    expect(prompts.map(({ promptName, versions }) => [promptName, versions.map(({ version }) => version)])).toEqual([
      ['advisor', [1, 2, 3]],
      ['sorter', [1, 2]],
    ]);
    const losses = prompts.flatMap(({ versions }) => versions.flatMap((one) => one.losses.map(({ what }) => what)));
    expect(losses).toEqual(['the draft holds another text or other settings than the newest version']);
    expect(git('log', '--format=%s').split('\n')).toContain('by hand');
    const [advisor] = JSON.parse((await on.run('list --json')).stdout);
    expect(advisor.prompt).toBe('advisor');
    for (const { path, versions } of prompts) {
      for (const { commit, digest } of versions) {
        const source = git('show', `${commit}:${path.slice(folder.length + 1)}`);
        expect(contentDigest(parsePromptFile(source, path).variant)).toBe(digest);
      }
    }
    // As the registry itself has it.
    const { digest } = JSON.parse((await on.run('show advisor:2 --json')).stdout);
    expect(prompts[0]?.versions[1]?.digest).toBe(digest);
    const again = JSON.parse((await on.run(args)).stdout) as ImportReport;
    expect(again.prompts.flatMap(({ versions }) => versions.map(({ status }) => status))).toEqual(
      Array(5).fill('unchanged'),
    );
    expect((await on.run(`import bedrock --name nobody --out ${folder}/prompts`)).stderr).toContain(
      'no prompt is called nobody',
    );
  });
});

describe('export langfuse', () => {
  it('makes the versions and labels, which import reads back with equal digests', async () => {
    await on.prodAt(1);
    const pushed = await on.run('export langfuse --push', langfuse());
    expect([pushed.code, pushed.stdout], pushed.stderr).toEqual([0, 'wrote 3 versions\n']);
    const client = new LangfuseClient({ ...KEYS, baseUrl: url() });
    expect(await client.prompt.get('advisor')).toMatchObject({ version: 1, prompt: FIRST });
    expect((await client.prompt.get('advisor', { version: 2 })).prompt).toBe(SECOND);
    expect((await client.prompt.get('advisor', { label: 'staging' })).version).toBe(3);

    const imported = await on.run(`import langfuse --all-versions --json --out ${folder}/back`, langfuse());
    expect(imported.code, imported.stderr).toBe(0);
    const [prompt] = (JSON.parse(imported.stdout) as ImportReport).prompts;
    expect(prompt?.versions.map(({ version }) => version)).toEqual([1, 2, 3]);
    for (const { version, digest } of prompt?.versions ?? []) {
      expect(digest).toBe(JSON.parse((await on.run(`show advisor:${version} --json`)).stdout).digest);
    }
    expect(prompt?.aliases.map(({ aliasName, version }) => [aliasName, version])).toEqual([
      ['FIXED', 1],
      ['PROD', 1],
      ['STAGING', 3],
    ]);
  });

  it('adds what is new, moves labels, and refuses a prompt with other versions', async () => {
    await on.prodAt(2);
    expect((await on.run('export langfuse --push', langfuse())).code).toBe(0);
    const client = new LangfuseClient({ ...KEYS, baseUrl: url() });
    expect((await client.api.prompts.list({})).data[0]?.versions).toEqual([1, 2, 3]);
    expect((await client.prompt.get('advisor', { cacheTtlSeconds: 0 })).version).toBe(2);
    await client.prompt.create({ name: 'advisor', prompt: 'mine' });
    expect(await on.run('export langfuse --push', langfuse())).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('advisor is there already, and its version 4 is none of these in this order'),
    });
  });

  it('writes a file without any server', async () => {
    const { code, stdout } = await on.run(`export langfuse advisor --out ${folder}/prompts.json`);
    expect([code, stdout]).toEqual([0, `wrote ${folder}/prompts.json: 3 versions\n`]);
    const bodies = JSON.parse(readFileSync(join(folder, 'prompts.json'), 'utf8'));
    expect(bodies[0]).toMatchObject({
      name: 'advisor',
      type: 'text',
      prompt: FIRST,
      config: { model: 'amazon.nova-pro-v1:0', temperature: 0.2 },
    });
    expect((await on.run('export langfuse --push', { LANGFUSE_BASE_URL: url() })).code).toBe(6);
  });
});
