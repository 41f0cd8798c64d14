import { NO_VERSION } from '../contract/no-version';
import { parseProgress, type RolloutProgress } from '../contract/rollout-parameters';
import type { Rollout } from '../ledger/record-schema-2';
import type { RolloutStep, StepEvidence } from '../ledger/rollout-step';
import { dueNotice, type NoticeAbout } from './due-notice';
import { guardVerdict } from './guard-verdict';
import type { Situation } from './situation';

/** The one thing that a controller does next. It decides anew after each, so that it may die anywhere. */
export type RolloutAction =
  /** Appends to the step chain, if nobody else did. */
  | { readonly do: 'append'; readonly step: RolloutStep }
  /** Writes the parameter `rollout-progress`; null for none. */
  | { readonly do: 'put'; readonly progress: RolloutProgress | null }
  /** Tells people. */
  | { readonly do: 'notify'; readonly about: NoticeAbout; readonly reasons: readonly string[] }
  | { readonly do: 'nothing' };

const NOTHING: RolloutAction = { do: 'nothing' };

const MINUTE = 60_000;

/** Until a client has read a new value: its 60 s of memory, a second of grace, SSM's answer within 2 s, clocks. */
const NOTICE = 75_000;

/** A controller that is away longer than this is dead: readers return to stable. */
const SHORTEST_LIFE = 30 * MINUTE;

/**
 * What a controller does next about one alias: at most one thing.
 *
 * The ledger decides: its newest record says which rollout is in force, the step chain how far it got. The parameter is
 * made to say the same. Forward, the record comes first, so that no share is served without one; a halt comes to the
 * parameter first, because the other way a controller that died in between would leave a recorded halt that readers do
 * not see. A halt is for good: nothing of the same plan follows it.
 */
export function decide(situation: Situation): RolloutAction {
  const { rollout, steps, value } = situation;
  if (rollout === null) return value === NO_VERSION ? NOTHING : { do: 'put', progress: null };
  const progress = parseProgress(value);
  const own = progress?.plan === rollout.plan ? progress : null;
  const halt = steps.find(({ kind }) => kind === 'halt');
  const newest = halt ?? steps.at(-1);
  return (
    (halt ? undefined : haltNow(situation, rollout, newest, own)) ??
    agree(newest, own, situation) ??
    tell(situation, rollout, newest, own) ??
    (halt ? undefined : goOn(situation, rollout, newest, own)) ??
    live(situation, rollout, newest, own) ??
    NOTHING
  );
}

/** The parameter first, then the record. */
function haltNow(
  situation: Situation,
  rollout: Rollout,
  newest: RolloutStep | undefined,
  own: RolloutProgress | null,
): RolloutAction | undefined {
  const { guards, now, request } = situation;
  const verdict = newest && guards && guardVerdict(rollout, guards);
  const n = (newest?.n ?? 0) + 1;
  const step = newest?.step ?? 0;
  if (own?.state === 'halt') {
    const by = request ? 'request' : 'controller';
    const reason = request ? request.reason : (verdict?.halt ?? 'the parameter said so');
    const at = own.n === n && own.step === step ? own.at : now.toISOString();
    return {
      do: 'append',
      step: stepOf(situation, rollout, { kind: 'halt', step, at, by, reason }, verdict?.evidence),
    };
  }
  if (!request && verdict?.halt === undefined) return undefined;
  const until = own?.until ?? untilFrom(lastSeen(rollout, own, now), rollout);
  return put({ v: 1, plan: rollout.plan, n, step, state: 'halt', at: now.toISOString(), until });
}

/** What the parameter says must be what the newest step says. */
function agree(
  newest: RolloutStep | undefined,
  own: RolloutProgress | null,
  { rollout, value, now }: Situation,
): RolloutAction | undefined {
  if (!newest || !rollout) return value === NO_VERSION ? undefined : put(null);
  const { plan, n, step, kind: state, at } = newest;
  if (own && own.n === n && own.step === step && own.state === state && own.at === at) return undefined;
  return put({ v: 1, plan, n, step, state, at, until: untilFrom(lastSeen(rollout, own, now), rollout) });
}

