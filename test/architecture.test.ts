import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(__dirname, '..');

/** Which of our folders each folder may import. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  bin: ['lib', 'cli', 'client', 'packages', 'core'],
  lib: ['core'],
  lambda: ['core'],
  cli: ['studio', 'core'],
  studio: ['core'],
  client: ['core'],
  packages: [],
  core: [],
  bench: ['lib', 'lambda', 'cli', 'client', 'studio', 'core', 'packages', 'test'],
  examples: ['client'],
  templates: [],
  tools: [],
  build: [],
};

/** Rooms of plain functions. */
const PURE = ['core', 'studio'];
const NOT_IN_PURE = /^(aws-cdk-lib|constructs|aws-cdk|@aws-cdk|@aws-sdk|@smithy)(\/|$)/;

/** What an import breaks, or undefined. Paths are relative to the repository, with slashes. */
function broken(file: string, specifier: string): string | undefined {
  const [folder = ''] = file.split('/');
  if (!specifier.startsWith('.')) {
    const isForeign = PURE.includes(folder) && NOT_IN_PURE.test(specifier);
    return isForeign ? `${folder} knows neither CDK nor SDK` : undefined;
  }
  const [target = ''] = posix.join(posix.dirname(file), specifier).split('/');
  if (target === folder) return undefined;
  if (!ARROWS[folder]?.includes(target)) return `${folder} must not import ${target}`;
  if (target === 'packages' && folder === 'bin' && file !== 'bin/start.ts')
    return 'bin/start.ts alone imports local-aws';
  return undefined;
}

/** Static and dynamic imports, re-exports, `require` and `import('…')` types. */
function specifiers(source: string): string[] {
  const code = source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
  return [...code.matchAll(/\b(?:from|import|require)\s*\(?\s*(['"`])(.+?)\1/g)].map((match) => match[2] ?? '');
}

function violations(files: readonly { path: string; source: string }[]): string[] {
  return files.flatMap(({ path, source }) =>
    specifiers(source).flatMap((specifier) => {
      const problem = broken(path, specifier);
      return problem ? `${path} imports ${specifier}: ${problem}` : [];
    }),
  );
}

const sources = Object.keys(ARROWS).flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.([cm]?ts|mjs)$/.test(name) && !name.includes('dist'))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .map((path) => ({ path, source: readFileSync(join(ROOT, path), 'utf8') })),
);

describe('The house', () => {
  it('has arrows that point one way', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(violations(sources)).toEqual([]);
  });

  it('spreads no literal, which saves lines and no reading', () => {
    const ours = sources.filter(({ path }) => !path.includes('local-aws/'));
    expect(ours.filter(({ source }) => /\.\.\.\{/.test(source)).map(({ path }) => path)).toEqual([]);
  });

  it.each([
    ['core/names.ts', "import { Stack } from 'aws-cdk-lib';", 'core knows neither CDK nor SDK'],
    ['core/names.ts', "import type { GetPromptResponse } from '@aws-sdk/client-bedrock-agent';", 'core knows neither'],
    ['core/names.ts', "export { Prompt } from '../lib/prompt';", 'core must not import lib'],
    ['core/names.ts', "type Event = import('../lambda/event').Event;", 'core must not import lambda'],
    ['lib/prompt.ts', "import { handler } from '../lambda/prompt-alias';", 'lib must not import lambda'],
    ['lib/private/handlers.ts', "require('../../lambda/prompt-alias')", 'lib must not import lambda'],
    ['lib/prompt.ts', "import '../packages/local-aws/server';", 'lib must not import packages'],
    ['lambda/prompt-alias/index.ts', "import { Prompt } from '../../lib';", 'lambda must not import lib'],
    ['cli/promote.ts', "await import('../lib/prompt')", 'cli must not import lib'],
    ['studio/page.ts', "import { table } from '../cli/table';", 'studio must not import cli'],
    ['studio/page.ts', "import { S3Client } from '@aws-sdk/client-s3';", 'studio knows neither CDK nor SDK'],
    ['client/index.ts', "import { html } from '../studio/html';", 'client must not import studio'],
    ['client/index.ts', 'import {\n  a,\n} from "../cli/promote";', 'client must not import cli'],
    [
      'packages/local-aws/bedrock/bedrock.ts',
      "import { contentDigest } from '../../../core/content/content-digest';",
      'packages must not import core',
    ],
    ['bin/app.ts', "import { start } from '../packages/local-aws/server';", 'bin/start.ts alone imports local-aws'],
    ['bin/start.ts', "import { handler } from '../lambda/prompt-alias';", 'bin must not import lambda'],
    ['templates/app/bin/app.ts', "import { Prompt } from '../../../lib';", 'templates must not import lib'],
    ['tools/verify-offline.mjs', "import { judge } from '../core/release/judge';", 'tools must not import core'],
    ['lib/prompt.ts', "import config from '../cdk.json';", 'lib must not import cdk.json'],
  ])('would notice %s: %s', (path, source, problem) => {
    expect(violations([{ path, source }])).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    ['bin/start.ts', "import { start } from '../packages/local-aws/server';"],
    ['lambda/prompt-alias/handler.ts', "import { contentDigest } from '../../core/content-digest';"],
    ['core/names.ts', "import { createHash } from 'node:crypto';\nimport { RegistryError } from './registry-error';"],
    ['core/names.ts', " * @example import { Prompt } from '../lib';"],
  ])('allows %s: %s', (path, source) => {
    expect(violations([{ path, source }])).toEqual([]);
  });
});
