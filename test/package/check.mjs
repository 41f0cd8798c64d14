// The packed tarball as its user gets it: its own metadata and types checked, then installed in an empty CDK app outside
// the checkout, which must type-check and synthesize.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const bin = (name) => join(root, 'node_modules/.bin', name);
const run = (command, args, cwd = root) => {
  console.log(`\n-- ${[command.replace(`${root}/`, ''), ...args].join(' ').replaceAll(scratch, '…')}`);
  execFileSync(command, args, { cwd, stdio: 'inherit' });
};

const scratch = mkdtempSync(join(tmpdir(), 'prompt-registry-package-'));
try {
  const [{ filename, unpackedSize, files }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', scratch], { cwd: root, encoding: 'utf8' }),
  );
  const tarball = join(scratch, filename);
  console.log(`${filename}: ${files.length} files, ${(unpackedSize / 1024).toFixed(0)} KiB unpacked`);
  const shipped = files
    .map(({ path }) => path)
    .filter((path) => /^(dist\/)?(local-aws|test|bench|examples)\/|^bin\//.test(path));
  if (shipped.length > 0) {
    throw new Error(`not meant to be shipped: ${shipped.join(', ')}`);
  }
  run(bin('publint'), ['--strict', tarball]);
  run(bin('attw'), [tarball, '--profile', 'node16']);

  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = ['aws-cdk-lib', 'constructs', 'typescript', '@types/node'].map(
    (name) => `${name}@${devDependencies[name]}`,
  );
  writeFileSync(join(scratch, 'package.json'), JSON.stringify({ name: 'app', private: true }));
  run('npm', ['install', '--no-audit', '--no-fund', '--no-save', tarball, ...wanted], scratch);
  writeFileSync(join(scratch, 'app.ts'), readFileSync(join(root, 'test/package/app.ts'), 'utf8'));
  writeFileSync(join(scratch, 'tsconfig.json'), readFileSync(join(root, 'test/package/tsconfig.app.json'), 'utf8'));
  run(join(scratch, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], scratch);
  run(process.execPath, ['app.js'], scratch);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
