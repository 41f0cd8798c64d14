// The packed tarball as its user gets it: its own metadata and types checked, then installed in an empty CDK app outside
// the checkout, which must type-check and synthesize; and in an empty application that uses the client alone, which gets
// no CDK, and bundles it as esbuild and webpack do, with the SDK and without.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runBundles } from './bundles.mjs';

/** The last commit of the release before this one. */
const PREVIOUS = '1ea6ce9';

const root = resolve(import.meta.dirname, '../..');
const bin = (name) => join(root, 'node_modules/.bin', name);
const run = (command, args, cwd = root) => {
  console.log(`\n-- ${[command.replace(`${root}/`, ''), ...args].join(' ').replaceAll(scratch, '…')}`);
  execFileSync(command, args, { cwd, stdio: 'inherit' });
};

const scratch = mkdtempSync(join(tmpdir(), 'prompt-registry-package-'));
const older = mkdtempSync(join(tmpdir(), 'prompt-registry-previous-'));
// Beside the other, in whose node_modules it would find the CDK.
const application = mkdtempSync(join(tmpdir(), 'prompt-registry-application-'));
try {
  const [{ filename, unpackedSize, files }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', scratch], { cwd: root, encoding: 'utf8' }),
  );
  const tarball = join(scratch, filename);
  console.log(`${filename}: ${files.length} files, ${(unpackedSize / 1024).toFixed(0)} KiB unpacked`);
  const shipped = files
    .map(({ path }) => path)
    .filter((path) => /^(dist\/)?(packages|local-aws|test|bench|examples)\/|^bin\//.test(path));
  if (shipped.length > 0) {
    throw new Error(`not meant to be shipped: ${shipped.join(', ')}`);
  }
  run(bin('publint'), ['--strict', tarball]);
  run(bin('attw'), [tarball, '--profile', 'node16']);

  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const pinned = (...names) => names.map((name) => `${name}@${devDependencies[name]}`);
  const wanted = pinned('aws-cdk-lib', 'constructs', 'typescript', '@types/node');
  writeFileSync(join(scratch, 'package.json'), JSON.stringify({ name: 'app', private: true }));
  run('npm', ['install', '--no-audit', '--no-fund', tarball, ...wanted], scratch);
  writeFileSync(join(scratch, 'app.ts'), readFileSync(join(root, 'test/package/app.ts'), 'utf8'));
  writeFileSync(join(scratch, 'tsconfig.json'), readFileSync(join(root, 'test/package/tsconfig.app.json'), 'utf8'));
  run(join(scratch, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], scratch);
  // aws-cdk-lib's own declarations do not hold under it, so that who sets it sets the other as well.
  const strictest = ['--exactOptionalPropertyTypes', '--skipLibCheck', '--noEmit'];
  run(join(scratch, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json', ...strictest], scratch);
  run(process.execPath, ['app.js'], scratch);
  const previous = previousTarball();
  run(bin('tsx'), ['test/package/deployment.ts', scratch, tarball, ...(previous ? [previous] : [])]);

  writeFileSync(join(application, 'package.json'), JSON.stringify({ name: 'application', private: true }));
  run('npm', ['install', '--no-audit', '--no-fund', '--no-save', '--omit=peer', tarball], application);
  copyFileSync(join(root, 'test/package/client-use.mjs'), join(application, 'client-use.mjs'));
  await runBundles(application, 'useWithoutSdk');
  const sdk = pinned('@aws-sdk/client-ssm', '@aws-sdk/client-bedrock-agent');
  run('npm', ['install', '--no-audit', '--no-fund', '--no-save', tarball, ...sdk], application);
  for (const name of ['aws-cdk-lib', 'constructs', '@opentelemetry']) {
    if (existsSync(join(application, 'node_modules', name))) {
      throw new Error(`the client must not bring ${name} along, but it was installed`);
    }
  }
  for (const [name, caller] of [
    [
      'use.cjs',
      "import('./client-use.mjs').then(({ use }) => use(require('cdk-prompt-registry/client'), 'CommonJS'));",
    ],
    [
      'use.mjs',
      "import { use } from './client-use.mjs';\nimport { PromptClient, RegistryError } from 'cdk-prompt-registry/client';\nawait use({ PromptClient, RegistryError }, 'ESM');",
    ],
  ]) {
    writeFileSync(join(application, name), caller);
    run(process.execPath, [name], application);
  }
  await runBundles(application, 'use');
} finally {
  rmSync(older, { recursive: true, force: true });
  for (const folder of [scratch, application]) {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The package as it was at an earlier commit; undefined where this checkout has no such history. */
function previousTarball() {
  try {
    execFileSync('git', ['cat-file', '-e', `${PREVIOUS}^{commit}`], { cwd: root, stdio: 'ignore' });
  } catch {
    console.warn(`SKIPPED: this checkout lacks commit ${PREVIOUS}, so nothing is upgraded (git fetch --unshallow)`);
    return undefined;
  }
  const source = execFileSync('git', ['archive', PREVIOUS], { cwd: root, maxBuffer: 1 << 28 });
  execFileSync('tar', ['xf', '-'], { cwd: older, input: source });
  symlinkSync(join(root, 'node_modules'), join(older, 'node_modules'));
  run(process.execPath, ['build.mjs'], older);
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json'], { cwd: older, encoding: 'utf8' }));
  return join(older, filename);
}
