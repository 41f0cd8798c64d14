import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Check } from '../../core/evaluation/evaluation-suite';
import type { OwnCheck } from '../../core/evaluation/run-suite';
import { CliError } from '../cli-error';

/** Loads checks in code, each module once for each text that it has: `--watch` sees what was changed. */
export function ownChecks(suitePath: string): (check: Check) => Promise<OwnCheck> {
  return async ({ module, export: name = 'default', code }) => {
    const path = resolve(dirname(suitePath), module as string);
    const loaded = await load(path, code as string);
    const found = loaded[name as string];
    if (typeof found === 'function') return found as OwnCheck;
    throw new CliError({
      what: `${path} exports no function ${name}`,
      fix: 'export default (answer, case) => answer.text.length > 0;',
    });
  };
}

async function load(path: string, code: string): Promise<Record<string, unknown>> {
  try {
    return await import(`${pathToFileURL(path)}?${code}`);
  } catch (cause) {
    throw new CliError({ what: `cannot load ${path}`, why: (cause as Error).message }, undefined, { cause });
  }
}
