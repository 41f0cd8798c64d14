import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { LangfuseClient } from '@langfuse/client';
import { beforeEach, describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { KEYS, openServer } from './open-server';

// Its types are of another age than ours.
const { Langfuse } = require('langfuse');
const server = openServer();
const fresh = (prefix = 'prompt') => `${prefix}-${randomUUID()}`;
const v5 = () => new LangfuseClient({ ...KEYS, baseUrl: server.url() });
const v3 = () => {
  const client = new Langfuse({ ...KEYS, baseUrl: server.url() });
  onTestFinished(() => client.shutdownAsync());
  return client;
};

// The clients say on the console what they also throw.
beforeEach(() => {
  const said = vi.spyOn(console, 'error').mockReturnValue();
  return () => said.mockRestore();
});

// Named as the cases of Langfuse's own tests of this client.
describe('@langfuse/client 5', () => {
  it('should create and get a prompt, by name, version and label', async () => {
    const name = fresh('folder/a b');
    const langfuse = v5();
    const made = await langfuse.prompt.create({
      name,
      prompt: 'Hi {{a}}',
      labels: ['production'],
      config: { t: 1 },
      tags: ['x'],
      commitMessage: 'm',
    });
    expect(made).toMatchObject({
      name,
      version: 1,
      prompt: 'Hi {{a}}',
      type: 'text',
      labels: ['production', 'latest'],
    });
    await langfuse.prompt.create({ name, prompt: 'Bye', labels: ['staging'] });
    const got = await langfuse.prompt.get(name);
    expect(got).toMatchObject({ version: 1, config: { t: 1 }, tags: ['x'], commitMessage: 'm' });
    expect(got.compile({ a: '<b>' })).toBe('Hi <b>');
    expect((await langfuse.prompt.get(name, { version: 2 })).prompt).toBe('Bye');
    expect((await langfuse.prompt.get(name, { label: 'staging' })).version).toBe(2);
  });

  it('should create a chat prompt with placeholders', async () => {
    const name = fresh();
    const langfuse = v5();
    const prompt = [
      { role: 'system', content: 'You are {{who}}' },
      { type: 'placeholder' as const, name: 'history' },
    ];
    await langfuse.prompt.create({ name, type: 'chat', prompt, labels: ['production'] });
    const got = await langfuse.prompt.get(name, { type: 'chat' });
    expect(got.compile({ who: 'it' }, { history: [{ role: 'user', content: 'q' }] })).toEqual([
      { role: 'system', content: 'You are it' },
      { role: 'user', content: 'q' },
    ]);
  });

  it('should update prompt labels, and invalidate its cache', async () => {
    const name = fresh();
    const langfuse = v5();
    await langfuse.prompt.create({ name, prompt: 'x', labels: ['production'] });
    await langfuse.prompt.get(name);
    expect((await langfuse.prompt.update({ name, version: 1, newLabels: ['updated'] })).labels).toEqual(
      expect.arrayContaining(['production', 'updated', 'latest']),
    );
    expect((await langfuse.prompt.get(name)).labels).toContain('updated');
    await expect(langfuse.prompt.update({ name, version: 999, newLabels: ['x'] })).rejects.toThrow(/not found/);
    await expect(langfuse.prompt.update({ name: fresh(), version: 1, newLabels: ['x'] })).rejects.toThrow(/not found/);
  });

  it('should delete a version, then the prompt', async () => {
    const name = fresh('folder/subfolder/deleted');
    const langfuse = v5();
    await langfuse.prompt.create({ name, prompt: '1', labels: ['production'] });
    await langfuse.prompt.create({ name, prompt: '2' });
    await langfuse.prompt.delete(name, { version: 1 });
    await expect(langfuse.prompt.get(name)).rejects.toThrow(/Prompt not found/);
    await langfuse.prompt.delete(name);
    await expect(langfuse.prompt.delete(name)).rejects.toThrow(/Prompt not found/);
  });

  it('should use the fallback when the prompt is not found', async () => {
    const got = await v5().prompt.get(fresh(), { fallback: 'fallback {{x}}', type: 'text' });
    expect(got).toMatchObject({ isFallback: true, version: 0, prompt: 'fallback {{x}}' });
  });

  it('lists, and finds its project', async () => {
    const name = fresh('z-list');
    const langfuse = v5();
    await langfuse.prompt.create({ name, prompt: 'x', tags: [name] });
    const listed = await langfuse.api.prompts.list({ tag: name, fromUpdatedAt: '2020-01-01T00:00:00Z' });
    expect(listed).toMatchObject({ data: [{ name, versions: [1], type: 'text' }], meta: { totalItems: 1 } });
    expect((await langfuse.api.projects.get()).data).toHaveLength(1);
    expect(await langfuse.api.health.health()).toMatchObject({ status: 'OK' });
  });

  it('should handle special characters in prompt names', async () => {
    const langfuse = v5();
    const names = [
      '@with#symbols',
      '?with=query&chars',
      '[b]{c}(d)+e',
      '\\back',
      '"\'',
      ':;',
      '%20encoded',
      'x-名前-🚀',
    ];
    for (const name of names) {
      await langfuse.prompt.create({ name, prompt: `text of ${name}`, labels: ['production'] });
      expect(await langfuse.prompt.get(name)).toMatchObject({ name, prompt: `text of ${name}` });
    }
    await expect(langfuse.prompt.create({ name: 'a|b', prompt: 'x' })).rejects.toThrow();
  });

  it('says with what it was refused', async () => {
    const stranger = new LangfuseClient({ ...KEYS, secretKey: 'sk-lf-wrong', baseUrl: server.url() });
    await expect(stranger.prompt.get(fresh(), { maxRetries: 0 })).rejects.toThrow(/Invalid credentials/);
  });
});

describe('langfuse 3', () => {
  it('creates, gets, updates and compiles', async () => {
    const name = fresh('v3/x');
    const langfuse = v3();
    // It says so on the console each time.
    const log = vi.spyOn(console, 'log').mockReturnValue();
    onTestFinished(() => log.mockRestore());
    await langfuse.createPrompt({ name, prompt: 'Hi {{a}}', labels: ['production'] });
    await langfuse.createPrompt({ name, prompt: 'Bye {{a}}' });
    expect((await langfuse.getPrompt(name)).compile({ a: 'b' })).toBe('Hi b');
    expect((await langfuse.getPrompt(name, undefined, { label: 'latest' })).version).toBe(2);
    expect((await langfuse.updatePrompt({ name, version: 2, newLabels: ['production'] })).labels).toContain(
      'production',
    );
    expect((await langfuse.getPrompt(name)).version).toBe(2);
    expect((await langfuse.getPrompt(name, 1)).labels).toEqual([]);
  });

  it('sends its traces', async () => {
    const langfuse = v3();
    const errors = vi.fn();
    langfuse.on('error', errors);
    langfuse.trace({ name: 't' }).generation({ name: 'g', input: 'x' });
    await langfuse.flushAsync();
    expect(errors).not.toHaveBeenCalled();
  });
});

describe('langfuse-cli', () => {
  const program = join(dirname(require.resolve('langfuse-cli/package.json')), 'bin/langfuse.mjs');
  const run = async (...args: string[]) => {
    const { publicKey, secretKey } = KEYS;
    const env = {
      ...process.env,
      LANGFUSE_PUBLIC_KEY: publicKey,
      LANGFUSE_SECRET_KEY: secretKey,
      LANGFUSE_HOST: server.url(),
      LANGFUSE_BASE_URL: server.url(),
    };
    const { stdout } = await promisify(execFile)(process.execPath, [program, 'api', 'prompts', ...args], { env });
    return JSON.parse(stdout);
  };

  test('creates, lists and gets', async () => {
    const name = fresh('cli/x');
    await run('create', '--type', 'text', '--name', name, '--prompt', 'Hi {{a}}', '--labels', 'staging');
    expect(await run('get', name, '--label', 'staging')).toMatchObject({ version: 1, prompt: 'Hi {{a}}' });
    expect((await run('list', '--name', name)).data).toMatchObject([{ name, labels: ['latest', 'staging'] }]);
  });
});
