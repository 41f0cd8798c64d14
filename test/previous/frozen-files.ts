import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PreviousPackage } from './previous-package';

/** What the release before left behind for tests that must run without git's history, by file name. */
export const FROZEN = {
  /** Its template of `app.ts`. */
  template: 'template.json',
  /** Its handlers, and the stores of their tests. */
  releaseWorld: 'release-world.cjs',
} as const;

export function frozenPath(name: keyof typeof FROZEN): string {
  return join(__dirname, 'golden', FROZEN[name]);
}

/** The same files, made by that package. */
export function frozenFiles(before: PreviousPackage): Readonly<Record<keyof typeof FROZEN, string>> {
  const template = readFileSync(join(before.synthesize('test/previous/app.ts'), 'Prompts.template.json'), 'utf8');
  return {
    template: `${JSON.stringify(JSON.parse(template), null, 1)}\n`,
    releaseWorld: before.bundle(
      "export { event } from './test/lambda/events'; export { ReleaseWorld } from './test/lambda/release-world';",
    ),
  };
}
