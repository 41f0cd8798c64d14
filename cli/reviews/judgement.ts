import { haltOf } from '../../core/ledger/newest-step';
import type { SignedReview } from '../../core/ledger/review';
import { currentReviews } from '../../core/ledger/review-source';
import { RegistryError } from '../../core/registry-error';
import { carriedConsent } from '../../core/release/carried-consent';
import { type Gate, groupsOf, runnersOf } from '../../core/release/gate';
import { type Heard, heardAtGates } from '../../core/release/gates/approval';
import { type Measured, measuredAtGates } from '../../core/release/gates/evaluation';
import type { JudgeProps, Refusal } from '../../core/release/gates/gate-kind';
import { isModelGate } from '../../core/release/gates/model';
import { isBack } from '../../core/release/ground';
import { judge } from '../../core/release/judge';
import { lapsedAt } from '../../core/release/lapsed-at';
import { firstOf } from '../../core/release/replayed';
import { awsNow } from '../audit/aws-clock';
import type { AliasState, Registry, RegistryPrompt } from '../registry';
import type { StackAlias } from '../registry-stack';
import { gatesOf } from './gates-of';
import { modelOfTarget } from './model-of-target';
import { S3ReviewSource } from './s3-review-source';

/** A content that an alias may move to. */
export interface MoveTarget {
  readonly version: number;
  readonly digest: string;
}

/** `stays`: the alias is there; `free`: it has no gate; `back`: to what was agreed before, for which nobody is asked. */
export type Way = 'stays' | 'free' | 'back' | 'forward';

/**
 * What a move of an alias to a version is to its gates. For a return no review is read, nor gates that do not stand in the
 * stack itself: nothing of them may be in its way.
 */
export async function wayTo(registry: Registry, { alias, version, history }: AliasState, to: number): Promise<Way> {
  if (version === to) return 'stays';
  if (registry.stack.gating !== undefined && (await hasNoGate(registry, alias))) return 'free';
  if (await isBack(to, history)) return 'back';
  return (await gatesOf(registry, alias)).length === 0 ? 'free' : 'forward';
}

async function hasNoGate(registry: Registry, alias: StackAlias): Promise<boolean> {
  try {
    return (await gatesOf(registry, alias)).length === 0;
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
}

/** What the registry's functions would say of a move now. */
export interface Judgement {
  readonly target: MoveTarget;
  readonly way: Way;
  /** Those that are asked: none unless the way is forward. */
  readonly gates: readonly Gate[];
  /** What is missing; empty where the alias may move. */
  readonly refusals: readonly Refusal[];
  /** Who asked and who answered; empty unless the way is forward. */
  readonly heard: readonly Heard[];
  /** What speaks against the move and does not stop it. */
  readonly warnings?: readonly string[];
  /** How suites came out; empty unless the way is forward. */
  readonly measured: readonly Measured[];
  /** What the move would pass by. */
  readonly reviews: readonly SignedReview[];
  /** What it was judged by; undefined unless the way is forward. */
  readonly facts?: JudgeProps;
  /** Number of the record whose consent carries the move, so that no gate is asked; undefined where none does. */
  readonly carried?: number;
}

/** Judges as plan and record of a release do, by the same rules and the same reviews. */
export async function judgement(
  registry: Registry,
  prompt: RegistryPrompt,
  state: AliasState,
  target: MoveTarget,
  now: Date,
): Promise<Judgement> {
  const way = await wayTo(registry, state, target.version);
  if (way !== 'forward') return { target, way, gates: [], refusals: [], heard: [], measured: [], reviews: [] };
  const gates = await gatesOf(registry, state.alias);
  const { clients, stack } = registry;
  const { promptName, aliasName } = state.alias;
  const content = { promptId: prompt.promptId, alias: aliasName, digest: target.digest };
  const source = new S3ReviewSource(clients.s3, stack.ledgerBucket);
  const wanted = { groups: groupsOf(gates), runners: runnersOf(gates) };
  const reviews = await currentReviews(source, content, wanted, stack.parameterPrefix);
  const head = await firstOf(state.history);
  // By the clock of S3, which said when they were written.
  const judgedAt = awsNow(clients, now).getTime();
  const live = head?.to?.digest ?? null;
  const given = { promptName, aliasName, target, live, gates, reviews, now: judgedAt };
  const haltedAt = async (plan: number) =>
    (await haltOf(source, { promptId: prompt.promptId, alias: aliasName, plan }))?.time;
  const rolling = { running: head?.rollout ?? null, history: state.history, haltedAt };
  const carried = await carriedConsent(given, rolling);
  if (carried !== undefined) {
    const heard = heardAtGates(given);
    return { target, way, gates, refusals: [], heard, measured: [], reviews, facts: given, carried };
  }
  const oldest = Math.min(...reviews.map(({ time }) => Date.parse(time)));
  const leftAt = await lapsedAt(target, state.history, oldest, haltedAt);
  const model = gates.some(isModelGate) ? await modelOfTarget(registry, prompt, target.version, now) : undefined;
  const facts = { ...given, leftAt, model };
  const verdict = judge(facts);
  return { target, way, gates, ...verdict, heard: heardAtGates(facts), measured: measuredAtGates(facts), facts };
}
