// `npm run reports`: writes the documents that are generated from the source. reports.test.ts fails while one is stale.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPORTS } from './reports';

for (const [path, text] of Object.entries(REPORTS)) {
  writeFileSync(join(__dirname, '../..', path), text());
  console.log(path);
}
