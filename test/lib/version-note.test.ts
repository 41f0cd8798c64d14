import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Prompt, PromptVariant } from '../../lib';
import { onlyResource, registryIn, stackIn, templateOf } from './prompt-app';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prompt-notes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const git = (cwd: string, ...words: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
  });

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), `---\nmodel: amazon.nova-pro-v1:0\n---\n${text}\n`);
}

function commit(message: string): string {
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', message);
  return git(folder, 'rev-parse', '--short=10', 'HEAD').trim();
}

function versionOf(path: string, versionNote?: string) {
  const stack = stackIn();
  new Prompt(stack, 'Prompt', { registry: registryIn(stack), variant: PromptVariant.fromFile(path), versionNote });
  return onlyResource(templateOf(stack), 'Custom::PromptVersion').Properties;
}

const letters = () => join(folder, 'letters.prompt');

it('the note of a version is the commit that last changed its file, and no other commit moves it', () => {
  git(folder, 'init', '-q');
  write('letters.prompt', 'Sort');
  const first = commit('one');
  const before = versionOf(letters());
  expect(before.VersionNote).toBe(`commit ${first}`);

  write('other.prompt', 'File');
  commit('elsewhere');
  expect(versionOf(letters())).toEqual(before);

  write('letters.prompt', 'Sort well');
  expect(versionOf(letters()).VersionNote).toBe('');
  const second = commit('two');
  expect(versionOf(letters()).VersionNote).toBe(`commit ${second}`);
  expect(second).not.toBe(first);
});

it('the note does not move the content digest', () => {
  write('letters.prompt', 'Sort');
  const unknown = versionOf(letters());
  git(folder, 'init', '-q');
  commit('one');
  const known = versionOf(letters());
  expect(unknown.VersionNote).toBe('');
  expect(known.VersionNote).not.toBe('');
  expect(known.ContentDigest).toBe(unknown.ContentDigest);
});

it('a note of one\u2019s own comes first, and an empty one means none', () => {
  git(folder, 'init', '-q');
  write('letters.prompt', 'Sort');
  commit('one');
  expect(versionOf(letters(), 'for the audit').VersionNote).toBe('for the audit');
  expect(versionOf(letters(), '').VersionNote).toBe('');
});

it('a shallow clone, in which every file seems to be as old as the clone, gives no note', () => {
  git(folder, 'init', '-q');
  write('letters.prompt', 'Sort');
  commit('one');
  write('other.prompt', 'File');
  commit('two');
  const clone = join(folder, 'clone');
  mkdirSync(clone);
  git(clone, 'clone', '-q', '--depth', '1', `file://${folder}`, '.');
  expect(versionOf(join(clone, 'letters.prompt')).VersionNote).toBe('');
});

it('a file with a name that git would read as a pattern is still one file', () => {
  git(folder, 'init', '-q');
  write('a.prompt', 'One');
  const first = commit('one');
  mkdirSync(join(folder, '[a]'));
  write('[a]/a.prompt', 'Two');
  commit('two');
  expect(versionOf(join(folder, 'a.prompt')).VersionNote).toBe(`commit ${first}`);
});

it('is the newest commit of the file and its partials, and none while a partial is not committed', () => {
  git(folder, 'init', '-q');
  write('letters.prompt', 'Sort {{>style}}');
  writeFileSync(join(folder, '_style.prompt'), 'briefly\n');
  commit('both');
  writeFileSync(join(folder, '_style.prompt'), 'slowly\n');
  expect(versionOf(letters()).VersionNote).toBe('');
  const second = commit('the partial');
  expect(versionOf(letters()).VersionNote).toBe(`commit ${second}`);
});
