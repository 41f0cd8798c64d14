/** Users that one sign stands for. */
const USERS_A_SIGN = 20;

/** Who got the candidate, as a bar of all users in the order in which its draw comes to them; and how many got which version. */
export function userBar(
  title: string,
  byPlace: readonly string[],
  got: ReadonlyMap<string, number | undefined>,
  candidate: number,
): string {
  let bar = '';
  for (let index = 0; index < byPlace.length; index += USERS_A_SIGN) {
    const all = byPlace.slice(index, index + USERS_A_SIGN);
    const having = all.filter((user) => got.get(user) === candidate).length;
    bar += having === all.length ? '█' : having === 0 ? '░' : '▒';
  }
  const versions = [...got.values()];
  const counts = [...new Set(versions)]
    .sort((one = 0, other = 0) => other - one)
    .map((version) => `${versions.filter((each) => each === version).length} get ${version}`);
  return `${title.padEnd(8)} ${bar}  ${counts.join(', ')}`;
}
