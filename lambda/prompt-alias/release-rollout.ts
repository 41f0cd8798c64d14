import { formatRollout } from '../../core/contract/rollout-parameters';
import { newestStep, type StepSource } from '../../core/ledger/newest-step';
import type { Places } from '../../core/ledger/places';
import type { EndedRollout, Rollout } from '../../core/ledger/record-schema-2';
import { isRollingOut, rolloutOnTheWayBack } from '../../core/release/rollout-state';
import { parseRolloutSettings } from '../../core/rollout/settings';
import { askAgain } from '../ask-again';
import type { HandlerClock } from '../clock';
import { errorCode } from '../error-code';
import type { Log } from '../log';
import type { Release } from './release';

/** The rollout that is in force and that the release leaves in force; null for none. */
export function runningRollout(before: Places | undefined, { to, candidate }: Release): Rollout | null {
  const isRunning = candidate !== null && isRollingOut(before, to?.version ?? null, candidate.version);
  return isRunning ? (before?.rollout ?? null) : null;
}

/** The rollout that the release begins; null for none. It keeps the settings of its start. */
export function newRollout({ candidate, settings, revision }: Release): Rollout | null {
  if (candidate === null || settings === undefined) return null;
  return { plan: revision + 1, candidate, ...parseRolloutSettings(settings) };
}

/** The rollout that was in force where the release goes back to. */
export async function rolloutToGoBackTo(
  { to, candidate, withdrawn }: Release,
  places: AsyncIterable<Places>,
): Promise<Rollout | null> {
  const isCandidate =
    candidate === null ? undefined : ({ version }: Rollout['candidate']) => version === candidate.version;
  return rolloutOnTheWayBack({ version: to?.version ?? null, isCandidate, withdrawn }, places);
}

export interface EndedRolloutDeps {
  readonly store: StepSource;
  readonly clock: HandlerClock;
  readonly log: Log;
}

/**
 * The rollout that a record ends, and how far it came. Steps that cannot be read hold nobody up: the release may be what takes
 * a bad candidate away.
 *
 * @param after in force from the record on
 */
export async function endedRollout(
  { promptId, aliasName }: Release,
  before: Places | undefined,
  after: Rollout | null,
  { store, clock, log }: EndedRolloutDeps,
): Promise<EndedRollout | null> {
  const ended = before?.rollout;
  if (!ended || ended.plan === after?.plan) return null;
  const { plan } = ended;
  try {
    const step = await askAgain(() => newestStep(store, { promptId, alias: aliasName, plan }), clock);
    return { plan, n: step?.n ?? 0, head: step?.head ?? null };
  } catch (error) {
    log('WARN', 'steps of the rollout not read', { plan, error: errorCode(error) });
    return { plan, n: null, head: null };
  }
}

/** What the parameter `rollout` says of it. */
export function rolloutValue({ versionArn }: Release, rollout: Rollout | null): string {
  if (rollout === null) return formatRollout(null);
  const { plan, candidate, steps, key, scores } = rollout;
  const to = `${versionArn.slice(0, versionArn.lastIndexOf(':'))}:${candidate.version}`;
  return formatRollout({ plan, to, steps, salt: candidate.digest, key, scores });
}
