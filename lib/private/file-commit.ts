import { execFileSync } from 'node:child_process';
import { basename, dirname, relative } from 'node:path';

/** A repository of millions of commits must not stop a synthesis for long. */
const PATIENCE_MS = 2_000;

/**
 * The commit that last changed a file or one of its partials, 10 digits; undefined where there is none that everybody would name the same: the
 * file is not committed as it stands, the clone is shallow (every file seems to come from its oldest commit), or there
 * is no git.
 *
 * The file's commit, not the repository's: the note is a property of the version's resource, and any change of it is an
 * event to the handler. So a commit elsewhere changes no template.
 */
export function fileCommit(path: string, partials: readonly string[] = []): string | undefined {
  const git = (...words: string[]) =>
    execFileSync('git', words, {
      cwd: dirname(path),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: PATIENCE_MS,
    }).trim();
  try {
    const others = partials.map((partial) => relative(dirname(path), partial));
    const files = [basename(path), ...others].map((file) => `:(literal)${file}`);
    if (
      git('rev-parse', '--is-shallow-repository') !== 'false' ||
      git('status', '--porcelain', '--', ...files) !== ''
    ) {
      return undefined;
    }
    return git('log', '-1', '--format=%h', '--abbrev=10', '--', ...files) || undefined;
  } catch {
    return undefined;
  }
}
