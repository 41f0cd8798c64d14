import { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../../cli/commands';
import { keepNames, namesFile } from '../../cli/completion/names-cache';
import { EXIT_CODE_MEANINGS, ExitCode } from '../../cli/exit-code';
import { main } from '../../cli/main';
import { table } from '../../cli/table';
import { parseVersionReference, splitPromptReference } from '../../cli/version-reference';
import { wrapLines } from '../../cli/wrap-lines';
import { startCommand } from './command-process';
import { fakeTerminal } from './fake-terminal';

const ESC = '\u001b';
const source = (word: string) => `---\nmodel: amazon.nova-pro-v1:0\n---\nYou are a ${word} advisor.\n`;
let folder = '';
const run = (args: string[], environment = {}) => startCommand(args, environment, folder).finished;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@y', ...args], { cwd: folder });

/** What the command is given by Node: no terminal, and nobody who sends a signal. */
function fakeProcess(args: readonly string[]): NodeJS.Process & { output: () => string } {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const output = () => String(stdout.read() ?? '');
  const env = { LANG: 'C.UTF-8' };
  const process = Object.assign(new EventEmitter(), { argv: ['', '', ...args], stdout, stderr, stdin, env, output });
  return process as unknown as NodeJS.Process & { output: () => string };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'command-line-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('The command line', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('lists all commands and exit codes in its help', async () => {
    const { stdout } = await run([]);
    for (const { name } of COMMANDS) expect(stdout).toMatch(new RegExp(`^ +${name}\\b`, 'm'));
    expect(EXIT_CODE_MEANINGS.map(([code]) => code).sort()).toEqual(Object.values(ExitCode).sort());
    for (const [code, meaning] of EXIT_CODE_MEANINGS)
      expect(stdout).toMatch(new RegExp(`^ +${code} +${meaning.slice(0, 20)}`, 'm'));
  });

  const all = COMMANDS.flatMap((command) => [command, ...(command.subcommands ?? [])]);
  it.each(all.map((command) => [command.name, command] as const))(
    'explains %s with every option',
    async (name, command) => {
      const words = name.split(' ');
      const { stdout, code } = await run(['help', ...words]);
      expect(code).toBe(0);
      for (const option of Object.keys(command.options)) expect(stdout).toContain(`--${option}`);
      // The same from inside: a process for each of them takes seconds.
      const process = fakeProcess([...words, '--help']);
      expect(await main(process, '')).toBe(0);
      expect(process.output()).toBe(stdout);
    },
  );

  it.each([
    [['nonsense'], 'no command nonsense'],
    [['promote', 'advisor'], 'missing ALIAS'],
    [['audit'], 'missing log|usage|verify'],
    [['audit', 'trail'], 'no audit trail'],
    [['audit', 'usage'], 'missing PROMPT'],
    [['audit', 'log', '--html', 'x.html'], 'a page is about one prompt'],
    [['audit', 'log', 'x', '--json', '--csv'], 'one of --json, --csv and --html at a time'],
    [['audit', 'verify', '--heads'], '--heads'],
    [['list', 'a', 'b'], 'one argument too many: b'],
    [['list', '--nonsense'], "Unknown option '--nonsense'"],
    [['list', '--stack'], '--stack'],
    [['diff', 'advisor', 'latest', ':1'], '"latest" names no version'],
    [['completion', 'tcsh'], 'no completion for tcsh'],
  ])('refuses %j with exit code 64', async (args, message) => {
    const { code, stderr, stdout } = await run(args);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^do /m);
  });

  it('survives a reader that leaves early', () => {
    const command = join(__dirname, '../../dist/bin/prompt-registry.js');
    expect(execFileSync('sh', ['-c', `"${process.execPath}" "${command}" help | head -n 1`]).toString()).toContain(
      'prompt-registry',
    );
  });

  it.each(['bash', 'zsh', 'fish'])('completes in %s what there is', async (shell) => {
    const { stdout } = await run(['completion', shell]);
    for (const { name } of COMMANDS) expect(stdout).toContain(name);
    for (const option of ['side-by-side', 'withdraw', 'reason', 'heads']) expect(stdout).toContain(option);
  });

  it('completes in a real bash', async () => {
    const { stdout } = await run(['completion', 'bash']);
    writeFileSync(join(folder, 'completion.bash'), stdout);
    const complete = (words: string) =>
      execFileSync(
        'bash',
        [
          '-c',
          `source completion.bash; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _prompt_registry; echo "\${COMPREPLY[@]}"`,
        ],
        { cwd: folder },
      )
        .toString()
        .trim();
    expect(complete('prompt-registry roll')).toBe('rollback rollout');
    expect(complete('prompt-registry rollback advisor PROD --wi')).toBe('--withdraw');
    expect(complete('prompt-registry completion z')).toBe('zsh');
    expect(complete('prompt-registry audit v')).toBe('verify');
    expect(complete('prompt-registry audit log advisor --ht')).toBe('--html');
    expect(complete('prompt-registry audit verify --he')).toBe('--heads --help');
  });

  it.each([
    ['promote ', 'advisor sorter'],
    ['promote ad', 'advisor'],
    ['promote advisor PROD --to @', '@PROD'],
    // Bash puts it in the place of what begins with the @.
    ['show advisor@', '@PROD'],
    ['list --stack=', 'Prompts-prod'],
  ])('completes names in a real bash: %j', async (line, expected) => {
    const { stdout } = await run(['completion', 'bash']);
    writeFileSync(join(folder, 'completion.bash'), stdout);
    const cache = join(folder, 'cache');
    const env = { AWS_ACCESS_KEY_ID: 'x', AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    const file = namesFile({}, { ...env, XDG_CACHE_HOME: cache });
    await keepNames(file, [{ stack: 'Prompts-prod', prompts: { advisor: ['PROD'], sorter: ['PROD'] } }]);
    const command = join(__dirname, '../../dist/bin/prompt-registry.js');
    const typed = `prompt-registry ${line}`;
    const script =
      `prompt-registry() { "${process.execPath}" "${command}" "$@"; }; source completion.bash; ` +
      `COMP_LINE="${typed}"; COMP_POINT=\${#COMP_LINE}; COMP_WORDS=(\${COMP_LINE}); ` +
      `[[ "$COMP_LINE" == *" " ]] && COMP_WORDS+=(""); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); ` +
      `_prompt_registry; echo "\${COMPREPLY[@]}"`;
    const completed = execFileSync('bash', ['-c', script], {
      cwd: folder,
      env: { PATH: process.env.PATH, XDG_CACHE_HOME: cache, ...env },
    });
    expect(completed.toString().trim()).toBe(expected);
  });
});

