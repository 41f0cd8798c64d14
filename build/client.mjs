// node build/client.mjs FOLDER: the runtime client as it ships, one file for each of `import` and `require`, into FOLDER. Its
// types are beside it, by tsc. Minified here, so that a user's bundle is no larger than what is claimed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const [, , outdir] = process.argv;

await Promise.all(
  [
    ['esm', 'index.mjs'],
    ['cjs', 'index.js'],
  ].map(([format, name]) =>
    build({
      entryPoints: ['client/index.ts'],
      outfile: join(outdir, name),
      bundle: true,
      platform: 'node',
      target: 'node20',
      format,
      minify: true,
      // Optional peers: what is not installed is missed when it is called, and by no bundler before.
      external: ['@aws-sdk/*', '@opentelemetry/api'],
      logLevel: 'warning',
    }),
  ),
);
// For TypeScript's eyes an ES module as well: else it would warn of a CommonJS module in disguise.
writeFileSync(join(outdir, 'index.d.mts'), "export * from './index.js';\n");
