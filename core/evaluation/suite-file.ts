import { YamlJson } from '../prompt-file/yaml-json';
import { readCases, readCasesFile } from './case-file';
import { CheckReader } from './check-reader';
import {
  CRITICAL_REPEATS,
  type EvaluationSuite,
  type Metric,
  MOST_METRICS,
  OWN_CHECKS,
  suiteDigest,
} from './evaluation-suite';
import { type ReadSuiteFile, SuiteFiles } from './suite-files';
import { SuiteProblems } from './suite-problems';

/** A suite as it was read. */
export interface SuiteFile {
  readonly path: string;
  readonly suite: EvaluationSuite;
  readonly digest: string;
  /** The suite's own and all that it names, each once. */
  readonly files: readonly string[];
  /** Where a case stands, by its id: `prompts/x.cases.jsonl:12`. */
  readonly places: ReadonlyMap<string, string>;
}

const FIELDS = ['cases', 'metrics', 'repeats'];
const METRIC_NAME = /^[a-z][\w-]{0,31}$/i;

/**
 * Reads a suite: `x.eval.yaml` with `cases` (a `.jsonl` file, or a list), `metrics` by name and `repeats`.
 *
 * @param read reads the suite and the files that it names, by paths from where the suite's own is from
 * @throws RegistryError `InvalidSuite`, one line per problem, each with file and line
 */
export function readSuite(path: string, read: ReadSuiteFile): SuiteFile {
  const problems = new SuiteProblems();
  const files = new SuiteFiles(path, read, problems);
  const source = files.text(path, 1);
  problems.throwIfAny();
  const yaml = new YamlJson(source ?? '', (line, message) => problems.add(path, line, message));
  problems.throwIfAny();
  const fields = objectAt(yaml.value, path, problems);
  for (const name of Object.keys(fields)) {
    if (!FIELDS.includes(name))
      problems.add(path, yaml.line([name]), `a suite has no field ${name}: it has ${FIELDS.join(', ')}`);
  }
  const repeats = fields.repeats ?? CRITICAL_REPEATS;
  if (!Number.isSafeInteger(repeats) || (repeats as number) < 1 || (repeats as number) > 10)
    problems.add(
      path,
      yaml.line(['repeats']),
      'repeats is how often a critical case is asked: a whole number from 1 to 10',
    );
  const checks = new CheckReader(files, problems);
  const places = new Map<string, string>();
  const reading = { checks, problems, places };
  const cases =
    typeof fields.cases === 'string'
      ? readCasesFile(files, fields.cases, yaml.line(['cases']), reading)
      : readCases(fields.cases, (index) => ({ path, line: yaml.line(['cases', String(index), 'id']) }), reading, {
          path,
          line: yaml.line(['cases']),
        });
  const metrics = readMetrics(fields.metrics, path, yaml, checks, problems);
  problems.throwIfAny();
  const suite: EvaluationSuite = { cases, metrics, repeats: repeats as number };
  checks.checkWanted(suite, { path, lineOf: (metric) => yaml.line(['metrics', metric]), places });
  problems.throwIfAny();
  return { path, suite, digest: suiteDigest(suite), files: files.paths, places };
}

function readMetrics(
  found: unknown,
  path: string,
  yaml: YamlJson,
  checks: CheckReader,
  problems: SuiteProblems,
): Metric[] {
  if (found === undefined || found === null) return [];
  if (typeof found !== 'object' || Array.isArray(found)) {
    problems.add(
      path,
      yaml.line(['metrics']),
      'metrics have names: write `metrics:`, and below it `exact: { check: equals, of: expected }`',
    );
    return [];
  }
  const metrics = Object.entries(found);
  if (metrics.length > MOST_METRICS)
    problems.add(path, yaml.line(['metrics']), `a suite has at most ${MOST_METRICS} metrics, found ${metrics.length}`);
  return metrics.flatMap(([name, value]) => {
    const line = yaml.line(['metrics', name]);
    if (!METRIC_NAME.test(name) || name === OWN_CHECKS) {
      const reserved =
        name === OWN_CHECKS ? 'is the name of the cases’ own' : 'is a letter and up to 31 letters, digits, _ or -';
      problems.add(path, line, `the name of a metric ${reserved}: rename ${name}`);
    }
    const { only, ...rest } = objectAt(value, path, problems, line);
    const tags = only === undefined ? undefined : [only].flat();
    if (tags && (tags.length === 0 || tags.some((tag) => typeof tag !== 'string' || tag === '')))
      problems.add(path, line, `only of ${name} is a tag, or a list of tags`);
    const check = checks.read(rest, path, (setting) => yaml.line(['metrics', name, setting]));
    return check ? [{ name, check, ...(tags && { only: tags as string[] }) }] : [];
  });
}

function objectAt(value: unknown, path: string, problems: SuiteProblems, line = 1): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  problems.add(
    path,
    line,
    `expected ${line === 1 ? 'cases and metrics' : 'a check such as { check: equals, of: expected }'}`,
  );
  return {};
}
