import { NO_VERSION } from '../core/contract/no-version';
import type { LedgerSource } from '../core/ledger/entries';
import type { LedgerRecord, ReleasedVersion } from '../core/ledger/record';
import type { Passed, PassedModel, PassedReview, Rollout } from '../core/ledger/record-schema-2';
import { evaluationIn, type Review } from '../core/ledger/review';
import type { ReviewSource } from '../core/ledger/review-source';
import { type ModelFacts, type ModelSource, readModelFacts } from '../core/models/model-facts';
import { RegistryError } from '../core/registry-error';
import { carriedConsent } from '../core/release/carried-consent';
import {
  type Gate,
  gatesInForce,
  gateTerms,
  groupsOf,
  parseGates,
  parseGatesByAlias,
  runnersOf,
} from '../core/release/gate';
import type { JudgeProps } from '../core/release/gates/gate-kind';
import { isModelGate, modelWarnings } from '../core/release/gates/model';
import { placeBack } from '../core/release/ground';
import { judge, refused } from '../core/release/judge';
import { lapsedAt } from '../core/release/lapsed-at';
import { firstOf } from '../core/release/replayed';
import { isRollingOut } from '../core/release/rollout-state';
import type { HandlerClock } from './clock';
import { readHaltTime } from './halt-reader';
import type { Log } from './log';
import { readReviews } from './review-reader';

export interface PassageDeps {
  readonly store: ReviewSource & LedgerSource;
  readonly clock: HandlerClock;
  /** Name of the registry: its parameter prefix. */
  readonly registry: string;
  /** Gates of the registry by the name of an alias, as JSON. */
  readonly gates: string;
  readonly models: ModelSource;
  readonly log: Log;
}

/** A release on its way forward. */
export interface Move {
  readonly promptId: string;
  readonly promptName: string;
  readonly aliasName: string;
  /** Where the alias is. */
  readonly from: Pick<ReleasedVersion, 'version' | 'digest'> | null;
  readonly to: ReleasedVersion | null;
  /** What it rolls out meanwhile. @default null */
  readonly candidate?: ReleasedVersion | null;
  /** The alias's own gates, as JSON. */
  readonly ownGates: string;
  /** How it rolls out, as properties carry it; undefined where it does not. */
  readonly settings?: string | undefined;
  readonly followsContent: boolean;
  /** What callers must name; undefined for none. */
  readonly guardrail?: string | undefined;
  /** The alias's records, newest first. */
  readonly history: AsyncIterable<LedgerRecord>;
}

type Gated = Pick<Move, 'aliasName' | 'ownGates' | 'settings'>;

/** @throws RegistryError `InvalidGate`, `InvalidGroup` */
function gatesOf({ aliasName, ownGates }: Gated, deps: Pick<PassageDeps, 'gates'>): Gate[] {
  return gatesInForce(parseGatesByAlias(deps.gates), aliasName, parseGates(ownGates));
}

/**
 * The same for what no gate may be in the way of; undefined where nobody can read them, as those of an app with a newer
 * version of the package.
 */
