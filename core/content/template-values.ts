/** How a value is looked at: as the author wrote it, with tokens in it, or as it stands in the template. */
export interface TemplateValueOptions {
  /** Tells values that are not known yet (CDK tokens); they are left alone. */
  readonly isUnresolved?: (value: unknown) => boolean;
  /** Whether what reads as a call of CloudFormation's was meant as one: in a resolved template it was a token. */
  readonly callsAreMeant?: boolean;
}

/**
 * What CloudFormation would refuse, read as something else or change in a value that goes into a template; one line
 * for each, which names the field. What comes of each kind of value is listed in docs/prompt-values.md.
 */
export function* templateValueProblems(
  value: unknown,
  path: string,
  options: TemplateValueOptions = {},
): Generator<string> {
  yield* problemsWithin(value, path, options, []);
}

/**
 * `aws-cdk-lib` takes what is 200 levels deep in its template for a circle, and some of them are the template's own:
 * https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/core/lib/private/resolve.ts
 */
const DEEPEST = 180;
/** CDK writes its template by assignment, which loses this key. */
const LOST_KEY = '__proto__';

function* problemsWithin(
  value: unknown,
  path: string,
  options: TemplateValueOptions,
  parents: readonly object[],
): Generator<string> {
  if (value === undefined || options.isUnresolved?.(value)) {
    if (typeof value === 'string') yield* textProblems(value, path, options);
    return;
  }
  switch (typeof value) {
    case 'string':
      return yield* textProblems(value, path, options);
    case 'number':
      return yield* numberProblems(value, path);
    case 'boolean':
      return;
    case 'object':
      if (value === null) return yield nullProblem(path);
      return yield* nestedProblems(value, path, options, parents);
    default:
      yield unwritableProblem(typeof value, path);
  }
}

/** Problems of a list or an object, and of what it holds. */
function* nestedProblems(
  value: object,
  path: string,
  options: TemplateValueOptions,
  parents: readonly object[],
): Generator<string> {
  if (parents.includes(value)) {
    yield `${shortened(path)} holds itself, which JSON cannot represent: leave it out`;
  } else if (parents.length === DEEPEST) {
    yield `${shortened(path)} is nested deeper than ${DEEPEST} levels, more than a template can carry: make it flatter`;
  } else if (Array.isArray(value)) {
    yield* listProblems(value, path, options, parents);
  } else if (isPlain(value)) {
    yield* objectProblems(value as Record<string, unknown>, path, options, parents);
  } else {
    yield unwritableProblem(value.constructor?.name ?? 'object', path);
  }
}

function* listProblems(
  list: readonly unknown[],
  path: string,
  options: TemplateValueOptions,
  parents: readonly object[],
): Generator<string> {
  for (const [index, item] of list.entries()) {
    if (item === undefined) yield `${path}[${index}] is undefined, which is left out of a list: leave it out`;
    else yield* problemsWithin(item, `${path}[${index}]`, options, [...parents, list]);
  }
}

function* objectProblems(
  value: Record<string, unknown>,
  path: string,
  options: TemplateValueOptions,
  parents: readonly object[],
): Generator<string> {
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  for (const name of names) {
    const at = path === '' ? name : `${path}.${name}`;
    const isCall = name === 'Ref' || name.startsWith('Fn::') || (name === 'Condition' && isOnlyText(value, names));
    if (isCall && !options.callsAreMeant) {
      yield `${at} is a key that CloudFormation reads as a call of its own: rename it, or write a token (Fn.ref(), Aws.REGION) where a call is meant`;
      continue;
    }
    if (name === 'Fn::If' && Array.isArray(value[name]) && value[name].slice(1).some(isTyped)) {
      yield `${at} chooses between numbers or booleans, which only CloudFormation could tell from texts: choose in TypeScript, or take a CfnParameter of type Number`;
    }
    if (name === LOST_KEY) yield `${at} is a key that does not come into the template: rename it`;
    yield* textProblems(name, `the key ${JSON.stringify(name)} in ${path || 'it'}`, options);
    yield* problemsWithin(value[name], at, options, [...parents, value]);
  }
}

/** `{"Condition": "IsProd"}` names a condition of the template; among other keys, or with an object, it is a key. */
function isOnlyText(value: Record<string, unknown>, names: readonly string[]): boolean {
  return names.length === 1 && typeof value.Condition === 'string';
}

function unwritableProblem(type: string, path: string): string {
  return `${path} is a ${type}, which JSON cannot represent: write it as a text or a number`;
}

/**
 * `'null' values are not allowed in templates`: aws/aws-cdk#8660, cloudformation-coverage-roadmap#1378. Schemas that
 * pydantic writes have `default: null` for an optional field.
 */
function nullProblem(path: string): string {
  const key = /(\w+)(\[\d+\])?$/.exec(path)?.[1];
  const fix =
    key === 'default'
      ? 'leave default out, which says the same of a field that is not required (pydantic writes it for `x: str | None = None`; drop it from model_json_schema() before you pass the schema on)'
      : key === 'enum' || key === 'const'
        ? "write { type: 'null' } in an anyOf instead"
        : 'leave the field out, or write a text';
  return `${path} is null, and CloudFormation refuses a template that holds null: ${fix}`;
}

function* numberProblems(value: number, path: string): Generator<string> {
  if (!Number.isFinite(value)) {
    yield `${path} is ${value}, which JSON cannot represent: leave it out`;
  } else if (isRounded(value)) {
    yield `${path} is ${value}, a whole number beyond 2^53, which JavaScript rounds: leave it out, write it as a text, or take one that is exact, such as 1e18`;
  }
}

/**
 * What JSON writes with all its digits says them all: 2 ** 60 would be written as a number that it is not. And of more
 * digits than a double keeps, nobody knows which were written: 2 ** 53 + 1 is 2 ** 53 here.
 */
function isRounded(value: number): boolean {
  const written = JSON.stringify(value);
  if (Number.isSafeInteger(value) || !/^-?\d+$/.test(written)) return false;
  return BigInt(written) !== BigInt(value) || written.replace(/^-|0+$/g, '').length > DIGITS;
}

/** Decimal digits that a double keeps in any case. */
const DIGITS = 15;

function shortened(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html */
function* textProblems(value: string, path: string, { callsAreMeant }: TemplateValueOptions): Generator<string> {
  const [unwritable] = UNWRITABLE.exec(value) ?? [];
  if (unwritable !== undefined) {
    const code = unwritable.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    yield `${path} holds U+${code}, a character that a template cannot carry: take it out`;
  }
  if (callsAreMeant ? SECRET.test(value) : value.includes('{{resolve:')) {
    yield callsAreMeant
      ? `${path} holds a dynamic reference to a secret, which CloudFormation would put into the prompt for everybody who may read it: let the caller send it as a variable`
      : `${path} holds {{resolve:, which CloudFormation replaces by what it finds there: write it otherwise, or write a token (new CfnDynamicReference(CfnDynamicReferenceService.SSM, name).toString()) where that is meant`;
  }
}

const SECRET = /\{\{resolve:(ssm-secure|secretsmanager):/;

/**
 * Control characters but tab and line ends, halves of characters, and what Unicode keeps for itself: CloudFormation's
 * API is XML, and its templates are YAML, which have no place for them: https://yaml.org/spec/1.1/#c-printable
 */
const UNWRITABLE = /(?![\t\n\r])[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

function isTyped(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  // Objects from another realm (vitest, vm) have an Object.prototype of their own.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
