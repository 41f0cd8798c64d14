// node build/client.mjs FOLDER: the runtime client as it ships, one file for each of `import` and `require`, into FOLDER. Minified
// here, so that a user's bundle is no larger than what is claimed.
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
