import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = resolve(__dirname, '../..');
/** The last commit whose package had no taking turns, no reasons and no values beside the content. */
const COMMIT = '5b49687';
const HANDLERS = ['prompt-version', 'prompt-release-plan', 'prompt-alias'];

/** An older version of this package, built from its commit: its own constructs, and its own handlers. */
export class PreviousPackage {
  /** Whether this checkout has the history that the older version is built from: a shallow clone or an archive has not. */
  static isThere(): boolean {
    try {
      execFileSync('git', ['cat-file', '-e', `${COMMIT}^{commit}`], { cwd: ROOT, stdio: 'ignore' });
      return true;
    } catch {
      console.warn(`upgrade tests are passed over: this checkout lacks commit ${COMMIT} (git fetch --unshallow)`);
      return false;
    }
  }

  private readonly folder = mkdtempSync(join(tmpdir(), 'previous-package-'));

  constructor() {
    writeFileSync(join(this.folder, 'source.tar'), this.archive());
    this.run('tar', ['xf', 'source.tar']);
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'));
    for (const handler of HANDLERS) {
      buildSync({
        absWorkingDir: this.folder,
        entryPoints: [`lambda/${handler}/index.ts`],
        outfile: `dist/lambda/${handler}/index.js`,
        ...{ bundle: true, platform: 'node', target: 'node22', format: 'cjs', minify: true, logLevel: 'error' },
      });
    }
    mkdirSync(join(this.folder, 'test/e2e'), { recursive: true });
    copyFileSync(join(__dirname, 'upgrade-app.ts'), join(this.folder, 'test/e2e/upgrade-app.ts'));
  }

  /** The folder of the app's assembly. */
  synthesize(text: string): string {
    const outdir = mkdtempSync(join(this.folder, 'assembly-'));
    this.run(process.execPath, ['--import', 'tsx', 'test/e2e/upgrade-app.ts', outdir, text]);
    return outdir;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private archive(): Buffer {
    const wanted = ['archive', COMMIT, 'lib', 'lambda', 'core', 'package.json', 'tsconfig.json'];
    return execFileSync('git', wanted, { cwd: ROOT, maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  private run(command: string, args: string[]): void {
    execFileSync(command, args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  }
}
