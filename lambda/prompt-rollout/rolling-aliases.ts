import { NO_VERSION } from '../../core/contract/no-version';
import { progressParameterName, rolloutParameterName } from '../../core/contract/rollout-parameters';
import { parseVersionArn } from '../../core/contract/version-arn';

/** Parameters by their names. */
export interface Parameters {
  /** All below a path, at any depth. */
  below(path: string): Promise<ReadonlyMap<string, string>>;
  /** Writes one that exists, and makes none. */
  overwrite(name: string, value: string): Promise<void>;
}

/** An alias that has, or had until now, a rollout. */
export interface RollingAlias {
  readonly prompt: string;
  readonly alias: string;
  readonly promptId: string;
  readonly progressName: string;
  /** What its `rollout-progress` holds. */
  readonly value: string;
}

/**
 * Where a rollout may be in force, as far as parameters tell; the ledger tells whether one is. An alias without the option
 * has no progress to write, and one whose three parameters are not all there yet gets it with the next tick.
 */
export function rollingAliases(prefix: string, values: ReadonlyMap<string, string>): RollingAlias[] {
  return [...values].flatMap(([name, pointer]) => {
    const [prompt = '', alias = '', more] = name.slice(prefix.length + 1).split('/');
    const promptId = parseVersionArn(pointer)?.promptId;
    const plan = values.get(rolloutParameterName(name));
    const progressName = progressParameterName(name);
    const value = values.get(progressName);
    if (more !== undefined || promptId === undefined || plan === undefined || value === undefined) return [];
    if (plan === NO_VERSION && value === NO_VERSION) return [];
    return [{ prompt, alias, promptId, progressName, value }];
  });
}
