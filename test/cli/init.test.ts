import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CliError } from '../../cli/cli-error';
import { init } from '../../cli/commands/init';
import { writeApp } from '../../cli/init/app-folder';
import { acceptablePackageName, packageNameProblem } from '../../cli/init/package-name';
import { Interruption } from '../../cli/interruption';
import { promptsOfFolder } from '../../cli/prompt-folder';
import { promptTypes } from '../../core/prompt-file/prompt-types';
import { fakeTerminal } from './fake-terminal';

const OWN = JSON.parse(readFileSync('package.json', 'utf8'));

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'init-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

async function run(folder: string, values: Record<string, string | boolean> = {}) {
  const { terminal, output } = fakeTerminal(undefined);
  const code = await init.run({
    ...{ terminal, positionals: [folder], values, interruption: new Interruption() },
    now: () => new Date(),
    commands: [],
    openRegistry: () => Promise.reject(new Error('init needs no AWS')),
  });
  return { code, output: output() };
}

const refusal = (folder: string, values = {}): Promise<CliError> =>
  run(folder, values).then(
    ({ output }) => Promise.reject(new Error(`expected a refusal, found ${output}`)),
    (error) => error,
  );

/** All files below a folder, with slashes. */
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

const manifestIn = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

describe('prompt-registry init', () => {
  it('writes an app into a folder that it makes, and says what comes next', async () => {
    const folder = join(scratch, 'teams/my-prompts');
    const { code, output } = await run(folder);
    expect(code).toBe(0);
    expect(output).toMatch(/^wrote .*my-prompts: \d+ files$/m);
    expect(output).toContain('  npm install\n  npm test\n  npx cdk deploy --all -c env=prod\n');
    const template = filesIn('templates/app').map((name) => (name === 'gitignore' ? '.gitignore' : name));
    expect(filesIn(folder)).toEqual(template.sort());
    expect(manifestIn(folder).name).toBe('my-prompts');
  });

  it('takes every version from this package', async () => {
    await run(scratch, { name: 'mine' });
    const { dependencies, devDependencies } = manifestIn(scratch);
    const expected = { ...OWN.devDependencies, [OWN.name]: OWN.version };
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      expect([name, version]).toEqual([name, expected[name]]);
  });

  it('has types that fit its prompt files', async () => {
    const { prompts } = await promptsOfFolder('templates/app/prompts');
    expect(readFileSync('templates/app/src/prompts.d.ts', 'utf8')).toBe(promptTypes(prompts));
  });

  it('takes the package from the file that npm pack wrote, as seen from the app', async () => {
    const tarball = join(scratch, 'cdk-prompt-registry-0.1.0.tgz');
    writeFileSync(tarball, '');
    const folder = join(scratch, 'apps/mine');
    await run(folder, { package: tarball });
    expect(manifestIn(folder).dependencies[OWN.name]).toBe('file:../../cdk-prompt-registry-0.1.0.tgz');
    await run(join(scratch, 'other'), { package: '^1.2.3' });
    expect(manifestIn(join(scratch, 'other')).dependencies[OWN.name]).toBe('^1.2.3');
    expect((await refusal(join(scratch, 'third'), { package: 'none.tgz' })).message).toContain('there is no file');
    expect((await refusal(join(scratch, 'third'), { package: scratch })).message).toContain('there is no file');
    expect((await refusal(join(scratch, 'third'), { package: '' })).message).toContain('there is no file');
    expect((await refusal(join(scratch, 'third'), { package: 'a b' })).message).toContain('npm knows no place "a b"');
  });

  it('answers a program', async () => {
    const { output } = await run(join(scratch, 'mine'), { json: true });
    expect(JSON.parse(output)).toMatchObject({
      folder: join(scratch, 'mine'),
      name: 'mine',
      files: expect.arrayContaining(['.gitignore', 'package.json', 'prompts/greeting.prompt']),
      next: expect.arrayContaining(['npm install']),
    });
  });

  it('refuses a folder that is not empty, says what is there, and leaves it as it is', async () => {
    for (const name of ['notes.txt', '.env', ...Array.from({ length: 12 }, (_, index) => `z${index}`)])
      writeFileSync(join(scratch, name), '');
    const { message, why } = await refusal(scratch, { name: 'mine' });
    expect(message).toBe(`${scratch} is not empty`);
    expect(why).toBe('there is: .env, notes.txt, z0, z1, z10, z11, z2, z3, z4, z5, and 4 more');
    expect(readdirSync(scratch)).toHaveLength(14);
  });

  it('takes a folder in which only git init was run', async () => {
    mkdirSync(join(scratch, '.git'));
    expect((await run(scratch, { name: 'mine' })).code).toBe(0);
  });

  it.each([
    ['the folder is a file', 'file'],
    ['a folder above is a file', 'file/app'],
    ['the name is too long', 'x'.repeat(300)],
  ])('says so where it cannot write: %s', async (_, path) => {
    writeFileSync(join(scratch, 'file'), '');
    const { message, why } = await refusal(join(scratch, path), { name: 'mine' });
    expect(message).toBe(`cannot write to ${join(scratch, path)}`);
    expect(why).toMatch(/ENOTDIR|ENAMETOOLONG/);
    expect(readdirSync(scratch)).toEqual(['file']);
  });

  it('takes away what it wrote, and nothing else, where it cannot write the rest', async () => {
    const content = '';
    const twice = [
      { path: 'lib/a', content },
      { path: 'b', content },
      { path: 'b', content },
    ];
    writeFileSync(join(scratch, 'of somebody'), '');
    await expect(writeApp(scratch, twice)).rejects.toThrow('cannot write');
    expect(readdirSync(scratch)).toEqual(['of somebody']);
    await expect(writeApp(join(scratch, 'new/app'), twice)).rejects.toThrow('cannot write');
    expect(readdirSync(scratch)).toEqual(['of somebody']);
  });

  it.each([
    ['My Prompts', 'my-prompts'],
    ['.prompts', 'prompts'],
    ['_x', 'x'],
    ['ünïcode', 'n-code'],
    ['@acme', 'acme'],
    ['@acme/', 'acme'],
    ['@/x', 'x'],
    ['a/b', 'a-b'],
    ["it's", 'it-s'],
    ['fs', 'fs-app'],
    ['node_modules', 'node_modules-app'],
    ['cdk-prompt-registry', 'cdk-prompt-registry-app'],
    ['aws-cdk-lib', 'aws-cdk-lib-app'],
    ['x'.repeat(215), 'x'.repeat(214)],
    ['', 'my-prompts'],
    ['日本', 'my-prompts'],
  ])('refuses the name %j, which npm refuses, and has another', async (name, other) => {
    const { message, fix } = await refusal(scratch, { name });
    expect(message).toBe(`npm refuses the name ${JSON.stringify(name)}`);
    expect(fix[0]).toBe(`give the app another one: --name ${other}`);
    expect(readdirSync(scratch)).toEqual([]);
  });

  it('takes the names that npm takes', () => {
    for (const name of ['prompts', 'a', '@acme/prompts', 'x.y', 'a_b-c', '9'])
      expect([name, packageNameProblem(name, [])]).toEqual([name, undefined]);
    expect(acceptablePackageName('/', [])).toBe('my-prompts');
  });
});
