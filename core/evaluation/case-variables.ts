import type { AskedContent } from './asked-content';
import type { SuiteFile } from './suite-file';
import { SuiteProblems } from './suite-problems';

/**
 * Whether each case gives every variable of the contents that are asked, and none that nobody knows.
 *
 * @throws RegistryError `InvalidSuite`, one line per problem: `prompts/x.cases.jsonl:12: …`
 */
export function checkCaseVariables(
  { suite, places }: Pick<SuiteFile, 'suite' | 'places'>,
  contents: readonly Pick<AskedContent, 'label' | 'variables'>[],
): void {
  const problems = new SuiteProblems();
  const known = [...new Set(contents.flatMap((content) => [...content.variables]))];
  for (const { id, variables } of suite.cases) {
    const [, path = '', line = '1'] = /^(.*):(\d+)$/.exec(places.get(id) ?? '') ?? [];
    const given = Object.keys(variables);
    const unknown = given
      .filter((name) => !known.includes(name))
      .map(
        (name) =>
          `${id} gives ${name}, which nobody asks for: variables are ${known.join(', ') || 'none'}; remove or rename it`,
      );
    const missing = contents.flatMap((content) =>
      [...content.variables]
        .filter((name) => !given.includes(name))
        .map((name) => `${id} gives no ${name}, which ${content.label} needs: add it`),
    );
    for (const message of [...unknown, ...missing]) problems.add(path, Number(line), message);
  }
  problems.throwIfAny();
}
