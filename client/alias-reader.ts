import { NO_VERSION } from '../core/contract/no-version';
import { versionOfArn } from '../core/contract/version-arn';
import { RegistryError } from '../core/registry-error';
import type { Answer } from './attempts';
import type { PromptClientSettings } from './prompt-client-options';
import { missingSdk, sdkCall } from './sdk-call';

/**
 * Asks SSM, with retries, where an alias points: the version's ARN. Rejects with a RegistryError if the answer is a
 * refusal, with anything else on an outage.
 */
export type AliasReader = (parameterName: string) => Promise<Answer<string>>;

export function aliasReader(settings: PromptClientSettings): AliasReader {
  const getParameter = sdkCall<{ Name: string }, { Parameter?: { Value?: string } } | undefined>(
    settings,
    ['AliasNotFound', 'AccessDenied'],
    async (sdkSettings) => {
      const { GetParameterCommand, SSMClient } = await loadSdk();
      return [settings.ssm ?? new SSMClient(sdkSettings), GetParameterCommand];
    },
  );
  return (Name) =>
    getParameter(Name, { Name }, (answer) => {
      const value = answer?.Parameter?.Value;
      if (!value) throw new Error('empty');
      if (versionOfArn(value) !== null) return value;
      throw new RegistryError(
        value === NO_VERSION ? 'AliasIsNone' : 'InvalidAliasValue',
        `${Name} must point to a prompt version, found ${value}; release one`,
      );
    });
}

/** With `try` and `await`: only so do esbuild, webpack and Rollup see that a package may be missing. */
async function loadSdk() {
  try {
    return await import('@aws-sdk/client-ssm');
  } catch (cause) {
    return missingSdk(cause);
  }
}
