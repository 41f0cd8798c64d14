import type { LedgerRecord, ReleasedVersion } from '../core/ledger/record';
import type { Passed } from '../core/ledger/record-schema-2';
import type { ReviewSource } from '../core/ledger/review-source';
import { RegistryError } from '../core/registry-error';
import { type Gate, gatesInForce, groupsOf, parseGates, parseGatesByAlias } from '../core/release/gate';
import { placeBack } from '../core/release/ground';
import { type JudgeProps, judge, refused } from '../core/release/judge';
import { lastLeft } from '../core/release/last-left';
import type { HandlerClock } from './clock';
import { readReviews } from './review-reader';

export interface PassageDeps {
  readonly store: ReviewSource;
  readonly clock: HandlerClock;
  /** Name of the registry: its parameter prefix. */
  readonly registry: string;
  /** Gates of the registry by the name of an alias, as JSON. */
  readonly gates: string;
}

/** A release on its way forward. */
export interface Move {
  readonly promptId: string;
  readonly promptName: string;
  readonly aliasName: string;
  readonly from: number | null;
  readonly to: Pick<ReleasedVersion, 'version' | 'digest'> | null;
  /** The alias's own gates, as JSON. */
  readonly ownGates: string;
  readonly followsContent: boolean;
  /** The alias's records, newest first. */
  readonly history: AsyncIterable<LedgerRecord>;
}

/** @throws RegistryError `InvalidGate`, `InvalidGroup` */
export function gatesOf(
  { aliasName, ownGates }: Pick<Move, 'aliasName' | 'ownGates'>,
  deps: Pick<PassageDeps, 'gates'>,
) {
  return gatesInForce(parseGatesByAlias(deps.gates), aliasName, parseGates(ownGates));
}

/**
 * Why an alias may move forward; null where no gate applies or nothing moves. A return to what was agreed before reads the
 * ledger and no review.
 *
 * @throws RegistryError `ApprovalMissing`, `SelfApproval`, `ApprovalExpired`, `Rejected`, `UnknownGate`, `GateOnFollower`,
 * `ReviewsUnreadable`
 */
export async function passage(move: Move, deps: PassageDeps): Promise<Passed | null> {
  const { to, from, history } = move;
  if (to === null || to.version === from) return null;
  const gates = gatesOf(move, deps);
  if (gates.length === 0) return null;
  const place = await placeBack(to.version, history);
  if (place !== undefined) return { how: 'back', to: place.sequence };
  if (move.followsContent) throw gateOnFollower(move);
  return agreement(move, to, gates, deps);
}

async function agreement(
  { promptId, promptName, aliasName, history }: Move,
  target: Pick<ReleasedVersion, 'version' | 'digest'>,
  gates: readonly Gate[],
  { store, clock, registry }: PassageDeps,
): Promise<Passed> {
  const content = { promptId, alias: aliasName, digest: target.digest };
  const reviews = await readReviews(store, content, groupsOf(gates), registry);
  const oldest = Math.min(...reviews.map(({ time }) => Date.parse(time)));
  const leftAt = await lastLeft(target, history, oldest);
  const facts: JudgeProps = { promptName, aliasName, target, gates, reviews, leftAt, now: clock.now() };
  const verdict = judge(facts);
  if (verdict.refusals.length > 0) throw refused(facts, verdict.refusals);
  const named = verdict.reviews.map(({ key, sha256, time }) => ({ key, sha256: sha256 ?? '', time }));
  return { how: 'agreed', gates, reviews: named, model: null };
}

function gateOnFollower({ promptName, aliasName, to }: Move): RegistryError {
  return new RegistryError(
    'GateOnFollower',
    `alias ${aliasName} of prompt ${promptName} cannot move to version ${to?.version}: expected a target that a person sets, since the registry has a gate for ${aliasName}, found that it follows the content, so that every change of the text would ask for approval; set target to AliasTarget.parameter(); nothing was moved`,
  );
}
