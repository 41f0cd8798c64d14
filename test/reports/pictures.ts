// npm run pictures: the pictures of the documents. The demo as it prints, and the pages as Chromium shows them.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoPicture } from './demo-picture';

const cwd = join(__dirname, '../..');
const env = { ...process.env, UPDATE_PICTURES: '1' };

const demo = spawnSync(process.execPath, ['--import', 'tsx', 'bin/start.ts'], { cwd, encoding: 'utf8' });
if (demo.status !== 0) throw new Error(`npm start: ${demo.stdout}${demo.stderr}`);
writeFileSync(join(cwd, 'docs/images/demo.svg'), demoPicture(demo.stdout));

const pages = ['vitest', 'run', '--project', 'browser', '-t', 'does not scroll sideways'];
process.exitCode = spawnSync('npx', pages, { cwd, env, stdio: 'inherit' }).status ?? 1;
