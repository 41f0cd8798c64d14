import { canonicalJson } from '../content/canonical-json';
import { isSteps, ROLLOUT_KEYS } from '../contract/rollout-parameters';
import type { Rollout } from '../ledger/record-schema-2';
import { RegistryError } from '../registry-error';

/** How an alias rolls out, as its app says: what a rollout takes over when it begins, and keeps. */
export type RolloutSettings = Pick<Rollout, 'steps' | 'bake' | 'minimum' | 'key' | 'guards'>;

/** The guard that compares failures of both versions. Every other guard is the ARN of an alarm. */
export const ERRORS_GUARD = 'errors';

/** Within these a rollout can be watched: the metrics of a minute are kept for 15 days. */
export const ROLLOUT_LIMITS = { steps: 10, bakeSeconds: 7 * 86_400, minimumUses: 1_000_000, guards: 10 } as const;

const ALARM_ARN = /^arn:[a-z0-9-]+:cloudwatch:[a-z0-9-]+:[0-9]{12}:alarm:.{1,255}$/;

/** The settings as properties of plan and record carry them: canonical JSON. */
export function formatRolloutSettings(settings: RolloutSettings): string {
  return canonicalJson(settings);
}

/**
 * The inverse of {@link formatRolloutSettings}.
 *
 * @throws RegistryError `InvalidRollout`
 */
export function parseRolloutSettings(text: string): RolloutSettings {
  let found: Partial<Rollout>;
  try {
    found = JSON.parse(text) as Partial<Rollout>;
  } catch {
    throw invalid('settings of a rollout as JSON', text);
  }
  const { steps, bake, minimum, key, guards } = found ?? {};
  const settings = { steps, bake, minimum, key, guards } as RolloutSettings;
  checkRolloutSettings(settings, (guard) => guard === ERRORS_GUARD || ALARM_ARN.test(guard));
  return settings;
}

/**
 * @param isGuard whether a guard is one; at synth an ARN may be a token
 * @throws RegistryError `InvalidRollout`
 */
export function checkRolloutSettings(
  { steps, bake, minimum, key, guards }: RolloutSettings,
  isGuard: (guard: string) => boolean = () => true,
): void {
  const { steps: mostSteps, bakeSeconds, minimumUses, guards: mostGuards } = ROLLOUT_LIMITS;
  if (!isSteps(steps) || steps.length > mostSteps) {
    throw invalid(`1 to ${mostSteps} steps, each a whole percent from 1 to 100 and above the one before`, steps);
  }
  if (!isWhole(bake, 1, bakeSeconds)) {
    throw invalid(`a bake of whole seconds, from 1 to ${bakeSeconds} (7 days)`, bake);
  }
  if (!isWhole(minimum, 0, minimumUses)) {
    throw invalid(`minimumUses as a whole number from 0 to ${minimumUses}`, minimum);
  }
  if (!ROLLOUT_KEYS.includes(key)) throw invalid(`key to be ${ROLLOUT_KEYS.join(' or ')}`, key);
  const isListed = Array.isArray(guards) && guards.every((guard) => typeof guard === 'string' && isGuard(guard));
  if (!isListed || guards.length > mostGuards || new Set(guards).size !== guards.length) {
    throw invalid(`at most ${mostGuards} guards, each once: ${ERRORS_GUARD}, or the ARN of an alarm`, guards);
  }
}

/** The alarms among its guards. */
export function alarmsOf({ guards }: Pick<RolloutSettings, 'guards'>): string[] {
  return guards.filter((guard) => guard !== ERRORS_GUARD);
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function invalid(expected: string, found: unknown): RegistryError {
  return new RegistryError('InvalidRollout', `expected ${expected}, found ${JSON.stringify(found) ?? 'nothing'}`);
}
