import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Command, parseArgsOptions } from '../../cli/command';
import { COMMANDS } from '../../cli/commands';
import { checkVariant } from '../../core/content/prompt-limits';
import {
  ALIAS_NAME,
  aliasParameterId,
  callerPolicyName,
  PROMPT_NAME,
  withdrawnParameterId,
} from '../../core/contract/names';
import { VERSION_ARN_PATTERN } from '../../core/contract/version-arn';
import { CHECK_KINDS } from '../../core/evaluation/checks';
import { readSuite } from '../../core/evaluation/suite-file';
import { parsePromptFile } from '../../core/prompt-file/prompt-file';
import { RELEASE_REASON_PARAMETER } from '../../core/release/release-reason';
import { markdownAnchors, markdownBlocks, markdownPages, markdownProse } from './markdown';

const PAGES = markdownPages();
const blocks = (language: string) => PAGES.flatMap(markdownBlocks).filter((block) => block.language === language);

describe('The pages', () => {
  test('the README can be read in a few minutes: 1,000 words at most', () => {
    expect(readFileSync('README.md', 'utf8').trim().split(/\s+/).length).toBeLessThanOrEqual(1_000);
  });

  test('every page of docs/ is in its index', () => {
    const index = readFileSync('docs/README.md', 'utf8');
    const pages = PAGES.filter((page) => /^docs\/[^/]+\.md$/.test(page) && page !== 'docs/README.md');
    expect(pages.filter((page) => !index.includes(`(${page.slice('docs/'.length)})`))).toEqual([]);
  });

  test('the changelog of 0.1.0 is closed: a line at the end of the file would be about a release that exists', () => {
    const [, released = ''] = readFileSync('CHANGELOG.md', 'utf8').split('\n## 0.1.0\n');
    expect(released.match(/^- .*/gm)).toHaveLength(6);
  });

  test('decisions and questions to a live account have each a number of their own, without gaps', () => {
    const decisions = readdirSync('docs/adr').map((file) => Number(file.slice(0, 4)));
    expect(decisions).toEqual(decisions.map((_, index) => index + 1));
    const [asked = ''] = readFileSync('docs/TESTING.md', 'utf8')
      .split(/^##+ /m)
      .filter((part) => part.startsWith('2. '));
    const questions = [...asked.matchAll(/^\| (\d+) /gm)].map(([, number]) => Number(number));
    expect(questions.length).toBeGreaterThan(30);
    expect(questions).toEqual(questions.map((_, index) => index));
  });

  test('every row of a table has the columns of its head', () => {
    const columns = (row: string) => row.replaceAll('\\|', '').split('|').length;
    const tables = PAGES.flatMap((page) =>
      (markdownProse(page).match(/(?:^\|.*\n?)+/gm) ?? []).map((table) => ({ page, rows: table.trim().split('\n') })),
    );
    expect(tables.length).toBeGreaterThan(20);
    const wrong = tables.flatMap(({ page, rows: [head = '', ...rows] }) =>
      rows.filter((row) => columns(row) !== columns(head)).map((row) => `${page}: ${row.slice(0, 80)}`),
    );
    expect(wrong).toEqual([]);
  });

  test('every link leads to a file, and to a heading where it names one', () => {
    const broken = PAGES.flatMap((page) =>
      [...markdownProse(page).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(page, link))
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  test('a block of every language is held by some test, here or in blocks.test.ts', () => {
    const languages = PAGES.flatMap(markdownBlocks).map(({ language }) => language);
    // Without a language: what a program prints. `typescript`: the API report, which a test writes anew.
    const held = ['', 'console', 'json', 'prompt', 'python', 'sh', 'ts', 'typescript', 'yaml'];
    expect(languages.filter((language) => !held.includes(language))).toEqual([]);
    const fences = PAGES.flatMap((page) => readFileSync(page, 'utf8').match(/^ *```/gm) ?? []);
    expect(fences).toHaveLength(2 * languages.length);
  });

  test.each(shellLines('console', 'sh'))('$place: $line is a line that runs', ({ line }) => {
    const problem = lineProblem(wordsOf(line));
    expect(problem).toBeUndefined();
  });

  test('nobody is sent to `cdk diff` as it is by default, which resets every parameter', () => {
    const told = [...PAGES, 'bin/start.ts', 'lib/alias-target.ts'].flatMap((page) =>
      (readFileSync(page, 'utf8').match(/(?<!Plain `|Not `)(\bcdk |'|`(?=diff Prompts))diff(?= |`)[^\n`]*/g) ?? []).map(
        (line) => `${page}: ${line}`,
      ),
    );
    expect(told.length).toBeGreaterThan(3);
    expect(told.filter((line) => !line.includes('--method=template'))).toEqual([]);
  });

  test.skipIf(!hasPython()).each(blocks('python'))('$place is Python', ({ text }) => {
    execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: text });
  });

  test('the Python reader has the 60 lines that its page says', () => {
    const reader = readFileSync('examples/python/prompt_alias.py', 'utf8');
    expect(reader.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
    expect(readFileSync('docs/pointer.md', 'utf8')).toContain('follows it in 60 lines');
  });

  test.each(blocks('prompt'))('$place is a prompt file that the registry takes', ({ text }) => {
    const { variant } = parsePromptFile(text, 'prompts/example.prompt');
    expect(() => checkVariant(variant, 'the block')).not.toThrow();
  });

  test.each(blocks('json'))('$place is JSON', ({ text }) => {
    expect(JSON.parse(text)).toBeTypeOf('object');
  });

  test.each(blocks('yaml'))('$place is a suite, with the cases that the page shows', ({ text }) => {
    const cases = blocks('json')
      .filter(({ place }) => place.startsWith('docs/evaluations.md'))
      .map((block) => block.text);
    const files = new Map([
      ['x.eval.yaml', text],
      ['financial-analysis.cases.jsonl', cases.join('')],
    ]);
    const { suite } = readSuite('x.eval.yaml', (path) => Buffer.from(files.get(path) ?? ''));
    expect(suite.metrics.length).toBeGreaterThan(0);
  });

  test('every check stands in docs/evaluations.md with what it means and its settings', () => {
    const rows = readFileSync('docs/evaluations.md', 'utf8').match(/^\| `.*/gm) ?? [];
    const cells = rows.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    const found = cells.filter((row) => row.length === 4).map(([name, means, , settings]) => [name, means, settings]);
    const quoted = (name: string) => `\`${name}\``;
    const expected = CHECK_KINDS.map(({ name, means, settings = {} }) => [
      quoted(name),
      means,
      Object.keys(settings).map(quoted).join(', '),
    ]);
    expect(found).toEqual(expected);
  });

  const lines = blocks('console').flatMap(({ place, text }) =>
    text
      .split('\n')
      .filter((line) => /^\$ (npx )?prompt-registry /.test(line))
      .map((line) => ({ place, words: wordsOf(line.replace(/^\$ (npx )?prompt-registry /, '')) })),
  );
  test.each(lines)('$place: prompt-registry $words is a line that the command takes', ({ words }) => {
    const command = commandOf(words);
    const { positionals } = parseArgs({
      args: words.slice(command.name.split(' ').length),
      options: parseArgsOptions(command.options),
      allowPositionals: true,
    });
    const needed = command.positionals.filter((name) => !name.startsWith('['));
    // In a terminal the command asks for the rest.
    const mayBeFewer = words.includes('--plan') || command.asks !== undefined;
    expect(positionals.length).toBeGreaterThanOrEqual(mayBeFewer ? 0 : needed.length);
    expect(positionals.length).toBeLessThanOrEqual(command.positionals.length);
  });
});

/** What a reader types, each line with its place. */
function shellLines(...languages: string[]) {
  return languages.flatMap(blocks).flatMap(({ place, text, language }) =>
    text
      .split('\n')
      .filter((line) => (language === 'sh' ? line !== '' : line.startsWith('$ ')))
      .map((line) => ({ place, line: line.replace(/^\$ /, '') })),
  );
}

function hasPython(): boolean {
  const isThere = spawnSync('python3', ['--version']).status === 0;
  if (!isThere) console.warn('SKIPPED: python3 is not installed, so nobody parses the Python of the pages');
  return isThere;
}

const SCRIPTS: Record<string, string> = JSON.parse(readFileSync('package.json', 'utf8')).scripts;
const STACK_PARAMETERS = [
  ...['PROD', 'STAGING'].map((alias) => aliasParameterId('financial-analysis', alias)),
  ...[aliasParameterId('greeting', 'PROD'), withdrawnParameterId('financial-analysis'), RELEASE_REASON_PARAMETER],
];

/** What is wrong with a line of a shell, as far as this repository decides it. */
function lineProblem(words: readonly string[]): string | undefined {
  const next = words.indexOf('&&');
  if (next >= 0) return lineProblem(words.slice(0, next)) ?? lineProblem(words.slice(next + 1));
  const [program = '', verb = '', name = ''] = words;
  if (program === 'npm') {
    const script = verb === 'run' ? name : ['start', 'test'].includes(verb) ? verb : undefined;
    if (script !== undefined) return script in SCRIPTS ? undefined : `package.json has no script ${script}`;
    return ['ci', 'install', 'pack'].includes(verb) ? undefined : `npm has no ${verb}`;
  }
  if (program === 'cdk') return cdkProblem(words.slice(1));
  if (program === 'python3' || program.startsWith('.')) {
    const file = program === 'python3' ? verb : program;
    return existsSync(file) ? undefined : `there is no ${file}`;
  }
  return ['aws', 'cd', 'export', 'mkdir', 'npx', 'prompt-registry', 'eval'].includes(program)
    ? undefined
    : `nobody checks ${program}`;
}

interface CdkOption {
  readonly alias?: string | readonly string[];
}

interface CdkOptions {
  readonly options?: Readonly<Record<string, CdkOption>>;
}

/** What the pinned `cdk` takes. */
const CDK: { globalOptions: CdkOptions['options']; commands: Readonly<Record<string, CdkOptions>> } = JSON.parse(
  readFileSync('node_modules/aws-cdk/lib/cli/cli-type-registry.json', 'utf8'),
);

/** The options are those of the pinned `cdk`; the parameters those that the constructs name. */
function cdkProblem([verb = '', ...rest]: readonly string[]): string | undefined {
  const command = CDK.commands[verb];
  if (!command) return `cdk has no ${verb}`;
  const known = Object.entries({ ...CDK.globalOptions, ...command.options }).flatMap(([name, { alias = [] }]) => [
    ...[name, `no-${name}`],
    ...(typeof alias === 'string' ? [alias] : alias),
  ]);
  for (const [index, word] of rest.entries()) {
    const option = /^--?([a-z-]+)/.exec(word)?.[1];
    if (option && !known.includes(option)) return `cdk ${verb} has no ${word}`;
    const parameter = option === 'parameters' ? /^(?:[\w-]+:)?(\w+)=/.exec(rest[index + 1] ?? '')?.[1] : undefined;
    if (parameter && !STACK_PARAMETERS.includes(parameter)) return `the stack has no parameter ${parameter}`;
  }
  return undefined;
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  return existsSync(file) && (anchor === undefined || markdownAnchors(file).includes(anchor));
}

/** A line's words as a shell splits it, without its comment; `…` stands for what a reader puts in. */
function wordsOf(line: string): string[] {
  const [code = ''] = line.split(/\s+#\s/);
  return [...code.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
}

function commandOf(words: readonly string[]): Command {
  const top = COMMANDS.find(({ name }) => name === words[0]);
  const found = top?.subcommands?.find(({ name }) => name === words.slice(0, 2).join(' ')) ?? top;
  if (!found) throw new Error(`there is no command ${words.join(' ')}`);
  return found;
}

describe('The pointer, for any language', () => {
  test('has the grammar of the registry, and the example for Python takes the same versions', () => {
    const page = readFileSync('docs/pointer.md', 'utf8');
    for (const pattern of [PROMPT_NAME.source, ALIAS_NAME.source].map((source) => source.slice(1, -1))) {
      expect(page).toContain(`| \`${pattern}\` |`);
    }
    expect(page).toContain(`| \`${VERSION_ARN_PATTERN}\`, or \`none\` |`);
    const subject = { parameterPrefix: '/prompts/prod', promptName: 'financial-analysis', aliasName: 'PROD' };
    expect(page).toContain(`\`${callerPolicyName({ ...subject, region: 'us-east-1', access: 'invoke' })}\``);
    const example = readFileSync('examples/python/prompt_alias.py', 'utf8');
    expect(example.replace(/:\(([^()]+)\)"\)$/m, ':$1")')).toContain(`"${VERSION_ARN_PATTERN}"`);
    expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });
});