function tell(
  { began, guards, now, told }: Situation,
  rollout: Rollout,
  newest: RolloutStep | undefined,
  own: RolloutProgress | null,
): RolloutAction | undefined {
  const about = dueNotice({ rollout, began, newest }, told ?? lastSeen(rollout, own, now), now);
  if (!about) return undefined;
  const reasons = newest?.kind === 'halt' ? [newest.reason ?? ''] : guards ? guardVerdict(rollout, guards).wait : [];
  return { do: 'notify', about, reasons: reasons.filter((reason) => reason !== '') };
}

/** The next step, where its time has come: the record first, then the parameter. */
function goOn(
  situation: Situation,
  rollout: Rollout,
  newest: RolloutStep | undefined,
  own: RolloutProgress | null,
): RolloutAction | undefined {
  const { guards, now } = situation;
  if (!guards) return undefined;
  const { wait, evidence, halt } = guardVerdict(rollout, guards);
  const next = { kind: 'step', by: 'controller', reason: null, at: atFrom(now) } as const;
  // Nothing is served yet: an alarm from before the start delays it, and no uses can be there.
  if (!newest) return halt === undefined ? append(situation, rollout, { ...next, step: 0 }, {}) : undefined;
  const isBaked = now.getTime() >= Date.parse(newest.at) + rollout.bake * 1000;
  const isLast = newest.step >= rollout.steps.length - 1;
  // After a time without a controller readers are on stable: the step is served again, until the next tick at least.
  const isServed = own !== null && Date.parse(own.until) > now.getTime() && lastSeen(rollout, own, now) < now;
  if (!isBaked || isLast || !isServed || wait.length > 0) return undefined;
  return append(situation, rollout, { ...next, step: newest.step + 1 }, evidence);
}

/** Says that a controller was there. */
function live(
  { began, guards, now }: Situation,
  rollout: Rollout,
  newest: RolloutStep | undefined,
  own: RolloutProgress | null,
): RolloutAction | undefined {
  if (!own) return undefined;
  const until = untilFrom(now, rollout);
  // Of a halt, which serves nobody, only that people were told of it.
  const isToNote =
    own.state === 'halt'
      ? dueNotice({ rollout, began, newest }, lastSeen(rollout, own, now), now) !== undefined
      : guards !== undefined && own.until !== until;
  return isToNote ? put({ ...own, until }) : undefined;
}

function put(progress: RolloutProgress | null): RolloutAction {
  return { do: 'put', progress };
}

type NewStep = Pick<RolloutStep, 'kind' | 'step' | 'at' | 'by' | 'reason'>;

function append(situation: Situation, rollout: Rollout, step: NewStep, evidence: StepEvidence): RolloutAction {
  return { do: 'append', step: stepOf(situation, rollout, step, evidence) };
}

function stepOf(
  { steps, previous, now }: Situation,
  { plan }: Rollout,
  step: NewStep,
  evidence: StepEvidence = {},
): RolloutStep {
  const n = (steps.at(-1)?.n ?? 0) + 1;
  return { schema: 1, plan, n, ...step, evidence, time: now.toISOString(), previous };
}

/** A whole minute, so that the share changes in none of the spans in which uses are counted. */
function atFrom(now: Date): string {
  return new Date(Math.ceil((now.getTime() + NOTICE) / MINUTE) * MINUTE).toISOString();
}

function lifeOf({ bake }: Rollout): number {
  return Math.max(3 * bake * 1000, SHORTEST_LIFE);
}

function untilFrom(seen: Date, rollout: Rollout): string {
  return new Date(seen.getTime() + lifeOf(rollout)).toISOString();
}

/** When a controller was there and had told all that was due: `until` says it. It is there once a minute. */
function lastSeen(rollout: Rollout, own: RolloutProgress | null, now: Date): Date {
  const minuteAgo = now.getTime() - MINUTE;
  return new Date(own ? Math.min(Date.parse(own.until) - lifeOf(rollout), now.getTime()) : minuteAgo);
}
