// The packed tarball under other versions of its CDK peers: it must type-check and synthesize, with the logical ids that it
// has under the pinned ones, which test/lib/frozen-logical-ids.test.ts freezes. `npm run check:peers` tries the newest
// versions that package.json allows, with --lowest the lowest, as the gate does.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const PEERS = ['aws-cdk-lib', 'constructs'];

const root = resolve(import.meta.dirname, '../..');
const { devDependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const version = (name) => {
  const range = peerDependencies[name];
  return process.argv.includes('--lowest') ? range.replace(/^\^/, '') : range;
};
const scratch = mkdtempSync(join(tmpdir(), 'prompt-registry-peers-'));
try {
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', scratch], { cwd: root, encoding: 'utf8' }),
  );
  const tarball = join(scratch, filename);
  const pinned = logicalIds('pinned', []);
  const others = logicalIds(
    'others',
    PEERS.map((name) => `${name}@${version(name)}`),
  );
  const differing = [...new Set([...pinned, ...others])].filter((id) => !pinned.includes(id) || !others.includes(id));
  if (differing.length > 0) {
    throw new Error(`expected the same logical ids under all peers, found others: ${differing.join(', ')}`);
  }
  console.log(`${pinned.length} logical ids, the same`);

  /** Those of the app in app.ts, type-checked with the CDK's own declarations. */
  function logicalIds(name, peers) {
    const folder = join(scratch, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true }));
    for (const file of ['app.ts', 'tsconfig.app.json'])
      copyFileSync(join(root, 'test/package', file), join(folder, file));
    const legacy = peers.length === 0 ? ['--omit=peer'] : [];
    run('npm', ['install', '--no-audit', '--no-fund', ...legacy, tarball, ...peers], folder);
    // What is not under test comes from the checkout.
    const linked = ['typescript', '@types/node', ...(peers.length === 0 ? PEERS : [])];
    for (const one of linked) {
      const link = join(folder, 'node_modules', one);
      mkdirSync(dirname(link), { recursive: true });
      rmSync(link, { recursive: true, force: true });
      symlinkSync(join(root, 'node_modules', one), link);
    }
    const found = PEERS.map((one) => {
      const { version } = JSON.parse(readFileSync(join(folder, 'node_modules', one, 'package.json'), 'utf8'));
      return `${one} ${version}`;
    });
    console.log(`\n-- ${found.join(', ')}`);
    if (peers.length === 0 && found.join() !== PEERS.map((one) => `${one} ${devDependencies[one]}`).join()) {
      throw new Error(`expected the pinned versions, found ${found.join(', ')}: npm ci`);
    }
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.app.json'], folder);
    run(process.execPath, ['app.js'], folder, { CDK_OUTDIR: join(folder, 'cdk.out') });
    const template = JSON.parse(readFileSync(join(folder, 'cdk.out/Prompts.template.json'), 'utf8'));
    return Object.entries(template.Resources).map(([id, { Type }]) => `${id} ${Type}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function run(command, args, cwd, env = {}) {
  execFileSync(command, args, { cwd, stdio: 'inherit', env: { ...process.env, ...env } });
}
