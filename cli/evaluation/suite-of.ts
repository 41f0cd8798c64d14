import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readSuite, type SuiteFile } from '../../core/evaluation/suite-file';
import { CliError } from '../cli-error';
import type { OptionValues } from '../command';
import { fileIfThere } from '../file-if-there';

/** Where suites stand, as prompt files do. */
const FOLDERS = ['prompts', '.'];

/** The suite of a prompt: the one that `--suite` names, or `PROMPT.eval.yaml` in prompts/ or here. */
export function suiteOf(promptName: string, { suite }: OptionValues): SuiteFile {
  return readSuite(suitePath(promptName, suite as string | undefined), fileIfThere);
}

/** @throws CliError where there is none */
export function suitePath(promptName: string, given: string | undefined): string {
  if (given !== undefined) return given;
  const paths = FOLDERS.map((folder) => join(folder, `${promptName}.eval.yaml`));
  const found = paths.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new CliError({
    what: `${promptName} has no suite: there is no ${paths.join(' and no ')}`,
    fix: `write it (docs/evaluations.md), or name it: --suite FILE`,
  });
}
