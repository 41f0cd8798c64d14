// Fills dist/: the library and its types by tsc, the handlers by esbuild with the SDK inside, so that users need no bundler.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const handlers = ['prompt-version', 'prompt-release-plan', 'prompt-alias'];

rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
await Promise.all(
  handlers.map((name) =>
    build({
      entryPoints: [`lambda/${name}/index.ts`],
      outfile: `dist/lambda/${name}/index.js`,
      bundle: true,
      platform: 'node',
      target: 'node22',
      format: 'cjs',
      minify: true,
      keepNames: true,
      legalComments: 'none',
      logLevel: 'warning',
    }),
  ),
);
