// Fills dist/: the library and its types by tsc, the handlers and the command by esbuild with the SDK inside, so that users need
// no bundler and the constructs no dependency.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const handlers = ['prompt-version', 'prompt-release-plan', 'prompt-alias'];

rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
const bundles = await Promise.all([
  ...handlers.map((name) => bundle(`lambda/${name}/index`, 'node22')),
  // One file: what is imported dynamically is parsed with it and run only when it is needed.
  bundle('bin/prompt-registry', 'node20', { define: { PACKAGE_VERSION: JSON.stringify(version) } }),
]);
writeFileSync(
  'dist/THIRD-PARTY-LICENSES.txt',
  licences(bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs))),
);

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

/** The licences of the packages whose code is inside the bundles, as those licences ask. */
function licences(inputs) {
  const folders = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []));
  return [...folders]
    .sort()
    .map(licence)
    .join(`\n${'-'.repeat(80)}\n`);
}

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8') : ''}`;
}
