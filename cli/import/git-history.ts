import { execFileSync } from 'node:child_process';
import { CliError } from '../cli-error';

export interface ImportedCommit {
  /** From the folder on, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly message: string;
  readonly trailers: readonly (readonly [key: string, value: string])[];
  readonly time: string;
}

/** The git repository that a folder is in. Commits come all at once or not at all. */
export class GitHistory {
  /** @param folder is there */
  constructor(private readonly folder: string) {
    this.git(['rev-parse', '--git-dir'], { fix: 'run git init, or leave --git out' });
  }

  /** The newest commit for what trailers of these two keys say in the history of HEAD: `triage 3`. */
  imported(first: string, second: string): ReadonlyMap<string, string> {
    if (this.head() === undefined) return new Map();
    const value = (key: string) => `%(trailers:key=${key},valueonly,separator=%x01)`;
    const log = this.git([
      'log',
      '--reverse',
      `--grep=^${second}: `,
      `--format=%H%x00${value(first)}%x00${value(second)}`,
    ]);
    const lines = log.split('\n').filter(Boolean);
    return new Map(
      lines.map((line) => {
        const [id = '', name, version] = line.split('\0');
        return [`${name} ${version}`, id];
      }),
    );
  }

  /**
   * Adds commits to the branch, oldest first, and brings their files up to date. The author is the one of this
   * repository, the author's date the one that the source says.
   *
   * @returns ids, one for each
   * @throws CliError where a file has changes that are not committed
   */
  commit(commits: readonly ImportedCommit[]): string[] {
    if (commits.length === 0) return [];
    const branch = this.git(['symbolic-ref', '-q', 'HEAD'], { fix: 'check out a branch, then run it again' }).trim();
    const places = new Map(commits.map(({ path }) => [path, this.inRepository(path)]));
    const pathspecs = [...places.values()].map((path) => `:(top,literal)${path}`);
    const dirty = this.git(['status', '--porcelain', '--untracked-files=all', '--', ...pathspecs]);
    if (dirty !== '') {
      const fix = 'commit them, or move them away, then run it again';
      throw new CliError({ what: 'files that the import writes have changes', why: dirty.trimEnd(), fix });
    }
    const identity = this.git(['var', 'GIT_AUTHOR_IDENT']).replace(/ \d+ [+-]\d+\s*$/, '');
    const committed = this.git(['var', 'GIT_COMMITTER_IDENT']).trim();
    const from = this.head();
    const stream = commits.map((commit, index) =>
      [
        `commit ${branch}\nmark :${index + 1}\n`,
        `author ${identity} ${gitTime(commit.time, committed)}\ncommitter ${committed}\n`,
        data(messageOf(commit)),
        index === 0 && from !== undefined ? `from ${from}\n` : '',
        `M 100644 inline ${quoted(places.get(commit.path) ?? commit.path)}\n`,
        data(commit.text),
      ].join(''),
    );
    const marks = commits.map((_, index) => `get-mark :${index + 1}\n`);
    const input = [...stream, ...marks, 'done\n'].join('');
    const ids = this.git(['fast-import', '--quiet', '--done', '--cat-blob-fd=1'], { input });
    this.git(['checkout', '-q', 'HEAD', '--', ...pathspecs]);
    return ids.split('\n').filter(Boolean);
  }

  /** A path of the folder as the repository has it. */
  private inRepository(path: string): string {
    return this.git(['rev-parse', '--show-prefix']).replace(/\n$/, '') + path;
  }

  private head(): string | undefined {
    try {
      return this.git(['rev-parse', '-q', '--verify', 'HEAD']).trim();
    } catch {
      // A branch without a commit.
      return undefined;
    }
  }

  private git(args: readonly string[], { fix = [], input = '' }: { fix?: string | []; input?: string } = {}): string {
    try {
      const stdio: ['pipe', 'pipe', 'pipe'] = ['pipe', 'pipe', 'pipe'];
      const options = { cwd: this.folder, encoding: 'utf8' as const, input, stdio, maxBuffer: MOST_BYTES };
      return execFileSync('git', [...args], options);
    } catch (cause) {
      const { stderr, message } = cause as Error & { stderr?: string };
      const why = String(stderr ?? '').trim() || message;
      throw new CliError({ what: `git ${args[0]} failed`, why, fix }, undefined, { cause });
    }
  }
}

const MOST_BYTES = 1 << 28;

/** Whatever the message says, its last paragraph is ours: that is where git looks for trailers. */
function messageOf({ message, trailers }: ImportedCommit): string {
  const said = message.replaceAll('\0', '').trim();
  return `${said}\n\n${trailers.map(([key, value]) => `${key}: ${trailerValue(value)}`).join('\n')}\n`;
}

/** One line. */
export function trailerValue(value: string): string {
  return value.replace(/[\p{Cc}%]/gu, (character) => encodeURIComponent(character)).trim();
}

/** `1753142400 +0000`; now, where the source says no time. */
function gitTime(time: string, committed: string): string {
  const at = Date.parse(time);
  return Number.isFinite(at) && at >= 0 ? `${Math.floor(at / 1000)} +0000` : committed.replace(/^.*> /, '');
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
