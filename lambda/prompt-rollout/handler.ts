import type { HaltAnswer, HaltRequest } from '../../core/contract/rollout-controller';
import { RegistryError } from '../../core/registry-error';
import { checkReleaseReason } from '../../core/release/release-reason';
import { errorCode } from '../error-code';
import type { RolloutDeps } from './deps';
import { roll } from './roll';
import { type RollingAlias, rollingAliases } from './rolling-aliases';

/** A request, or whatever wakes the controller: a minute that is over, an alarm that goes off. */
export type RolloutEvent = Partial<HaltRequest>;

/**
 * A rollout moves between its authorised steps, or to a halt: this is all that may be asked of the controller.
 *
 * @param id Lambda's of the invocation, by which CloudTrail knows who asked
 */
export async function controlRollouts(
  event: RolloutEvent,
  deps: RolloutDeps,
  id?: string,
): Promise<HaltAnswer | undefined> {
  const aliases = rollingAliases(deps.registry, await deps.parameters.below(deps.registry));
  return event?.halt ? halt(event.halt, id, aliases, deps) : tick(aliases, deps);
}

async function halt(
  { prompt, alias, reason = null }: HaltRequest['halt'],
  id: string | undefined,
  aliases: readonly RollingAlias[],
  deps: RolloutDeps,
): Promise<HaltAnswer> {
  if (reason !== null) checkReleaseReason(reason);
  const asked = aliases.find((one) => one.prompt === prompt && one.alias === alias);
  if (!asked) return { outcome: 'no-rollout' };
  const { rollout, steps, appended } = await roll(asked, { reason, id }, deps);
  const halted = steps.find(({ kind }) => kind === 'halt');
  if (!rollout || !halted) return { outcome: 'no-rollout' };
  const outcome = appended.includes(halted.n) ? 'halted' : 'halted-before';
  return { outcome, plan: rollout.plan, n: halted.n, step: halted.step, reason: halted.reason };
}

/** One alias that cannot be rolled on stops no other. Its readers are on stable in time, and the function has failed. */
async function tick(aliases: readonly RollingAlias[], deps: RolloutDeps): Promise<undefined> {
  const failed: string[] = [];
  for (const alias of aliases) {
    try {
      await roll(alias, undefined, deps);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      deps.log('ERROR', 'rollout stopped', { prompt: alias.prompt, alias: alias.alias, error: errorCode(error), why });
      failed.push(`${alias.prompt} ${alias.alias}: ${errorCode(error)}`);
    }
  }
  if (failed.length > 0) {
    throw new RegistryError(
      'RolloutStopped',
      `expected to look after every rollout, could not after ${failed.join(', ')}`,
    );
  }
}