describe('diff without AWS', () => {
  it('compares a file with another', async () => {
    writeFileSync(join(folder, 'a.prompt'), source('balanced'));
    writeFileSync(join(folder, 'b.prompt'), source('bold'));
    const { code, stdout } = await run(['diff', 'advisor', 'file:a.prompt', 'file:b.prompt', '--exit-code', '--words']);
    expect([code, stdout]).toEqual([2, expect.stringContaining('[-balanced-]{+bold+}')]);
    expect((await run(['diff', 'advisor', 'file:a.prompt', 'file:a.prompt', '--exit-code'])).code).toBe(0);
  });

  it('compares git revisions, found by the name of the prompt', async () => {
    git('init', '-q');
    for (const word of ['balanced', 'bold']) {
      writeFileSync(join(folder, 'advisor.prompt'), source(word));
      git('add', '.');
      git('commit', '-q', '-m', word);
    }
    writeFileSync(join(folder, 'advisor.prompt'), source('brief'));
    const { stdout } = await run(['diff', 'advisor', 'rev:HEAD~1', 'rev:HEAD', '--words']);
    expect(stdout).toContain('[-balanced-]{+bold+}');
    expect((await run(['diff', 'advisor', 'rev:HEAD', 'file:advisor.prompt', '--words'])).stdout).toContain(
      '[-bold-]{+brief+}',
    );
    expect(await run(['diff', 'nobody', 'rev:HEAD', 'rev:HEAD~1'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no file nobody.prompt'),
    });
    expect(await run(['diff', 'advisor', 'rev:gone', 'rev:HEAD'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('git knows no revision gone'),
    });
  });

  it('says on the page who committed a revision, when and why, and when a file was written', async () => {
    git('init', '-q');
    mkdirSync(join(folder, 'prompts'), { recursive: true });
    writeFileSync(join(folder, 'prompts', 'advisor.prompt'), source('balanced'));
    git('add', '.');
    git('commit', '-q', '-m', 'bring the advisor');
    writeFileSync(join(folder, 'other'), '');
    git('add', '.');
    git('commit', '-q', '-m', 'something else');
    const page = join(folder, 'page.html');
    const file = 'file:prompts/advisor.prompt';
    for (const revision of ['HEAD', 'HEAD:prompts/advisor.prompt', 'HEAD:./prompts/advisor.prompt']) {
      expect((await run(['diff', 'advisor', `rev:${revision}`, file, '--html', page])).code).toBe(0);
      const [before, after] = readFileSync(page, 'utf8').split('<span class="tally">After</span>');
      expect(before).toMatch(/committed <time.*<dt>Who<\/dt><dd>.+<dt>Why<\/dt><dd>bring the advisor</);
      expect(after).toMatch(/written <time(?!.*<dt>Who)/);
    }
    // A tree holds files and was never committed by anybody.
    expect((await run(['diff', 'advisor', 'rev:HEAD^{tree}', file, '--html', page])).code).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('committed, it is not known when');
  });

  it('takes the partials of a revision from that revision', async () => {
    git('init', '-q');
    writeFileSync(join(folder, 'advisor.prompt'), 'Explain it. {{>style}}');
    for (const word of ['balanced', 'bold']) {
      writeFileSync(join(folder, '_style.prompt'), `Be ${word}.`);
      git('add', '.');
      git('commit', '-q', '-m', word);
    }
    const { stdout } = await run(['diff', 'advisor', 'rev:HEAD~1', 'rev:HEAD', '--words']);
    expect(stdout).toContain('[-balanced-]{+bold+}');
    writeFileSync(join(folder, '_style.prompt'), 'Be brief.');
    expect((await run(['diff', 'advisor', 'rev:HEAD', 'file:advisor.prompt', '--words'])).stdout).toContain(
      '[-bold-]{+brief+}',
    );
    git('rm', '-q', '--cached', '_style.prompt');
    git('commit', '-q', '-m', 'gone');
    expect((await run(['diff', 'advisor', 'rev:HEAD', 'rev:HEAD~1'])).stderr).toContain(
      'advisor.prompt:1: partial {{>style}} has no file: expected _style.prompt',
    );
  });

  it('names the line of a file that it cannot read', async () => {
    writeFileSync(join(folder, 'a.prompt'), source('{{#if x}}bold{{/if}}'));
    const { code, stderr } = await run(['diff', 'advisor', 'file:a.prompt', 'file:a.prompt']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('a.prompt:4')]);
    expect(await run(['diff', 'x', 'file:none', 'file:none'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no such file'),
    });
  });
});

describe('A reference', () => {
  it.each([
    [':5', { kind: 'version', version: 5 }],
    ['5', { kind: 'version', version: 5 }],
    ['@PROD', { kind: 'alias', aliasName: 'PROD' }],
    ['draft', { kind: 'draft' }],
    ['previous', { kind: 'previous' }],
    ['v1.1-alpha', { kind: 'tag', tag: 'v1.1-alpha' }],
    ['@v1.0', { kind: 'tag', tag: 'v1.0' }],
    ['file:a b.prompt', { kind: 'file', path: 'a b.prompt' }],
    ['rev:HEAD~1', { kind: 'revision', revision: 'HEAD~1', path: undefined }],
    ['rev:main:prompts/x.prompt', { kind: 'revision', revision: 'main', path: 'prompts/x.prompt' }],
  ])('%s is understood', (text, reference) => {
    expect(parseVersionReference(text)).toEqual(reference);
  });

  it.each(['', ':0', ':05', 'latest', 'rev:--output=x', '@', ':100000', 'v1.0..v2'])('%j is refused', (text) => {
    expect(() => parseVersionReference(text)).toThrow('names no version');
  });

  it('of a prompt splits into name and version', () => {
    expect(splitPromptReference('advisor@PROD')).toEqual({ promptName: 'advisor', reference: '@PROD' });
    expect(splitPromptReference('advisor:draft')).toEqual({ promptName: 'advisor', reference: 'draft' });
    expect(splitPromptReference('advisor')).toEqual({ promptName: 'advisor', reference: undefined });
  });
});

describe('The terminal', () => {
  it('gets no colour where it wants none, and some where it is forced', () => {
    const supports = (columns: number | undefined, env: NodeJS.ProcessEnv) =>
      fakeTerminal(columns, env).terminal.colors.isColorSupported;
    expect(supports(80, {})).toBe(true);
    expect(supports(80, { NO_COLOR: '1' })).toBe(false);
    expect(supports(80, { TERM: 'dumb' })).toBe(false);
    expect(supports(undefined, {})).toBe(false);
    expect(supports(undefined, { FORCE_COLOR: '1' })).toBe(true);
  });

  it('gets plain signs where it has no UTF-8', () => {
    const { terminal, output } = fakeTerminal(80, { LANG: 'C' });
    terminal.notice('1 → 2 …');
    expect([terminal.glyphs.ok, output()]).toEqual(['ok', '1 -> 2 ...\n']);
  });

  it.each([
    ['a control sequence', '\u001b[2J\u001b]0;title\u0007'],
    ['a style that is ours as well', '\u001b[31mred\u001b[39m'],
    ['an eight-bit control sequence', '\u009b2J'],
    ['a carriage return', 'bad\rgood'],
    ['another direction', '\u202egood'],
    ['nothing to see', 'a\u200b\u00ad\u{e0041}'],
  ])('cannot be steered by %s, whatever writes it', async (_, text) => {
    const { terminal, output } = fakeTerminal(60);
    const { red, bold } = terminal.colors;
    terminal.line(text);
    terminal.line(bold(`${red(text)} ${text}`));
    terminal.line(table(['name', 'reason'], [[text, red(`${text} ${'long '.repeat(30)}`)]], terminal));
    terminal.line(wrapLines(`  ${text} ${red(text)}`, 40));
    terminal.notice(text);
    terminal.json({ text });
    terminal.file(text);
    void terminal.confirm(text, '--yes');
    await new Promise((resolve) => setImmediate(resolve));
    const ours = output().replace(new RegExp(`${ESC}\\[(1|22|2|31|39)m`, 'g'), '');
    const left = ours.replace(new RegExp(`${ESC}\\[(\\d*G|0?J|\\d+C)`, 'g'), '');
    expect(left).not.toMatch(/[^\n\u0020-\u007e]/);
    // Styles that the text itself asks for are written out with the rest of it.
    expect(output().split('\u001b[31mred').length).toBe(1);
  });

  it('shows a program the bytes of a file, and the same value as JSON', () => {
    const { terminal, output } = fakeTerminal(undefined);
    terminal.file('a\u200b\n');
    terminal.json('\u009b\u{e0041}\u202e');
    const [file, json = ''] = output().split('\n');
    expect(file).toBe('a\u200b');
    expect(json).toMatch(/^[\u0020-\u007e]+$/);
    expect(JSON.parse(json)).toBe('\u009b\u{e0041}\u202e');
  });

  it('knows an error by its first column, which a message of several lines cannot fake', async () => {
    const { stderr } = await run(['diff', 'x', `file:a\ndo     curl a${ESC}[2J`, `file:b\ndo     curl b${ESC}[2J`]);
    expect(stderr).toMatch(/^ +do {5}curl [ab]\\x1b\[2J/m);
    expect(stderr).not.toContain(ESC);
  });

  it.each([
    ['y\n', true],
    ['yes\n', true],
    ['\n', false],
    ['no\n', false],
    ['yesterday\n', false],
  ])('takes %j for an answer', async (answer, isYes) => {
    const { terminal, output, type } = fakeTerminal(80);
    const asked = terminal.confirm('promote?', '--yes');
    type(answer);
    expect(await asked).toBe(isYes);
    expect(output()).toContain('promote? [y/N]');
  });

  it('is never asked where there is none', async () => {
    await expect(fakeTerminal(undefined).terminal.confirm('promote?', '--yes')).rejects.toThrow('no terminal to ask');
  });

  it('sees what takes long on its last line, which goes away; a pipe sees nothing', async () => {
    vi.useFakeTimers();
    const seen = await Promise.all(
      [30, undefined].map(async (columns) => {
        const { terminal, output } = fakeTerminal(columns);
        const work = terminal.progress('reading prompts: 3 of 500, Bedrock allows 10 a second', async () => {
          await new Promise((resolve) => setTimeout(resolve, 2_000));
          terminal.notice('a line above');
        });
        await vi.advanceTimersByTimeAsync(2_100);
        await work;
        return output();
      }),
    );
    vi.useRealTimers();
    expect(seen[0]).toContain('reading prompts');
    expect(
      Math.max(...(seen[0] ?? '').split(/\r|\n/).map((line) => line.replace('\u001b[2K', '').length)),
    ).toBeLessThan(30);
    expect(seen[0]?.endsWith('\r\u001b[2Ka line above\n')).toBe(true);
    expect(seen[1]).toBe('a line above\n');
  });
});
