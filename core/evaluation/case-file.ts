import type { CheckReader } from './check-reader';
import { type Check, type EvaluationCase, MOST_CASES } from './evaluation-suite';
import { jsonLines } from './json-lines';
import type { SuiteFiles } from './suite-files';
import type { SuiteProblems } from './suite-problems';

export interface CaseReading {
  readonly checks: CheckReader;
  readonly problems: SuiteProblems;
  /** Filled: where each case stands. */
  readonly places: Map<string, string>;
}

interface Place {
  readonly path: string;
  readonly line: number;
}

const FIELDS = ['id', 'variables', 'expected', 'checks', 'critical', 'tags'];
/** Ids of failed critical cases stand in signed reviews, each in full. */
const ID = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.:@/+-]{0,63}$/u;

/** Reads cases from JSON Lines: a case in each line, empty lines between them do not count. */
export function readCasesFile(
  files: SuiteFiles,
  relative: string,
  line: number,
  reading: CaseReading,
): EvaluationCase[] {
  const path = files.resolve(relative);
  const source = files.text(path, line);
  if (source === undefined) return [];
  const found: unknown[] = [];
  const lines: number[] = [];
  for (const { value, line: at } of jsonLines(source, path, reading.problems)) {
    found.push(value);
    lines.push(at);
  }
  return readCases(found, (index) => ({ path, line: lines[index] ?? 1 }), reading, { path, line: 1 });
}

/** Reads a list of cases. */
export function readCases(
  found: unknown,
  placeOf: (index: number) => Place,
  reading: CaseReading,
  list: Place,
): EvaluationCase[] {
  const { problems } = reading;
  if (!Array.isArray(found)) {
    problems.add(list.path, list.line, 'cases are the path of a .jsonl file, or a list');
    return [];
  }
  if (found.length === 0 && problems.isEmpty)
    problems.add(list.path, list.line, 'a suite needs cases, found none: write one');
  if (found.length > MOST_CASES) {
    const most = MOST_CASES.toLocaleString('en');
    problems.add(
      list.path,
      list.line,
      `a suite has at most ${most} cases, found ${found.length.toLocaleString('en')}: divide it`,
    );
    return [];
  }
  return found.flatMap((value, index) => readCase(value, placeOf(index), reading));
}

function readCase(value: unknown, { path, line }: Place, { checks, problems, places }: CaseReading): EvaluationCase[] {
  const refuse = (message: string) => problems.add(path, line, message);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse('expected a case such as {"id": "amzn", "variables": {"ticker": "AMZN"}}');
    return [];
  }
  const { id, variables = {}, expected, critical, tags, checks: own, ...rest } = value as Record<string, unknown>;
  for (const name of Object.keys(rest))
    refuse(`a case has no field ${name}: it has ${FIELDS.join(', ')}; what metrics compare with goes into expected`);
  if (typeof id !== 'string' || !ID.test(id)) {
    const words = 'a case needs an id: a letter or digit, then up to 63 letters, digits or _ . : @ / + -';
    refuse(id === undefined ? words : `${words}, found ${JSON.stringify(id)}`);
    return [];
  }
  takeId(id, `${path}:${line}`, places, refuse);
  checkVariables(id, variables, refuse);
  if (critical !== undefined && typeof critical !== 'boolean') refuse(`critical of ${id} is true or false`);
  if (!isTags(tags)) refuse(`tags of ${id} are a list of texts`);
  const ownChecks = readOwnChecks(id, own, { path, line }, checks, refuse);
  return [
    {
      id,
      variables: variables as Record<string, string>,
      ...(expected !== undefined && { expected }),
      ...(ownChecks && { checks: ownChecks }),
      ...(critical === true && { critical }),
      ...(Array.isArray(tags) && tags.length > 0 && { tags: tags as string[] }),
    },
  ];
}

function takeId(id: string, place: string, places: Map<string, string>, refuse: (message: string) => void): void {
  const before = places.get(id);
  if (before) refuse(`the id ${id} is taken by ${before}: rename one of them`);
  else places.set(id, place);
}

function isTags(tags: unknown): boolean {
  return tags === undefined || (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string' && tag !== ''));
}

function checkVariables(id: string, variables: unknown, refuse: (message: string) => void): void {
  if (typeof variables !== 'object' || variables === null || Array.isArray(variables)) {
    refuse(`variables of ${id} are an object: {"ticker": "AMZN"}`);
    return;
  }
  for (const [name, value] of Object.entries(variables)) {
    if (typeof value !== 'string')
      refuse(
        `variable ${name} of ${id} must be a text, found ${JSON.stringify(value)}: Bedrock takes texts only, write it in quotes`,
      );
  }
}

function readOwnChecks(
  id: string,
  found: unknown,
  { path, line }: Place,
  checks: CheckReader,
  refuse: (message: string) => void,
): Check[] | undefined {
  if (found === undefined) return undefined;
  if (!Array.isArray(found) || found.length === 0) {
    refuse(`checks of ${id} are a list: [{"check": "contains-all", "value": ["20-for-1"]}]`);
    return undefined;
  }
  return found.flatMap((one) => checks.read(one, path, () => line, 'case') ?? []);
}