function readableGates(move: Gated, deps: Pick<PassageDeps, 'gates'>): Gate[] | undefined {
  try {
    return gatesOf(move, deps);
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

/** The plan's `Terms`; `none` where its gates cannot be read, through which nothing moved forward then. */
export function termsOf(move: Gated, deps: Pick<PassageDeps, 'gates'>): string {
  const gates = readableGates(move, deps);
  return gates === undefined ? NO_VERSION : gateTerms(gates, move.settings);
}

/**
 * Why an alias may move forward or begin a rollout; null where no gate applies or nothing moves. A return to what was agreed
 * before reads the ledger and no review, and needs no gate that can be read.
 *
 * A rollout is asked about once, when users begin to get its candidate: the move that settles it carries that consent, unless
 * somebody rejected the candidate since or it was halted.
 *
 * @throws RegistryError `ApprovalMissing`, `SelfApproval`, `ApprovalExpired`, `Rejected`, `EvaluationMissing`,
 * `StaleBaseline`, `BelowThreshold`, `Inconclusive`, `TooManyReviews`, `ModelEnds`, `ModelNotAmong`, `NoSuchModel`,
 * `UnknownGate`, `GateOnFollower`, `ReviewsUnreadable`, `InvalidGate`, `InvalidGroup`
 */
export async function passage(move: Move, deps: PassageDeps): Promise<Passed | null> {
  const { history } = move;
  const head = await firstOf(history);
  const asked = askedVersion(move, head);
  if (asked === null) return null;
  if (readableGates(move, deps)?.length === 0) return null;
  const place = await placeBack(asked.version, history);
  if (place !== undefined) {
    await warnOnTheWayBack(move, asked, deps);
    return { how: 'back', to: place.sequence };
  }
  const gates = gatesOf(move, deps);
  if (move.followsContent) throw gateOnFollower(move);
  return agreement(move, asked, gates, head?.rollout ?? null, deps);
}

/** The version that callers begin to get, or that all of them get from then on; null where it is none but those of before. */
function askedVersion({ to, from, candidate }: Move, head: LedgerRecord | undefined): ReleasedVersion | null {
  if (to === null) return null;
  if (candidate) return isRollingOut(head, to.version, candidate.version) ? null : candidate;
  return to.version === from?.version ? null : to;
}

async function agreement(
  { promptId, promptName, aliasName, from, guardrail, history }: Move,
  target: ReleasedVersion,
  gates: readonly Gate[],
  running: Rollout | null,
  deps: PassageDeps,
): Promise<Passed> {
  const { store, clock, registry, log } = deps;
  const content = { promptId, alias: aliasName, digest: target.digest };
  const reviews = await readReviews(store, content, { groups: groupsOf(gates), runners: runnersOf(gates) }, registry);
  const live = from?.digest ?? null;
  const given = { promptName, aliasName, target, live, gates, reviews, now: clock.now() };
  const haltedAt = (plan: number) => readHaltTime(store, { promptId, alias: aliasName, plan });
  const plan = await carriedConsent(given, { running, history, haltedAt }).catch(carriesNothing(log));
  if (plan !== undefined) return { how: 'carried', plan };
  const model = await modelFacts(target, gates, deps);
  const oldest = Math.min(...reviews.map(({ time }) => Date.parse(time)));
  // Only what was said can lapse.
  const leftAt = reviews.length === 0 ? undefined : await lapsedAt(target, history, oldest, haltedAt);
  const facts: JudgeProps = { ...given, leftAt, model };
  const verdict = judge(facts);
  if (verdict.refusals.length > 0) throw refused(facts, verdict.refusals);
  for (const warning of verdict.warnings ?? []) warn(warning, { promptName, aliasName }, target, log);
  const named = verdict.reviews.map(({ key, sha256, time, review }) => ({
    key,
    sha256: sha256 ?? '',
    time,
    ...(review && { kind: review.kind, ...metricsOf(review) }),
  }));
  const { runs } = verdict;
  return {
    how: 'agreed',
    gates,
    reviews: named,
    ...(runs !== undefined && { runs }),
    model: passedModel(model, guardrail),
  };
}

/**
 * Where nobody can tell whether the rollout was halted, gates are judged anew, as after a halt. Those that count reviews ask
 * for the halt again and refuse; a gate that counts none needs no steps, which the releaser of a registry without reviewers
 * may no longer read once its last alias lost the rollout.
 */
function carriesNothing(log: Log): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof RegistryError && error.code === 'ReviewsUnreadable')) throw error;
    log('WARN', 'consent to the rollout not carried', { error: error.message });
    return undefined;
  };
}

/** Undefined where no gate asks for it, and where the content has no model. */
async function modelFacts(
  { model }: ReleasedVersion,
  gates: readonly Gate[],
  { models, clock }: PassageDeps,
): Promise<ModelFacts | undefined> {
  if (!model || !gates.some(isModelGate)) return undefined;
  return readModelFacts(model, models, new Date(clock.now()));
}

function passedModel(facts: ModelFacts | undefined, guardrail: string | undefined): PassedModel | null {
  if (facts === undefined) return null;
  const { id, model, status, ends, read } = facts;
  return {
    id,
    status,
    ends,
    read,
    ...(model !== null && model !== id && { model }),
    ...(guardrail !== undefined && { guardrail }),
  };
}

/** A return to a model that ends is not stopped, and not silent. */
async function warnOnTheWayBack(move: Move, target: ReleasedVersion, deps: PassageDeps): Promise<void> {
  const model = await modelFacts(target, readableGates(move, deps) ?? [], deps);
  for (const warning of model ? modelWarnings(model) : []) warn(warning, move, target, deps.log);
}

function warn(
  warning: string,
  { promptName, aliasName }: Pick<Move, 'promptName' | 'aliasName'>,
  { version }: ReleasedVersion,
  log: Log,
): void {
  log('WARN', warning, { prompt: promptName, alias: aliasName, version });
}

/** So that who reads the record sees by what it passed. */
function metricsOf(review: Review): Pick<PassedReview, 'metrics'> {
  const evaluation = evaluationIn(review);
  return evaluation ? { metrics: evaluation.metrics } : {};
}

function gateOnFollower({ promptName, aliasName, to }: Move): RegistryError {
  return new RegistryError(
    'GateOnFollower',
    `alias ${aliasName} of prompt ${promptName} cannot move to version ${to?.version}: expected a target that a person sets, since the registry has a gate for ${aliasName}, found that it follows the content, so that every change of the text would ask for approval; set target to AliasTarget.parameter(); nothing was moved`,
  );
}
