import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { event } from './events';

describe('a bundled handler', () => {
  let folder: string;
  let server: Server;
  let bodies: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bundles-'));
    bodies = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        bodies.push(body);
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(['prompt-version', 'prompt-release-plan', 'prompt-alias'] as const)(
    '%s loads alone, and answers even where its function lacks its environment',
    async (name) => {
      const outfile = join(folder, `${name}.js`);
      await build({
        entryPoints: [`lambda/${name}/index.ts`],
        outfile,
        bundle: true,
        platform: 'node',
        target: 'node22',
        format: 'cjs',
        logLevel: 'error',
      });
      const ResponseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

      const program = `require(process.argv[1]).handler(JSON.parse(process.argv[2]), { getRemainingTimeInMillis: () => 60000 })`;
      const request = JSON.stringify({ ...event('PromptAlias', 'Create', {}), ResponseURL });
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', program, outfile, request], {
        cwd: folder,
        env: { NODE_NO_WARNINGS: '1' },
      });

      expect(JSON.parse(bodies.at(-1) ?? '')).toMatchObject({
        Status: 'FAILED',
        Reason: expect.stringContaining('MissingEnvironmentVariable: expected the environment variable LEDGER_BUCKET'),
      });
      expect(stdout).toContain('MissingEnvironmentVariable');
    },
  );

  test('prompt-evaluator adds at most 150 KB to the SDK', async () => {
    const { metafile } = await build({
      entryPoints: ['lambda/prompt-evaluator/index.ts'],
      outfile: join(folder, 'prompt-evaluator.js'),
      bundle: true,
      minify: true,
      keepNames: true,
      platform: 'node',
      target: 'node22',
      format: 'cjs',
      metafile: true,
      write: false,
    });
    const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
    // The SDK, and what it brings.
    const ofSdk = /node_modules\/(@aws-sdk|@smithy|@aws|bowser|tslib|fast-xml-parser|strnum)\//;
    const own = inputs
      .filter(([path]) => !ofSdk.test(path))
      .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
    expect(own).toBeGreaterThan(20_000);
    expect(own).toBeLessThanOrEqual(150_000);
  });
});
