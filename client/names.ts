import { RegistryError } from '../core/registry-error';

/**
 * Name of an alias's SSM parameter. Looser than the registry's own rules, which hold where names are given: here it
 * only matters that a name from outside cannot lead to another parameter.
 *
 * @throws RegistryError `InvalidName`
 */
export function parameterName(prefix: string, promptName: string, aliasName: string): string {
  // The space keeps the prefix, which has slashes of its own, apart from two names that must have none.
  if (!/^(\/[\w.-]+)+ [\w-]+\/[\w-]+$/.test(`${prefix} ${promptName}/${aliasName}`)) {
    const found = [prefix, promptName, aliasName];
    throw new RegistryError('InvalidName', `use names like /prompts/prod,p,PROD, found ${found}`);
  }
  return `${prefix}/${promptName}/${aliasName}`;
}
