import { guardrailParameterName } from '../core/contract/guardrail';
import { NO_VERSION } from '../core/contract/no-version';
import { progressParameterName, rolloutParameterName } from '../core/contract/rollout-parameters';
import { versionOfArn } from '../core/contract/version-arn';
import { RegistryError } from '../core/registry-error';
import type { Answer } from './attempts';
import { Stopwatch } from './clock';
import type { PromptClientSettings } from './prompt-client-options';
import { refusal } from './refusal';
import { missingSdk, sdkCall } from './sdk-call';

/** What SSM says of an alias. */
export interface AliasValues {
  readonly versionArn: string;
  /** Values of the parameters below the alias's own; absent where there is none. */
  readonly rollout?: string | undefined;
  readonly progress?: string | undefined;
  readonly guardrail?: string | undefined;
}

/**
 * Asks SSM, with retries, where an alias points, and in the same request for its rollout and its guardrail. Rejects with a
 * RegistryError if the answer is a refusal, with anything else on an outage.
 *
 * @param anew also where the policy allowed the alias alone a moment ago
 */
export type AliasReader = (parameterName: string, anew: boolean) => Promise<Answer<AliasValues>>;

/** Codes of what SSM says about an alias. */
const CODES = ['AliasNotFound', 'AccessDenied'] as const;

export function aliasReader(settings: PromptClientSettings): AliasReader {
  const ask = sdkCall<{ Names: string[] } | { Name: string }, Parameters | undefined>(
    settings,
    CODES,
    async (sdkSettings) => {
      const { GetParameterCommand, GetParametersCommand, SSMClient } = await loadSdk();
      return [
        settings.ssm ?? new SSMClient(sdkSettings),
        (input) => ('Name' in input ? new GetParameterCommand(input) : new GetParametersCommand(input)),
      ];
    },
  );
  /**
   * Since when the policy of an alias, of an older stack or not yet spread, allows to read nothing but the alias itself.
   * Asked again in time: a running caller gets the policy of a newer one, and has to name its guardrail.
   */
  const alone = new Map<string, Stopwatch>();

  return async (name, anew) => {
    const asksAll = anew || (alone.get(name)?.elapsed() ?? Infinity) >= settings.maxStale;
    if (asksAll) {
      const below = [rolloutParameterName(name), progressParameterName(name), guardrailParameterName(name)];
      const names = [name, ...below];
      try {
        return await ask(name, { Names: names }, (answer) => {
          // A missing name is no error of this operation:
          // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
          if (answer?.InvalidParameters?.includes(name)) throw refusal(name, ...CODES, { name: 'ParameterNotFound' });
          alone.delete(name);
          const [own, rollout, progress, guardrail] = names.map(
            (wanted) => answer?.Parameters?.find(({ Name }) => Name === wanted)?.Value,
          );
          return { versionArn: pointedTo(name, own), rollout, progress, guardrail };
        });
      } catch (error) {
        if ((error as RegistryError).code !== 'AccessDenied') throw error;
      }
    }
    return ask(name, { Name: name }, (answer) => {
      if (asksAll) alone.set(name, new Stopwatch(settings.clock));
      return { versionArn: pointedTo(name, answer?.Parameter?.Value) };
    });
  };
}

function pointedTo(name: string, value: string | undefined): string {
  if (!value) throw new Error('empty');
  if (versionOfArn(value) !== null) return value;
  throw new RegistryError(
    value === NO_VERSION ? 'AliasIsNone' : 'InvalidAliasValue',
    `${name} must point to a prompt version, found ${value}; release one`,
  );
}

interface Parameter {
  readonly Name?: string;
  readonly Value?: string;
}

/** What either operation answers. */
interface Parameters {
  readonly Parameter?: Parameter;
  readonly Parameters?: readonly Parameter[];
  readonly InvalidParameters?: readonly string[];
}

/** With `try` and `await`: only so do esbuild, webpack and Rollup see that a package may be missing. */
async function loadSdk() {
  try {
    return await import('@aws-sdk/client-ssm');
  } catch (cause) {
    return missingSdk(cause);
  }
}
