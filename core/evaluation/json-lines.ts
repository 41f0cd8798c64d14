import type { SuiteProblems } from './suite-problems';

/** The values of JSON Lines with their lines; a line that is no JSON is a problem. */
export function jsonLines(source: string, path: string, problems: SuiteProblems): { value: unknown; line: number }[] {
  return source.split('\n').flatMap((text, index) => {
    if (text.trim() === '') return [];
    try {
      return [{ value: JSON.parse(text), line: index + 1 }];
    } catch (error) {
      problems.add(path, index + 1, `expected JSON in one line: ${(error as Error).message}`);
      return [];
    }
  });
}
