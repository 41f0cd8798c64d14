import { PROMPT_NAME } from '../../core/contract/names';
import type { HaltAnswer, HaltRequest } from '../../core/contract/rollout-controller';
import { RegistryError } from '../../core/registry-error';
import { checkReleaseReason } from '../../core/release/release-reason';
import { errorCode } from '../error-code';
import type { RolloutDeps } from './deps';
import { roll } from './roll';
import { type RollingAlias, rollingAliases } from './rolling-aliases';

/** A request, or whatever wakes the controller: a minute that is over, an alarm that goes off. */
export type RolloutEvent = Partial<HaltRequest>;

/** What Lambda says of an invocation. */
export interface Invocation {
  /** By which CloudTrail knows who asked. */
  readonly id?: string;
  /** Milliseconds until Lambda ends it. @default - as many as it needs */
  readonly remaining?: () => number;
}

/**
 * Rollouts that are looked after at a time. Each waits for a third of a second and writes once: some 14 of the 40 calls a
 * second that Parameter Store takes of an account and Region, its readers among them. Where it takes fewer writes, the SDK
 * waits and asks again.
 * https://docs.aws.amazon.com/general/latest/gr/ssm.html
 */
const AT_A_TIME = 5;

/** Milliseconds of an invocation in which no other rollout is begun with, so that who asks for a halt comes in between. */
const RESERVE = 20_000;

/** A rollout moves between its authorised steps, or to a halt: this is all that may be asked of the controller. */
export async function controlRollouts(
  event: RolloutEvent,
  deps: RolloutDeps,
  { id, remaining = () => Number.POSITIVE_INFINITY }: Invocation = {},
): Promise<HaltAnswer | undefined> {
  const look = async () => tick(await rollingBelow(deps.registry, deps), remaining, deps);
  if (!event?.halt) return look();
  let isHalted = false;
  try {
    const answer = await halt(event.halt, id, deps);
    isHalted = answer.outcome === 'halted';
    return answer;
  } finally {
    // There is one controller: who may ask could keep it from every rollout, and its guards from looking, by requests that
    // halt nothing, one after the other.
    if (!isHalted)
      await look().catch((error: unknown) => deps.log('ERROR', 'no look after rollouts', shownError(error)));
  }
}

async function rollingBelow(path: string, { registry, parameters }: RolloutDeps): Promise<RollingAlias[]> {
  return rollingAliases(registry, await parameters.below(path));
}

/** Asks for one prompt's parameters: a registry may have thousands, ten to a page. */
async function halt(
  { prompt, alias, reason = null }: HaltRequest['halt'],
  id: string | undefined,
  deps: RolloutDeps,
): Promise<HaltAnswer> {
  if (reason !== null) checkReleaseReason(reason);
  const aliases = PROMPT_NAME.test(prompt) ? await rollingBelow(`${deps.registry}/${prompt}`, deps) : [];
  const asked = aliases.find((one) => one.prompt === prompt && one.alias === alias);
  if (!asked) return { outcome: 'no-rollout' };
  const { rollout, steps, appended } = await roll(asked, { reason, id }, deps);
  const halted = steps.find(({ kind }) => kind === 'halt');
  if (!rollout || !halted) return { outcome: 'no-rollout' };
  const outcome = appended.includes(halted.n) ? 'halted' : 'halted-before';
  return { outcome, plan: rollout.plan, n: halted.n, step: halted.step, reason: halted.reason };
}

/**
 * One alias that cannot be rolled on stops no other. Its readers are on stable in time, and the function has failed. Where
 * there are more than fit into an invocation, each minute begins with others.
 */
async function tick(aliases: readonly RollingAlias[], remaining: () => number, deps: RolloutDeps): Promise<undefined> {
  const waiting = startingElsewhere(aliases, deps.now());
  const failed = new Map<RollingAlias, string>();
  const lookAfterSome = async () => {
    while (remaining() > RESERVE) {
      const alias = waiting.shift();
      if (alias === undefined) return;
      await roll(alias, undefined, deps).catch((error: unknown) => {
        deps.log('ERROR', 'rollout stopped', { prompt: alias.prompt, alias: alias.alias, ...shownError(error) });
        failed.set(alias, `${alias.prompt} ${alias.alias}: ${errorCode(error)}`);
      });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lookAfterSome));
  const names = aliases.flatMap((alias) => failed.get(alias) ?? []);
  const late = waiting.length === 0 ? [] : [`${waiting.length} of ${aliases.length}, for which no time was left`];
  if (names.length + late.length > 0) {
    const fix = late.length === 0 ? '' : '; end some, or raise the throughput of Parameter Store';
    throw new RegistryError(
      'RolloutStopped',
      `expected to look after every rollout, could not after ${[...names, ...late].join(', ')}${fix}`,
    );
  }
}

/** By the golden ratio: whatever share of them fits into a minute, each has its turn within few. */
function startingElsewhere(aliases: readonly RollingAlias[], now: number): RollingAlias[] {
  const turn = (Math.floor(now / 60_000) * ((Math.sqrt(5) - 1) / 2)) % 1;
  const first = Math.floor(turn * aliases.length);
  return [...aliases.slice(first), ...aliases.slice(0, first)];
}

function shownError(error: unknown) {
  return { error: errorCode(error), why: error instanceof Error ? error.message : String(error) };
}
