/** One step of a path: a member's name or an index. */
type Step = string | number;

const STEP = /\.([A-Za-z_$][\w$-]*)|\[(?:(\d+)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/y;

/**
 * The steps of a path to one value: members and indexes of RFC 9535, `$.rating.score`, `$.reasons[0]`, `$['a b']`. Undefined
 * for what may lead to several values, such as wildcards and filters.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9535
 */
export function jsonPathSteps(path: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  if (!path.startsWith('$')) return undefined;
  for (let at = 1; at < path.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const [, member, index, single, double] = STEP.exec(path) ?? [];
    const name = member ?? (single ?? double)?.replace(/\\(.)/g, '$1');
    if (name === undefined && index === undefined) return undefined;
    steps.push(name ?? Number(index));
  }
  return steps;
}

/** The value at the end of a path; undefined where it leads nowhere. */
export function atSteps(value: unknown, steps: readonly Step[]): unknown {
  let at = value;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    if (Array.isArray(at) !== (typeof step === 'number')) return undefined;
    at = (at as Record<Step, unknown>)[step];
  }
  return at;
}
