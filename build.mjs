// Fills dist/: the library and all types by tsc, the client by esbuild (build/client.mjs), the handlers and the command by esbuild
// with the SDK inside, so that users need no bundler and the constructs no dependency. Returns at once where nothing changed.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { licences, packageFolders } from './build/licences.mjs';
import { isFresh, markFresh } from './build/stamp.mjs';

// Test, start and pack each build first; only the first of them has something to do.
if (isFresh()) process.exit(0);

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
// As core/contract/handler-name.ts names them: a folder with an index.ts each.
const handlers = readdirSync('lambda').filter((folder) => existsSync(join('lambda', folder, 'index.ts')));

rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
for (const name of readdirSync('dist/client')) if (name.endsWith('.js')) rmSync(join('dist/client', name));
execFileSync(process.execPath, ['build/client.mjs', 'dist/client'], { stdio: 'inherit' });
// The same types for an ES module, whose paths need endings.
const types = readFileSync('dist/client/index.d.ts', 'utf8');
writeFileSync('dist/client/index.d.mts', types.replace(/(from '\.[^']+)'/g, "$1.js'"));
// Node 20 runs no `import()` of a script that it compiled before (test/cli/compiled-once.cjs, local-aws); `require` does as well.
const supported = { 'dynamic-import': false };
const bundles = await Promise.all([
  ...handlers.map((name) => bundle(`lambda/${name}/index`, 'node22', { supported })),
  // Suites are read at synth, and the constructs have no dependency.
  bundle('core/evaluation/schema-validator', 'node20'),
  // One file: what is imported dynamically is parsed with it and run only when it is needed.
  bundle('bin/prompt-registry', 'node20', {
    define: { PACKAGE_VERSION: JSON.stringify(version) },
    supported,
    // publint looks for words: without these, the texts of `evaluate import` make an ES module of it.
    footer: { js: 'module.exports = {};' },
  }),
]);
writeFileSync(
  'dist/THIRD-PARTY-LICENSES.txt',
  licences(packageFolders(bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs)))),
);
markFresh();

function bundle(entry, target, options) {
  return build({
    entryPoints: [`${entry}.ts`],
    outfile: `dist/${entry}.js`,
    bundle: true,
    platform: 'node',
    target,
    format: 'cjs',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    ...options,
  });
}
