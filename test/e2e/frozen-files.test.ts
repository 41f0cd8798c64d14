import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FROZEN, frozenFiles, frozenPath } from '../previous/frozen-files';
import { PreviousPackage, RELEASE_BEFORE } from '../previous/previous-package';

it.skipIf(!PreviousPackage.isThere(RELEASE_BEFORE))(
  'The frozen files are those that the release before makes',
  () => {
    const before = new PreviousPackage(RELEASE_BEFORE);
    try {
      const made = frozenFiles(before);
      for (const name of Object.keys(FROZEN) as (keyof typeof FROZEN)[]) {
        expect(made[name] === readFileSync(frozenPath(name), 'utf8'), name).toBe(true);
      }
    } finally {
      before.remove();
    }
  },
  300_000,
);
