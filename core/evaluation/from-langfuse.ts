import { RegistryError } from '../registry-error';
import type { EvaluationCase } from './evaluation-suite';
import { type ForeignCases, foreignId, type LostPart } from './foreign-cases';

/**
 * Cases from the items of a Langfuse dataset, as `GET /api/public/dataset-items` answers them, as a list, or one a line.
 * An input that is a text is the value of the prompt's only variable.
 *
 * @see https://api.reference.langfuse.com/#tag/datasetitems
 */
export function fromLangfuse(source: string, variables: readonly string[]): ForeignCases {
  const lost: LostPart[] = [];
  const taken = new Set<string>();
  const cases = itemsIn(source).flatMap((found, index): EvaluationCase[] => {
    const { id, status, input, expectedOutput } = Object(found) as Record<string, unknown>;
    const where = typeof id === 'string' ? id : `item ${index + 1}`;
    if (status === 'ARCHIVED') {
      lost.push({ where, what: 'is archived', fix: 'nothing, if it is to stay so' });
      return [];
    }
    const values = valuesOf(input, variables);
    if (!values) {
      const what = `its input is no object of texts, and the prompt has ${variables.length} variables`;
      lost.push({ where, what, fix: 'write its variables' });
    }
    return [
      {
        id: foreignId(where, taken),
        variables: values ?? {},
        ...(expectedOutput !== undefined && expectedOutput !== null && { expected: expectedOutput }),
      },
    ];
  });
  const hasTexts =
    cases.length > 0 && cases.every(({ expected }) => typeof expected === 'string' && expected.trim() !== '');
  if (hasTexts) return { cases, metrics: { close: { check: 'token-f1', of: 'expected', atLeast: 0.5 } }, lost };
  lost.push({ where: 'metrics', what: 'a dataset has none', fix: 'write what is compared with expected' });
  return { cases, metrics: { answers: { check: 'max-length', words: 1_000 } }, lost };
}

function valuesOf(input: unknown, variables: readonly string[]): Record<string, string> | undefined {
  const [only, second] = variables;
  if (typeof input === 'string') return only !== undefined && second === undefined ? { [only]: input } : undefined;
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

function itemsIn(source: string): readonly unknown[] {
  try {
    const found: unknown = JSON.parse(source);
    const { data } = Object(found) as { data?: unknown };
    return [Array.isArray(data) ? data : found].flat();
  } catch {
    return source.split('\n').flatMap((line, index) => {
      if (line.trim() === '') return [];
      try {
        return [JSON.parse(line)];
      } catch {
        throw new RegistryError(
          'InvalidSuite',
          `line ${index + 1}: expected JSON, of a list or of one item in each line`,
        );
      }
    });
  }
}
