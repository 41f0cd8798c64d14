import { RegistryError } from '../core/registry-error';
import { failureOf } from './failure';
import { type SdkClient, sdkCall } from './sdk-call';
import { parseVersionArn } from './version-arn';

/** Asks SSM once where an alias points: the version's ARN. Throws a RegistryError if the answer is a refusal. */
export type AliasReader = (parameterName: string, signal: AbortSignal) => Promise<string>;

export function aliasReader(given: SdkClient | undefined, settings: object): AliasReader {
  const getParameter = sdkCall<{ Name: string }, { Parameter?: { Value?: string } } | undefined>(
    '@aws-sdk/client-ssm',
    async () => {
      const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
      return [given ?? new SSMClient(settings), GetParameterCommand];
    },
  );
  return async (parameterName, signal) => {
    const answer = await getParameter({ Name: parameterName }, signal).catch((cause) => {
      throw refusalOf(parameterName, cause) ?? cause;
    });
    const value = answer?.Parameter?.Value;
    if (value === undefined) throw new Error('SSM answered without a value');
    if (value === 'none') {
      throw new RegistryError('AliasIsNone', `${parameterName} points to no version; release one to it`);
    }
    if (!parseVersionArn(value)) {
      throw new RegistryError(
        'InvalidAliasValue',
        `${parameterName} must hold a prompt version's ARN or none, found ${JSON.stringify(value.slice(0, 200))}; deploy the registry again`,
      );
    }
    return value;
  };
}

function refusalOf(parameterName: string, cause: unknown): RegistryError | undefined {
  const failure = failureOf(cause);
  if (failure === 'outage') return undefined;
  return failure === 'gone'
    ? new RegistryError(
        'AliasNotFound',
        `${parameterName} does not exist; check the prompt's and the alias's name, the prefix and the Region`,
        { cause },
      )
    : new RegistryError(
        'AccessDenied',
        `${parameterName} may not be read (${(cause as Error).name}); grant it: alias.grants.invoke(fn)`,
        { cause },
      );
}
