// Fills dist/, a package for projects of users: JavaScript in one file, types, the command. This repository uses the
// sources as they are, which is why the package has a manifest of its own: bundlers go by one in a folder they import.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const here = (...path) => join(import.meta.dirname, ...path);

rmSync(here('dist'), { recursive: true, force: true });
await build({
  entryPoints: { index: here('index.ts'), 'local-aws': here('command/door.ts') },
  outdir: here('dist'),
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  keepNames: true,
  logLevel: 'warning',
});
const { main: _, scripts: __, ...manifest } = JSON.parse(readFileSync(here('package.json'), 'utf8'));
const entries = { main: 'index.js', types: 'index.d.ts', bin: { 'local-aws': 'local-aws.js' } };
writeFileSync(here('dist/package.json'), `${JSON.stringify({ ...manifest, ...entries }, undefined, 2)}\n`);
copyFileSync(here('LICENSE'), here('dist/LICENSE'));
// Read at run time, and compiled then.
copyFileSync(here('lambda/lambda-worker.ts'), here('dist/lambda-worker.ts'));
const tsc = here('../../node_modules/typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', here('tsconfig.json')], { stdio: 'inherit' });
