import { CLIENT_ENVIRONMENT } from '../core/client-environment';
import { RegistryError } from '../core/registry-error';
import type { PromptClientOptions } from './prompt-client-options';

/**
 * Options as `alias.grants.invoke(fn)` left them in the environment.
 *
 * @throws RegistryError `MissingEnvironment`
 */
export function environmentOptions(
  environment: Readonly<Record<string, string | undefined>>,
): Pick<PromptClientOptions, 'parameterPrefix' | 'alias' | 'snapshot'> {
  const { parameterPrefix: prefixName, alias, snapshot } = CLIENT_ENVIRONMENT;
  const parameterPrefix = environment[prefixName];
  if (!parameterPrefix) {
    throw new RegistryError(
      'MissingEnvironment',
      `${prefixName} must hold a parameter prefix, such as /prompts/prod, found nothing; alias.grants.invoke(fn) sets it`,
    );
  }
  return { parameterPrefix, alias: environment[alias] || undefined, snapshot: environment[snapshot] || undefined };
}
