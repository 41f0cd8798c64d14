import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { changed, type SourceChange } from './source-change';

/** What is called by the name of its folder in `lambda/`. */
export const HANDLER_NAMES = ['prompt-version', 'prompt-release-plan', 'prompt-alias', 'prompt-rollout'] as const;
export type HandlerName = (typeof HANDLER_NAMES)[number];
export type HandlerBundles = Readonly<Record<HandlerName, string>>;

/** Bundles the handlers from their sources as they are now, with changes made to them on the way. */
export async function handlerBundles(changes: readonly SourceChange[] = []): Promise<HandlerBundles> {
  const folder = mkdtempSync(join(tmpdir(), 'handler-bundles-'));
  try {
    const open = new Set(changes);
    const codes = await Promise.all(
      HANDLER_NAMES.map(async (name) => {
        const outfile = join(folder, `${name}.js`);
        await build({
          entryPoints: [`lambda/${name}/index.ts`],
          ...{
            outfile,
            bundle: true,
            platform: 'node',
            target: 'node20',
            format: 'cjs',
            minify: true,
            keepNames: true,
          },
          ...{ legalComments: 'none', logLevel: 'warning' },
          plugins: [
            {
              name: 'changes',
              setup(building) {
                building.onLoad({ filter: /[\\/](core|lambda)[\\/].*\.ts$/ }, ({ path }) => {
                  const own = changes.filter(({ file }) => resolve(file) === path);
                  return own.length === 0 ? undefined : { contents: changed(path, own, open), loader: 'ts' };
                });
              },
            },
          ],
        });
        return [name, readFileSync(outfile, 'utf8')] as const;
      }),
    );
    const [unmet] = open;
    if (unmet) {
      throw new Error(`expected a handler to import ${unmet.file}, found none: change another file`);
    }
    return Object.fromEntries(codes) as HandlerBundles;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
