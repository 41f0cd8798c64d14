import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Command, parseArgsOptions } from '../../cli/command';
import { COMMANDS } from '../../cli/commands';
import { checkVariant } from '../../core/content/prompt-limits';
import { ALIAS_NAME, callerPolicyName, PROMPT_NAME } from '../../core/contract/names';
import { VERSION_ARN_PATTERN } from '../../core/contract/version-arn';
import { parsePromptFile } from '../../core/prompt-file/prompt-file';
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

  test('every link leads to a file, and to a heading where it names one', () => {
    const broken = PAGES.flatMap((page) =>
      [...markdownProse(page).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(page, link))
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  test.each(blocks('prompt'))('$place is a prompt file that the registry takes', ({ text }) => {
    const { variant } = parsePromptFile(text, 'prompts/example.prompt');
    expect(() => checkVariant(variant, 'the block')).not.toThrow();
  });

  test.each(blocks('json'))('$place is JSON', ({ text }) => {
    expect(JSON.parse(text)).toBeTypeOf('object');
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
    expect(positionals.length).toBeGreaterThanOrEqual(words.includes('--plan') ? 0 : needed.length);
    expect(positionals.length).toBeLessThanOrEqual(command.positionals.length);
  });
});

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
