import {
  ALIAS_VARIABLE,
  PREFIX_VARIABLE,
  PRICES_VARIABLE,
  SNAPSHOT_VARIABLE,
} from '../core/contract/client-environment';
import { RegistryError } from '../core/registry-error';
import type { PromptClientOptions } from './prompt-client-options';

/**
 * Options as `alias.grants.invoke(fn)` left them in the environment.
 *
 * @throws RegistryError `MissingEnvironment`
 */
export function environmentOptions(
  environment: Readonly<Record<string, string | undefined>>,
): Pick<PromptClientOptions, 'parameterPrefix' | 'alias' | 'snapshot' | 'prices'> {
  const parameterPrefix = environment[PREFIX_VARIABLE];
  if (!parameterPrefix) {
    throw new RegistryError('MissingEnvironment', `${PREFIX_VARIABLE} is not set; alias.grants.invoke(fn) sets it`);
  }
  return {
    parameterPrefix,
    alias: environment[ALIAS_VARIABLE],
    snapshot: environment[SNAPSHOT_VARIABLE],
    prices: pricesIn(environment[PRICES_VARIABLE]),
  };
}

/** No prices cost no call: what cannot be read gives no figures, and a warning. */
function pricesIn(text: string | undefined): PromptClientOptions['prices'] {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch (error) {
    process.emitWarning(`prompt-registry: ${PRICES_VARIABLE} is not JSON: ${(error as Error).message}`);
    return undefined;
  }
}
