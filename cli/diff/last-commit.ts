import { git } from '../version-content';

export interface Commit {
  readonly author: string;
  readonly time: Date;
  readonly subject: string;
}

/** The last commit of a file up to a revision; undefined where the revision is no commit. */
export async function lastCommit(revision: string, file: string): Promise<Commit | undefined> {
  // `git show REVISION:PATH` reads a path from the top of the repository, unless it begins with a dot.
  const path = /^\.\.?\//.test(file) ? `:(literal)${file}` : `:(top,literal)${file}`;
  const args = ['log', '-1', '--format=%an <%ae>%x00%aI%x00%s', revision, '--', path];
  const printed = await git(args, `git has no commit of ${file}`).catch(() => undefined);
  const [author = '', time = '', subject = ''] = String(printed ?? '')
    .trimEnd()
    .split('\0');
  return time === '' ? undefined : { author, time: new Date(time), subject };
}
