import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = resolve(__dirname, '../..');
const HANDLERS = ['prompt-version', 'prompt-release-plan', 'prompt-alias'];
const BUNDLED = { bundle: true, platform: 'node', format: 'cjs', minify: true, logLevel: 'error' } as const;

/** The last commit whose package had no taking turns, no reasons and no values beside the content. */
export const BEFORE_TURNS = '5b49687';
/** The last commit of the release before this one: the last without the reader of the ledger's schema 2. */
export const RELEASE_BEFORE = '1ea6ce9';

/** An older version of this package, from its commit: its own constructs, and its own handlers. */
export class PreviousPackage {
  /** Whether this checkout has the history that the older version comes from: a shallow clone or an archive has not. */
  static isThere(commit: string): boolean {
    try {
      execFileSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: ROOT, stdio: 'ignore' });
      return true;
    } catch {
      console.warn(`SKIPPED: this checkout lacks commit ${commit}, the package before (git fetch --unshallow)`);
      return false;
    }
  }

  private readonly folder = mkdtempSync(join(tmpdir(), 'previous-package-'));
  private hasHandlers = false;

  constructor(commit: string) {
    const wanted = ['archive', commit, 'lib', 'lambda', 'core', 'cli', 'test/lambda', 'package.json', 'tsconfig.json'];
    const archive = execFileSync('git', wanted, { cwd: ROOT, maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
    execFileSync('tar', ['xf', '-'], { cwd: this.folder, input: archive, stdio: ['pipe', 'pipe', 'pipe'] });
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'));
  }

  /**
   * The folder of an app's assembly.
   *
   * @param app a program of this checkout that synthesizes, with the package in the working directory, into the folder that
   *   is its first argument
   */
  synthesize(app: string, ...args: string[]): string {
    this.buildHandlers();
    const outdir = mkdtempSync(join(this.folder, 'assembly-'));
    const program = ['--import', 'tsx', join(ROOT, app), outdir, ...args];
    execFileSync(process.execPath, program, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    return outdir;
  }

  /** One file with what the package's own tests export. */
  bundle(contents: string): string {
    const stdin = { contents, resolveDir: this.folder, loader: 'ts' as const };
    const { outputFiles } = buildSync({
      ...BUNDLED,
      stdin,
      target: 'node20',
      write: false,
      absWorkingDir: this.folder,
    });
    return outputFiles[0]?.text ?? '';
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private buildHandlers(): void {
    if (this.hasHandlers) return;
    for (const handler of HANDLERS) {
      buildSync({
        ...{ ...BUNDLED, absWorkingDir: this.folder, target: 'node22' },
        ...{ entryPoints: [`lambda/${handler}/index.ts`], outfile: `dist/lambda/${handler}/index.js` },
      });
    }
    this.hasHandlers = true;
  }
}
