import { canonicalJson } from '../content/canonical-json';
import { SCORE_NAME } from '../contract/prompt-metrics';
import { isSteps, ROLLOUT_KEYS } from '../contract/rollout-parameters';
import type { Rollout } from '../ledger/record-schema-2';
import { RegistryError } from '../registry-error';

/** How an alias rolls out, as its app says: what a rollout takes over when it begins, and keeps. */
export type RolloutSettings = Pick<Rollout, 'steps' | 'bake' | 'minimum' | 'key' | 'guards' | 'for' | 'scores'>;

/** The guard that compares failures of both versions. Every other guard is the ARN of an alarm. */
export const ERRORS_GUARD = 'errors';

/** Within these a rollout can be watched: the metrics of a minute are kept for 15 days. */
export const ROLLOUT_LIMITS = { steps: 10, bakeSeconds: 7 * 86_400, minimumUses: 1_000_000, guards: 10 } as const;

/** Somebody has to see both versions at work; and CloudWatch keeps five minutes for 63 days, within which it is read out. */
export const SPLIT_LIMITS = { share: 99, leastSeconds: 3_600, mostSeconds: 60 * 86_400, scores: 5 } as const;

/** Names that a readout has for what the client counts of every use. */
const NO_SCORES = ['errors', 'slow'];

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
  const { steps, bake, minimum, key, guards, for: seconds, scores } = found ?? {};
  const ending = { ...(seconds !== undefined && { for: seconds }), ...(scores !== undefined && { scores }) };
  const settings = { steps, bake, minimum, key, guards, ...ending } as RolloutSettings;
  checkRolloutSettings(settings, (guard) => guard === ERRORS_GUARD || ALARM_ARN.test(guard));
  return settings;
}

/**
 * @param isGuard whether a guard is one; at synth an ARN may be a token
 * @throws RegistryError `InvalidRollout`
 */
export function checkRolloutSettings(
  settings: RolloutSettings,
  isGuard: (guard: string) => boolean = () => true,
): void {
  const { steps, bake, minimum, key, guards } = settings;
  if (settings.for !== undefined || settings.scores !== undefined) checkSplit(settings);
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

/** A plan with an end has one step, at which both versions are there. */
function checkSplit({ steps, for: seconds, scores }: RolloutSettings): void {
  const { share, leastSeconds, mostSeconds, scores: mostScores } = SPLIT_LIMITS;
  if (!Array.isArray(steps) || steps.length !== 1 || !isWhole(steps[0], 1, share)) {
    throw invalid(`a split of one share, a whole percent from 1 to ${share}`, steps);
  }
  if (!isWhole(seconds, leastSeconds, mostSeconds)) {
    throw invalid(`a split for whole seconds, from ${leastSeconds} (an hour) to ${mostSeconds} (60 days)`, seconds);
  }
  const isListed = Array.isArray(scores) && scores.every((name) => typeof name === 'string' && SCORE_NAME.test(name));
  if (!isListed || scores.length > mostScores || new Set(scores).size !== scores.length) {
    throw invalid(
      `at most ${mostScores} names of scores, each once: a letter, then at most 39 letters, digits and -`,
      scores,
    );
  }
  const taken = scores.filter((name) => NO_SCORES.includes(name));
  if (taken.length > 0) throw invalid('names of scores other than errors and slow, which every use has', taken);
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
