import { AwsError, notImplemented } from '../aws-error';

type Pattern = { readonly [field: string]: unknown };
type Test = (value: unknown) => boolean;

/** What a field must be: one of these; `absent` is satisfied by a field that is not there. */
interface Leaf {
  readonly tests: readonly Test[];
  readonly absent: boolean;
}

/** A parsed pattern: all fields must match, and one branch of each `$or`. */
interface Node {
  readonly fields: ReadonlyMap<string, Node | Leaf>;
  readonly either?: readonly Node[];
}

/**
 * An event pattern, with the operators of
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html but `cidr`.
 *
 * A field that the event lacks matches nothing but `{"exists": false}`: not even `anything-but`. Of a field that holds
 * an array one element must match. Throws InvalidEventPatternException for what is not a pattern, 501 for `cidr`.
 */
export class EventPattern {
  private readonly root: Node;

  constructor(readonly text: string) {
    let pattern: unknown;
    try {
      pattern = JSON.parse(text);
    } catch {
      throw invalid('it is not JSON');
    }
    this.root = parseNode(pattern, '');
  }

  matches(event: object): boolean {
    return matchesNode(this.root, event);
  }
}

function parseNode(pattern: unknown, at: string): Node {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) {
    throw invalid(`${at || 'the pattern'} must be a filled object or an array`);
  }
  const fields = new Map<string, Node | Leaf>();
  let either: Node[] | undefined;
  for (const [name, value] of Object.entries(pattern)) {
    const path = at ? `${at}.${name}` : name;
    if (name === '$or') {
      either = parseEither(value, path);
    } else {
      fields.set(name, Array.isArray(value) ? parseLeaf(value, path) : parseNode(value, path));
    }
  }
  return { fields, either };
}

function parseEither(branches: unknown, at: string): Node[] {
  if (!Array.isArray(branches) || branches.length < 2) {
    throw invalid(`${at} must be an array of two patterns or more`);
  }
  return branches.map((branch, index) => parseNode(branch, `${at}[${index}]`));
}

function parseLeaf(values: readonly unknown[], at: string): Leaf {
  if (values.length === 0) {
    throw invalid(`${at}: empty arrays are not allowed`);
  }
  const isAbsence = (value: unknown) => isObject(value) && value.exists === false;
  const tests = values.filter((value) => !isAbsence(value)).map((value) => parseTest(value, at));
  return { tests, absent: values.some(isAbsence) };
}

function parseTest(value: unknown, at: string): Test {
  if (isScalar(value)) {
    return (found) => found === value;
  }
  const [operator, operand] = onlyMember(value, at);
  switch (operator) {
    case 'exists':
      if (operand !== true) {
        throw invalid(`${at}: exists must be true or false`);
      }
      return () => true;
    case 'anything-but':
      return parseAnythingBut(operand, at);
    case 'numeric':
      return parseNumeric(operand, at);
    case 'cidr':
      throw notImplemented('event patterns with cidr');
    default:
      return parseText(operator, operand, at);
  }
}

/** The operators on strings; each of them can stand in `anything-but`, too. */
function parseText(operator: string, operand: unknown, at: string): Test {
  const isRelaxed = isObject(operand) && (operator === 'prefix' || operator === 'suffix');
  const text = isRelaxed ? onlyMember(operand, at, 'equals-ignore-case')[1] : operand;
  if (typeof text !== 'string' || (text === '' && operator !== 'equals-ignore-case')) {
    throw invalid(`${at}: ${operator} takes a string`);
  }
  const fold = (value: string) => (isRelaxed || operator === 'equals-ignore-case' ? value.toLowerCase() : value);
  const onString = (test: (value: string) => boolean): Test => {
    return (value) => typeof value === 'string' && test(fold(value));
  };
  switch (operator) {
    case 'prefix':
      return onString((value) => value.startsWith(fold(text)));
    case 'suffix':
      return onString((value) => value.endsWith(fold(text)));
    case 'equals-ignore-case':
      return onString((value) => value === fold(text));
    case 'wildcard': {
      const expression = wildcard(text, at);
      return onString((value) => expression.test(value));
    }
    default:
      throw invalid(`${at}: Unrecognized match type ${operator}`);
  }
}

function parseAnythingBut(operand: unknown, at: string): Test {
  if (isObject(operand)) {
    const [operator, values] = onlyMember(operand, at);
    const tests = [values].flat().map((value) => parseText(operator, value, at));
    return (value) => tests.length > 0 && !tests.some((test) => test(value));
  }
  const values = [operand].flat();
  const types = new Set(values.map((value) => typeof value));
  if (values.length === 0 || types.size > 1 || !(types.has('string') || types.has('number'))) {
    throw invalid(`${at}: anything-but takes strings only, or numbers only`);
  }
  return (value) => !values.includes(value);
}

const comparisons: Record<string, (a: number, b: number) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
  '>=': (a, b) => a >= b,
  '>': (a, b) => a > b,
};

function parseNumeric(operand: unknown, at: string): Test {
  const parts: unknown[] = Array.isArray(operand) ? operand : [];
  const tests: ((value: number) => boolean)[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const [compare, limit] = [comparisons[String(parts[i])], parts[i + 1]];
    if (!compare || typeof limit !== 'number') {
      throw invalid(`${at}: numeric takes comparisons and numbers`);
    }
    tests.push((value) => compare(value, limit));
  }
  if (tests.length < 1 || tests.length > 2) {
    throw invalid(`${at}: numeric takes one comparison or two`);
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

/** `*` stands for any characters, `\*` for itself. */
function wildcard(text: string, at: string): RegExp {
  const parts: string[] = text.match(/\\[*\\]|[\s\S]/g) ?? [];
  if (/(^|[^\\])(\\\\)*\*\*/.test(text) || parts.includes('\\')) {
    throw invalid(`${at}: wildcard has consecutive * or a backslash before something else than * and \\`);
  }
  const source = parts.map((part) => (part === '*' ? '[\\s\\S]*' : escaped(part.length === 2 ? part.slice(1) : part)));
  return new RegExp(`^${source.join('')}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function matchesNode({ fields, either }: Node, value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.some((element) => matchesNode({ fields, either }, element));
  }
  const event = isObject(value) ? value : {};
  const all = [...fields].every(([name, part]) =>
    'tests' in part ? matchesLeaf(part, event[name]) : matchesNode(part, event[name]),
  );
  return all && (either === undefined || either.some((branch) => matchesNode(branch, event)));
}

/** An object is no leaf, so that for a leaf it does not exist. */
function matchesLeaf({ tests, absent }: Leaf, value: unknown): boolean {
  const leaves = [value].flat().filter((element) => element !== undefined && !isObject(element));
  return leaves.length === 0 ? absent : leaves.some((leaf) => tests.some((test) => test(leaf)));
}

function onlyMember(value: unknown, at: string, expected?: string): [string, unknown] {
  const [member, ...others] = Object.entries(isObject(value) ? value : {});
  if (!member || others.length > 0 || (expected !== undefined && member[0] !== expected)) {
    throw invalid(`${at}: expected one operator${expected ? `, ${expected}` : ''}`);
  }
  return member;
}

function isObject(value: unknown): value is Pattern {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function invalid(reason: string): AwsError {
  return new AwsError('InvalidEventPatternException', 400, `Event pattern is not valid. Reason: ${reason}`);
}
