import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_ITS_PACE, startCommand } from './command-process';
import { hasPty, inTerminal } from './pty-process';
import { RegistriesWorld } from './registries-world';

const ENTER = '\r';
const DOWN = '\x1b[B';
const LAST_LINE = 'Ctrl-C ends';

let on: RegistriesWorld;
beforeAll(async () => {
  on = await RegistriesWorld.start();
  await on.deploy({ east: ['advisor', 'sorter'], west: ['sorter'] }, ['Explain', 'Answer']);
}, 300_000);
afterAll(() => on?.aws.stop());

const ask = (args: string, typed: readonly (readonly [string, string])[], environment: NodeJS.ProcessEnv = {}) =>
  inTerminal(args, { ...on.aws.environment(), ...environment }, typed);

describe.runIf(hasPty)('In a terminal the command asks for what was left out', () => {
  it('prompt and version, with where aliases stand and what each version would change', async () => {
    const { code, stdout } = await ask('promote', [
      [LAST_LINE, `${DOWN}${ENTER}`],
      ['to which version?', ''],
      [LAST_LINE, ENTER],
      ['promote sorter PROD to 2? [y/N]', `y${ENTER}`],
    ]);
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/1\. advisor {2}east {2}PROD none, STAGING 2/);
    expect(stdout).toMatch(/to which version\? PROD points to no version/);
    // Only PROD moves by parameter: of one, nobody is asked.
    expect(stdout).not.toContain('which alias');
    expect(stdout).toContain('prompt-registry promote sorter PROD --stack east --to :2');
    expect(stdout).toContain('✔ sorter PROD  – → 2');
  });

  it('which registry, where several have the prompt; and shows what cannot be chosen', async () => {
    const { code, stdout } = await ask('promote sorter PROD', [
      [LAST_LINE, `1${ENTER}`],
      ['to which version?', ''],
      [LAST_LINE, `2${ENTER}`],
      ['[y/N]', `n${ENTER}`],
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain('2 prompt registries with a prompt sorter in us-east-1: which one?');
    expect(stdout).toMatch(/- 1\. :2 +STAGING, PROD +\S.* \(PROD is on it\)/);
    expect(stdout).toMatch(/2\. :1 .*changes text/);
    expect(stdout).toContain('promote sorter PROD to 1?');
    expect(stdout).toContain('nothing was moved');
  });

  it('both sides of a diff, and the content to show', async () => {
    const compared = await ask('diff advisor', [
      [LAST_LINE, `:1${ENTER}`],
      ['compared with :1', ''],
      [LAST_LINE, `@S${ENTER}`],
    ]);
    expect([compared.code, compared.stdout]).toEqual([
      0,
      expect.stringContaining('prompt-registry diff advisor :1 @STAGING'),
    ]);
    const shown = await ask('show', [
      [LAST_LINE, ENTER],
      ['which content of advisor?', ''],
      [LAST_LINE, `d${ENTER}`],
    ]);
    expect([shown.code, shown.stdout]).toEqual([
      0,
      expect.stringContaining('prompt-registry show advisor:draft --stack east'),
    ]);
  });

  it.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('%s ends it, with nothing changed', async (_, key) => {
    const { code, stdout } = await ask('rollback', [[LAST_LINE, key]]);
    expect([code, stdout]).toEqual([130, expect.stringContaining('nothing was chosen, and nothing was changed')]);
  });

  it('nobody where the prompt is named and has no alias that moves back, or is not there', async () => {
    const { code, stdout } = await ask('rollback advisor', []);
    expect(code).toBe(1);
    expect(stdout).toContain('no alias of advisor can be moved from here');
    expect(stdout).toContain('STAGING follows the app; PROD nothing to go back to');
    expect((await ask('rollback advisr', [])).stdout).toContain('did you mean advisor?');
  });

  it.each([
    ['--json', {}],
    ['--yes', {}],
    ['', { CI: 'true' }],
    ['', { TERM: 'dumb' }],
  ])('nobody with %j in %j', async (option, environment) => {
    const { code, stdout } = await ask(`promote ${option}`, [], environment);
    expect([code, stdout]).toEqual([64, expect.stringContaining('missing PROMPT')]);
  });
});

describe('Completion of names', () => {
  const cache = mkdtempSync(join(tmpdir(), 'names-'));
  afterAll(() => rmSync(cache, { recursive: true }));
  const complete = (words: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
    startCommand(['__complete', ...words], {
      ...on.aws.environment(),
      ...AT_ITS_PACE,
      XDG_CACHE_HOME: cache,
      ...environment,
    }).finished;

  it('comes from CloudFormation, and stays for the next time', async () => {
    const environment = { ...on.aws.environment(), XDG_CACHE_HOME: cache };
    expect(await startCommand(['__refresh-names'], environment).finished).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await complete(['promote', ''])).stdout).toBe('advisor\nsorter\n');
    expect((await complete(['promote', 'sorter', ''])).stdout).toBe('PROD\nSTAGING\n');
    expect((await complete(['list', '--stack', ''])).stdout).toBe('east\nwest\n');
    expect((await complete(['promote', '--stack', 'west', ''])).stdout).toBe('sorter\n');
    expect((await complete(['promote', ''], { PROMPT_REGISTRY_STACK: 'west' })).stdout).toBe('sorter\n');
  });

  it('is nothing, and no error, without credentials, without an answer, and where no file can be kept', async () => {
    const nobody = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    const silent = { code: 0, stdout: '', stderr: '' };
    expect(await complete(['promote', ''], nobody)).toEqual(silent);
    // A port that refuses, and a profile that is not there.
    expect(await complete(['promote', ''], { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' })).toEqual(silent);
    expect(await complete(['promote', '--profile', 'nobody', ''])).toEqual(silent);
    const elsewhere = join(cache, 'file');
    writeFileSync(elsewhere, 'no folder');
    expect((await complete(['promote', ''], { XDG_CACHE_HOME: elsewhere })).stderr).toBe('');
  });
});
