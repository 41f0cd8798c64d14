import { isDeepStrictEqual } from 'node:util';
import { list, object, text } from './trail-event';

/** Stands for a part of a text that only CloudFormation knows. It may be anything but a pattern. */
export const UNKNOWN = '\0';

/** A role whose id a statement of the bucket's policy names, so that a role made again under its name gets nothing. */
export interface PinnedRole {
  readonly sid: string;
  readonly roleName: string;
}

const LONGEST = 160;

/**
 * Where a bucket's policy is not the one that the stack declares: each statement has to be there as it was written,
 * conditions and their values included, and nothing else.
 */
export function bucketPolicyProblems(policy: string | null, declared: readonly unknown[]): string[] {
  if (policy === null) return ['has no policy: records can be deleted and forged'];
  const left = statementsOf(policy).map((statement) => ({ statement, rights: normal(statement) }));
  const unmatched = declared.filter((expected) => {
    const wanted = normal(expected);
    const at = left.findIndex(({ rights }) => isMatch(wanted, rights));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const problems = unmatched.map((expected) => {
    const sid = text(object(expected).Sid);
    const at = sid === null ? -1 : left.findIndex(({ statement }) => object(statement).Sid === sid);
    if (at < 0) return `has a policy without its statement ${sid ?? shown(expected)}`;
    left.splice(at, 1);
    return `has a policy whose statement ${sid} was changed`;
  });
  const more = left.map(
    ({ statement }) => `has a policy with a statement that the stack does not declare: ${shown(statement)}`,
  );
  return [...problems, ...more];
}

/** What a statement of a bucket's policy names in `aws:userid` before the colon: the role's id of `AROA…:*`. */
export function pinnedIds(policy: string, sid: string): string[] {
  const own = statementsOf(policy)
    .map(object)
    .filter(({ Sid }) => Sid === sid);
  const values = own
    .flatMap(({ Condition }) => Object.entries(object(Condition)))
    // Whether the key is there at all is no id.
    .flatMap(([operator, keys]) => (operator === 'Null' ? [] : [keys]))
    .flatMap((keys) =>
      Object.entries(object(keys)).flatMap(([key, value]) =>
        key.toLowerCase() === 'aws:userid' ? [value].flat() : [],
      ),
    );
  return values.map((value) => String(value).split(':')[0] ?? '');
}

/** IAM shows a list of one statement as that statement. */
function statementsOf(policy: string): unknown[] {
  const { Statement } = object(JSON.parse(policy));
  return Array.isArray(Statement) ? Statement : Statement === undefined ? [] : [Statement];
}

type Normal = readonly string[] | { readonly [name: string]: Normal };

/** With lists in order: IAM shows a list of one as a text, CloudFormation hands booleans over as texts. */
function normal(value: unknown): Normal {
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object' || one === null))
    return value.map(String).sort();
  if (typeof value !== 'object' || value === null) return [String(value)];
  const members = Object.entries(value).map(([name, member]): [string, Normal] => [
    name,
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html: "*" is {"AWS": "*"} here
    /^(Not)?Principal$/.test(name) && member === '*' ? { AWS: ['*'] } : normal(member),
  ]);
  return Object.fromEntries(members);
}

function isMatch(wanted: Normal, found: Normal | undefined): boolean {
  if (found === undefined) return false;
  const lists = [list(wanted), list(found)] as [string[], string[]];
  if (Array.isArray(wanted) && Array.isArray(found)) return isSameList(...lists);
  if (Array.isArray(wanted) || Array.isArray(found)) return false;
  const [one, other] = [Object.entries(wanted), found as { readonly [name: string]: Normal }];
  return (
    isDeepStrictEqual(new Set(Object.keys(wanted)), new Set(Object.keys(other))) &&
    one.every(([name, member]) => isMatch(member, other[name]))
  );
}

function isSameList(wanted: readonly string[], found: readonly string[]): boolean {
  const left = [...found];
  // What is known whole takes its place first.
  const ordered = [...wanted].sort((one, other) => Number(one.includes(UNKNOWN)) - Number(other.includes(UNKNOWN)));
  return (
    ordered.length === left.length &&
    ordered.every((text) => {
      const at = left.findIndex((one) => isText(text, one));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    })
  );
}

function isText(wanted: string, found: string): boolean {
  if (!wanted.includes(UNKNOWN)) return wanted === found;
  const parts = wanted.split(UNKNOWN).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^*?]+')}$`).test(found);
}

function shown(statement: unknown): string {
  const said = JSON.stringify(statement).replaceAll('\\u0000', '…');
  return said.length > LONGEST ? `${said.slice(0, LONGEST)}…` : said;
}
