// The client of the installed package, bundled as its users' tools do it, then loaded and run.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import webpack from 'webpack';

/** As aws-cdk-lib's NodejsFunction calls esbuild for a current runtime, whose SDK it leaves out of the bundle. */
const NODEJS_FUNCTION = { bundle: true, platform: 'node', target: 'node22', external: ['@aws-sdk/*', '@smithy/*'] };
const WHOLE = { ...NODEJS_FUNCTION, external: [] };

const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

/** How it is bundled, and the name of the bundle. */
const BUNDLERS = {
  NodejsFunction: (entry, out) => esbuild(entry, `${out}.cjs`, { ...NODEJS_FUNCTION, format: 'cjs' }),
  'NodejsFunction, ESM': (entry, out) => esbuild(entry, `${out}.mjs`, { ...NODEJS_FUNCTION, format: 'esm' }),
  'esbuild, nothing left out': (entry, out) => esbuild(entry, `${out}.cjs`, { ...WHOLE, format: 'cjs' }),
  webpack: (entry, out) => webpacked(entry, `${out}.cjs`, {}),
  'webpack, ESM': (entry, out) => webpacked(entry, `${out}.mjs`, { outputModule: true }),
};

/**
 * @param folder an application that has the package installed
 * @param use which function of client-use.mjs to run
 */
export async function runBundles(folder, use) {
  for (const [how, bundle] of Object.entries(BUNDLERS)) {
    const entry = join(folder, 'entry.mjs');
    writeFileSync(
      entry,
      `import * as uses from './client-use.mjs';
import { PromptClient, RegistryError } from 'cdk-prompt-registry/client';
uses.${use}({ PromptClient, RegistryError }, ${JSON.stringify(`a bundle by ${how}`)});
`,
    );
    const file = await bundle(entry, join(folder, `bundle-${how.replace(/\W+/g, '-')}`));
    execFileSync(process.execPath, [file], { cwd: folder, stdio: 'inherit', env: { ...process.env, ...QUIET } });
  }
}

async function esbuild(entry, outfile, options) {
  await build({ ...options, entryPoints: [entry], outfile, logLevel: 'error' });
  return outfile;
}

async function webpacked(entry, file, experiments) {
  const [path, filename] = [join(file, '..'), file.slice(join(file, '..').length + 1)];
  const output = { path, filename, ...(experiments.outputModule && { module: true, chunkFormat: 'module' }) };
  const compiler = webpack({ mode: 'production', target: 'node20', entry, output, experiments, context: path });
  const stats = await new Promise((done, fail) => compiler.run((error, stats) => (error ? fail(error) : done(stats))));
  if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
  return file;
}
