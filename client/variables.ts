import { RegistryError } from '../core/registry-error';
import type { RegistryErrorCode } from '../core/registry-error-codes';

/** Values of a prompt's variables. Bedrock takes text only. */
export type PromptVariables = { readonly [name: string]: string };

/**
 * @param declared the prompt's variables; undefined while its content is not known, then only the values are checked
 * @throws RegistryError `InvalidVariable`, `MissingVariable`, `UnknownVariable`
 */
export function checkVariables(
  promptName: string,
  variables: PromptVariables,
  declared: ReadonlySet<string> | undefined,
): void {
  const fail = (code: RegistryErrorCode, name: string, fix: string) => {
    const known = declared ? `; declared: ${[...declared]}` : '';
    throw new RegistryError(code, `${promptName}: variable ${name} ${fix}${known}`);
  };
  for (const [name, value] of Object.entries(variables)) {
    if (typeof value !== 'string') fail('InvalidVariable', name, `must be a string, found ${typeof value}; convert it`);
    if (declared?.has(name) === false) fail('UnknownVariable', name, 'is unknown; remove or rename it');
  }
  for (const name of declared ?? []) {
    if (!Object.hasOwn(variables, name)) fail('MissingVariable', name, 'is missing; pass it');
  }
}
