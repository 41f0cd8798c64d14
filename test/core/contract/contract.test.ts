import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HANDLER_NAMES, OTHER_FUNCTION_NAMES } from '../../../core/contract/handler-name';
import { NOTE_LENGTH, versionDescription } from '../../../core/contract/version-description';

const SOURCES = ['lib', 'core', 'lambda', 'cli', 'client']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file.replaceAll('\\', '/')}`),
  )
  .concat('build.mjs')
  .filter((file) => /\.(ts|mjs)$/.test(file));

/** Code without comments and without what is only said to people. */
function code(file: string): string {
  return readFileSync(file, 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');
}

describe('Each format has one definition', () => {
  test.each([
    ['the type of a custom resource', /'Custom::\w+'/, /^core\/contract\/[\w-]+-resource\.ts$/],
    [
      'the pattern of a digest',
      /pd1:(\[0-9a-f\]|\(\[)/,
      /^core\/(contract\/digest-text|ledger\/layout|audit\/ledger-survey)\.ts$/,
    ],
    ['a digest that stands for none', /'0'\.repeat\(64\)/, /^core\/contract\/digest-text\.ts$/],
    [
      'the pattern of a version ARN',
      /prompt\\?\/[^'"`\s]*:\(?(\[1-9\]|\$\{VERSION_PATTERN\})/,
      /^core\/contract\/version-arn\.ts$/,
    ],
    ['the number of a version', /\[1-9\](\[0-9\]|\\+d)\{0,4\}/, /^core\/contract\/version-arn\.ts$/],
    ['the id of a prompt', /\{10\}/, /^core\/contract\/version-arn\.ts$/],
    ["an alias's name", /\[A-Za-z0-9_-\]\{0,31\}/, /^core\/contract\/names\.ts$/],
    [
      'a target, a list or a parameter that says none',
      /= 'none';|(?<!kind |value )[=!]== 'none'|default: 'none'|'\^\(none/,
      /^core\/contract\/no-version\.ts$/,
    ],
    ['what callers of an alias may read', /`\$\{(\w+\.)*parameterArn\}[^`]/, /^core\/contract\/names\.ts$/],
    [
      "AWS's names of access errors",
      /'(AccessDeniedException|UnauthorizedOperation)'/,
      /^core\/contract\/access-error\.ts$/,
    ],
    ["Bedrock's limit of versions", /_LIMIT = 10\b/, /^core\/contract\/bedrock-limits\.ts$/],
    ['the highest version', /(?<!1 to )\b99_?999\b/, /^core\/contract\/bedrock-limits\.ts$/],
    ["a list of the handlers' names", /'prompt-version', 'prompt-release-plan'/, /^core\/contract\/handler-name\.ts$/],
    [
      "variables of the registry's functions",
      /\b(LEDGER_BUCKET|PROPAGATION_SECONDS|GATES)\b|[.']PARAMETER_PREFIX\b|\bPARAMETER_PREFIX:/,
      /^core\/contract\/handler-environment\.ts$/,
    ],
    [
      "the handlers' logical ids",
      /'(Version|Plan|Alias)Handler'[,;\]]/,
      /^(core\/contract\/handler-name|lib\/prompt-registry)\.ts$/,
    ],
  ])('%s', (_, pattern, owner) => {
    const places = SOURCES.filter((file) => pattern.test(code(file)));
    expect(places.filter((file) => !owner.test(file))).toEqual([]);
    expect(places.filter((file) => owner.test(file)).length).toBeGreaterThan(0);
  });

  test('a folder with an index.ts for each handler, and no other', () => {
    const folders = SOURCES.flatMap((file) => /^lambda\/([\w-]+)\/index\.ts$/.exec(file)?.[1] ?? []);
    expect(folders.sort()).toEqual([...HANDLER_NAMES, ...OTHER_FUNCTION_NAMES].sort());
  });

  test('a note of the longest length is kept whole', () => {
    const note = 'n'.repeat(NOTE_LENGTH);
    expect(NOTE_LENGTH).toBe(131);
    expect(versionDescription(`pd1:${'a'.repeat(64)}`, note).endsWith(` ${note}`)).toBe(true);
  });
});
