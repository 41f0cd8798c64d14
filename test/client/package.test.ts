import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistryServer, versionArn } from './registry-server';

const ROOT = resolve(__dirname, '../..');

describe('the package’s client', () => {
  const folder = mkdtempSync(join(ROOT, 'node_modules/.client-'));
  const server = new RegistryServer();
  beforeAll(async () => {
    // As the package is built.
    execFileSync(process.execPath, [join(ROOT, 'build/client.mjs'), join(folder, 'dist/client')], { cwd: ROOT });
    writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
    await server.start();
    server.parameters.set('/prompts/prod/p/PROD', versionArn(7));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await server.stop();
  });

  it.each([
    ['CommonJS', 'use.cjs', "const { PromptClient, RegistryError } = require('./dist/client/index.js');"],
    ['ESM', 'use.mjs', "import { PromptClient, RegistryError } from './dist/client/index.mjs';"],
  ])('works for a %s caller, finds the SDK by itself and loads no CDK', async (_name, file, load) => {
    const lines = [
      load,
      'const prompts = PromptClient.fromEnvironment();',
      "prompts.get('p').then(async ({ version, source }) => {",
      "  const code = await prompts.get('q').catch((error) => error instanceof RegistryError && error.code);",
      "  const { createRequire } = await import('node:module');",
      '  const loaded = Object.keys(createRequire(process.argv[1]).cache);',
      "  const cdk = loaded.filter((path) => path.includes('aws-cdk-lib')).length;",
      '  console.log(JSON.stringify({ version, source, code, cdk }));',
      '});',
    ];
    writeFileSync(join(folder, file), lines.join('\n'));
    const { execFile } = await import('node:child_process');
    const env = {
      PATH: process.env.PATH,
      NODE_NO_WARNINGS: '1',
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      PROMPT_REGISTRY_PREFIX: '/prompts/prod',
      PROMPT_REGISTRY_ALIAS: 'PROD',
    };
    const output = await new Promise<string>((done, fail) =>
      execFile(process.execPath, [join(folder, file)], { env }, (error, stdout) =>
        error ? fail(error) : done(stdout),
      ),
    );
    expect(JSON.parse(output)).toEqual({ version: 7, source: 'registry', code: 'AliasNotFound', cdk: 0 });
  });

  describe.each<[string, 'index.js' | 'index.mjs', BuildOptions]>([
    ['CommonJS', 'index.js', { format: 'cjs', outExtension: { '.js': '.cjs' } }],
    ['ESM in CommonJS', 'index.mjs', { format: 'cjs', outExtension: { '.js': '.cjs' } }],
    ['ESM', 'index.mjs', { format: 'esm', outExtension: { '.js': '.mjs' } }],
  ])('bundled as %s where no optional package is', (_name, file, format) => {
    it('loads, and says at run time what to install', async () => {
      // Outside of any node_modules.
      const alone = mkdtempSync(join(tmpdir(), 'client-'));
      const use = "get('p', { alias: 'A' }).catch(({ code, message }) => console.log(code, message));";
      copyFileSync(join(folder, 'dist/client', file), join(alone, file));
      writeFileSync(
        join(alone, 'entry.mjs'),
        `import { PromptClient } from './${file}'; new PromptClient({ parameterPrefix: '/p' }).${use}`,
      );
      const { warnings } = await build({
        ...format,
        entryPoints: [join(alone, 'entry.mjs')],
        outdir: join(alone, 'out'),
        bundle: true,
        platform: 'node',
        logLevel: 'silent',
      });
      expect(warnings.filter(({ id }) => id !== 'unsupported-require-call')).toEqual([]);
      const [bundle] = readdirSync(join(alone, 'out'));
      expect(execFileSync(process.execPath, [join(alone, 'out', `${bundle}`)], { encoding: 'utf8' })).toMatch(
        /^MissingSdk npm install the AWS SDK, found Error.*: Cannot find package '@aws-sdk\/client-ssm'/,
      );
      rmSync(alone, { recursive: true });
    });
  });

  it('claims the size that it has', () => {
    const kB = (file: string) => Math.ceil(statSync(join(folder, 'dist/client', file)).size / 1000);
    const claim = new RegExp(`\\b${kB('index.mjs')} kB as an ES module, ${kB('index.js')} kB as CommonJS\\b`);
    expect(readFileSync(join(ROOT, 'docs/client.md'), 'utf8')).toMatch(claim);
    expect(kB('index.mjs')).toBeLessThanOrEqual(34);
  });

  it('is at most 32 kB in an application, whose bundle leaves the test double out', async () => {
    const contents = `import { PromptClient } from './dist/client/index.mjs'; new PromptClient({ parameterPrefix: '/p' });`;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      minify: true,
      write: false,
    });
    const [{ text = '' } = {}] = outputFiles;
    expect(text.length).toBeGreaterThan(10_000);
    expect(text.length).toBeLessThanOrEqual(32_000);
    expect(text).not.toContain('fakePrompts');
  });
});
