import { ALIAS_NAME, PROMPT_NAME } from '../core/contract/names';
import { RegistryError } from '../core/registry-error';

/**
 * Name of an alias's SSM parameter. Names may come from outside: what no registry can have made costs no request, and
 * leads to no other parameter.
 *
 * @throws RegistryError `InvalidName`
 */
export function parameterName(prefix: string, promptName: string, aliasName: string): string {
  if (!(/^(\/[\w.-]+)+$/.test(prefix) && PROMPT_NAME.test(promptName) && ALIAS_NAME.test(aliasName))) {
    const found = [prefix, promptName, aliasName].map((name) => `${name}`.slice(0, 100));
    throw new RegistryError('InvalidName', `use names like /prompts/prod,p,PROD, found ${found}`);
  }
  return `${prefix}/${promptName}/${aliasName}`;
}
