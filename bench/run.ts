// npm run bench [-- NAME…]: all benches one after the other, each in a process of its own. Run `npm run build` before.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const BENCHES = ['client', 'synth', 'handlers', 'scale', 'gates', 'cli', 'overview', 'evaluate', 'audit', 'langfuse'];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !BENCHES.includes(name));
if (unknown.length > 0) {
  console.error(`expected some of ${BENCHES.join(', ')}, found ${unknown.join(', ')}`);
  process.exit(64);
}
if (!existsSync(join(__dirname, '../dist/bin/prompt-registry.js'))) {
  console.error('expected dist/, found none: npm run build');
  process.exit(1);
}
const env = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
for (const name of wanted.length > 0 ? wanted : BENCHES) {
  console.log(`\n# ${name}\n`);
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(__dirname, `${name}.ts`)], {
    stdio: 'inherit',
    env,
  });
  if (status !== 0) process.exitCode = 1;
}
