/** Whether a name is meant by a pattern with `*` and `?`, which stand for slashes as well. */
export function nameGlob(glob: string): (name: string) => boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${pattern}$`, 's');
  return (name) => expression.test(name);
}
