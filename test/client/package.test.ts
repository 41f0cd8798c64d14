import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistryServer, versionArn } from './registry-server';

const ROOT = resolve(__dirname, '../..');
const EXTERNAL = ['@aws-sdk/*', '@opentelemetry/api'];

describe('the package’s client', () => {
  const folder = mkdtempSync(join(ROOT, 'node_modules/.client-'));
  const server = new RegistryServer();
  beforeAll(async () => {
    mkdirSync(join(folder, 'dist'), { recursive: true });
    // As the package is built: CommonJS by tsc.
    const options = ['--outDir', join(folder, 'dist'), '--rootDir', ROOT, '--noEmit', 'false', '--skipLibCheck'];
    const project = { extends: join(ROOT, 'tsconfig.json'), include: [join(ROOT, 'client')] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
    writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder, ...options]);
    await server.start();
    server.parameters.set('/prompts/prod/p/PROD', versionArn(7));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await server.stop();
  });

  it.each([
    ['CommonJS', 'use.cjs', "const { PromptClient, RegistryError } = require('./dist/client/index.js');"],
    ['ESM', 'use.mjs', "import { PromptClient, RegistryError } from './dist/client/index.js';"],
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

  it('can be bundled where no optional package is, and says at run time what to install', async () => {
    // Outside of any node_modules.
    const bundle = join(mkdtempSync(join(tmpdir(), 'client-')), 'alone.cjs');
    const use = "get('p', { alias: 'A' }).catch(({ code, message }) => console.log(code, message));";
    await build({
      stdin: {
        contents: `import { PromptClient } from '${join(ROOT, 'client')}'; new PromptClient({ parameterPrefix: '/p' }).${use}`,
        resolveDir: folder,
      },
      bundle: true,
      platform: 'node',
      outfile: bundle,
      logLevel: 'silent',
      alias: {
        '@aws-sdk/client-ssm': '@aws-sdk/not-there',
        '@aws-sdk/client-bedrock-agent': '@aws-sdk/not-there',
        '@opentelemetry/api': 'not-there',
      },
    });
    expect(execFileSync(process.execPath, [bundle], { encoding: 'utf8' })).toMatch(
      /^MissingSdk npm install the AWS SDK, found Error.*: Cannot find package '@aws-sdk\/client-ssm'/,
    );
  });

  it('fits 18 KB minified, without the SDK', async () => {
    const { outputFiles } = await build({
      entryPoints: [join(ROOT, 'client/index.ts')],
      bundle: true,
      minify: true,
      write: false,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      external: EXTERNAL,
    });
    expect(outputFiles[0]?.contents.length).toBeLessThanOrEqual(18_000);
  });
});
