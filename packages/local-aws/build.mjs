// Fills dist/ for projects of users: JavaScript in one file, and types. This repository uses the sources as they are.
import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const here = (...path) => join(import.meta.dirname, ...path);

rmSync(here('dist'), { recursive: true, force: true });
await build({
  entryPoints: [here('index.ts')],
  outdir: here('dist'),
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  keepNames: true,
  logLevel: 'warning',
});
// Read at run time, and compiled then.
copyFileSync(here('lambda/lambda-worker.ts'), here('dist/lambda-worker.ts'));
const tsc = here('../../node_modules/typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', here('tsconfig.json')], { stdio: 'inherit' });
