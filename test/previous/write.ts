// `npx tsx test/previous/write.ts`: the frozen files, anew. After a release only, with the commit of the release before.
import { writeFileSync } from 'node:fs';
import { type FROZEN, frozenFiles, frozenPath } from './frozen-files';
import { PreviousPackage, RELEASE_BEFORE } from './previous-package';

const before = new PreviousPackage(RELEASE_BEFORE);
try {
  for (const [name, text] of Object.entries(frozenFiles(before)))
    writeFileSync(frozenPath(name as keyof typeof FROZEN), text);
} finally {
  before.remove();
}
