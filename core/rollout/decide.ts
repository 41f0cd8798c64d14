import { NO_VERSION } from '../contract/no-version';
import { parseProgress, type RolloutProgress } from '../contract/rollout-parameters';
import type { Rollout } from '../ledger/record-schema-2';
import type { RolloutStep, StepEvidence } from '../ledger/rollout-step';
import { dueNotice, type NoticeAbout } from './due-notice';
import { FOUND_IN_PARAMETER } from './found-halt';
import { guardVerdict } from './guard-verdict';
import { lifeOf } from './life';
import { endOf, isOver } from './plan-end';
import type { HaltAsked, Situation } from './situation';

/** The one thing that a controller does next. It decides anew after each, so that it may die anywhere. */
export type RolloutAction =
  /** Appends to the step chain, if nobody else did. */
  | { readonly do: 'append'; readonly step: RolloutStep }
  /** Writes the parameter `rollout-progress`; null for none. */
  | { readonly do: 'put'; readonly progress: RolloutProgress | null }
  /** Tells people, while step `n` is the newest, or 0 where there is none. */
  | { readonly do: 'notify'; readonly n: number; readonly about: NoticeAbout; readonly reasons: readonly string[] }
  | { readonly do: 'nothing' };

const NOTHING: RolloutAction = { do: 'nothing' };

const MINUTE = 60_000;

/** Until a client has read a new value: its 60 s of memory, a second of grace, SSM's answer within 2 s, clocks. */
const NOTICE = 75_000;

/**
 * What a controller does next about one alias: at most one thing.
 *
 * The ledger decides: its newest record says which rollout is in force, the step chain how far it got. The parameter is
 * made to say the same. Forward, the record comes first, so that no share is served without one; a halt comes to the
 * parameter first, because the other way a controller that died in between would leave a recorded halt that readers do
 * not see. A halt is for good: nothing of the same plan follows it.
 *
 * Readers obey the end of a plan because no `until` is beyond it: nothing has to be written when it comes, and a controller
 * that is gone by then changes nothing.
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
    tell(situation, rollout, newest, own, ['step', 'halt']) ??
    (halt ? undefined : goOn(situation, rollout, newest, own)) ??
    // A step that goes on in this minute does not stay.
    tell(situation, rollout, newest, own) ??
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
  const verdict =
    newest && guards && !isOver(rollout, situation.began, now) ? guardVerdict(rollout, guards) : undefined;
  const n = (newest?.n ?? 0) + 1;
  const step = newest?.step ?? 0;
  if (own?.state === 'halt') {
    const said = saidBy(request, verdict?.halt ?? FOUND_IN_PARAMETER);
    const at = own.n === n && own.step === step ? own.at : now.toISOString();
    return {
      do: 'append',
      step: stepOf(situation, rollout, { kind: 'halt', step, at, ...said }, verdict?.evidence),
    };
  }
  if (!request && verdict?.halt === undefined) return undefined;
  const said = { n, step, state: 'halt', at: now.toISOString() } as const;
  return put(progressOf(situation, rollout, said, lastSeen(rollout, own, now)));
}

/** @param why where nobody asks */
function saidBy(request: HaltAsked | undefined, why: string): Pick<NewStep, 'by' | 'request' | 'reason'> {
  if (!request) return { by: 'controller', reason: why };
  const { reason, id } = request;
  return { by: 'request', reason, ...(id !== undefined && { request: id }) };
}

/**
 * What the parameter says must be what the newest step says. A step that is written later than it was recorded, since a
 * controller died in between, begins later as well: readers have to notice it all the same.
 */
function agree(
  newest: RolloutStep | undefined,
  own: RolloutProgress | null,
  situation: Situation,
): RolloutAction | undefined {
  const { rollout, value, now, began } = situation;
  if (!newest || !rollout) return value === NO_VERSION ? undefined : put(null);
  const { n, step, kind: state } = newest;
  const [begins, soonest] = [Date.parse(newest.at), atFrom(now).getTime()];
  const isSaid = own !== null && own.n === n && own.step === step && own.state === state;
  const isInTime = isSaid && isBetween(Date.parse(own.at), begins, state === 'step' ? soonest : begins);
  const end = endOf(rollout, began)?.getTime() ?? Number.POSITIVE_INFINITY;
  if (isInTime && Date.parse(own.until) <= end) return undefined;
  const isNew = state === 'step' && isUnread(newest, own, situation);
  const at = isInTime ? own.at : new Date(isNew ? Math.max(begins, soonest) : begins).toISOString();
  // Nobody was told of a step either that nobody can have read.
  const untold = new Date(Date.parse(newest.time) - 1);
  const seen = lastSeen(rollout, own, now);
  return put(progressOf(situation, rollout, { n, step, state, at }, isNew ? earlier(seen, untold) : seen));
}

const earlier = (a: Date, b: Date) => (a < b ? a : b);

/**
 * Whether no reader can have seen a step. A parameter that says nothing of the plan may have said it before somebody reset
 * it: the first step did where the candidate was used since, and later ones are taken for read.
 */
function isUnread({ n, at }: RolloutStep, own: RolloutProgress | null, { guards, now }: Situation): boolean {
  if (own) return own.n < n;
  return Date.parse(at) > now.getTime() || (n === 1 && guards?.uses === 0);
}

function isBetween(time: number, from: number, to: number): boolean {
  return time >= from && time <= Math.max(from, to);
}

function tell(
  { began, guards, now, told }: Situation,
  rollout: Rollout,
  newest: RolloutStep | undefined,
  own: RolloutProgress | null,
  only?: readonly NoticeAbout[],
): RolloutAction | undefined {
  const n = newest?.n ?? 0;
  if (told === n) return undefined;
  const about = dueNotice({ rollout, began, newest }, lastSeen(rollout, own, now), now);
  if (!about || only?.includes(about) === false) return undefined;
  const reasons = newest?.kind === 'halt' ? [newest.reason ?? ''] : guards ? guardVerdict(rollout, guards).wait : [];
  return { do: 'notify', n, about, reasons: reasons.filter((reason) => reason !== '') };
}

/** The next step, where its time has come: the record first, then the parameter. */
function goOn(
  situation: Situation,
  rollout: Rollout,
  newest: RolloutStep | undefined,
  own: RolloutProgress | null,
): RolloutAction | undefined {
  const { guards, now } = situation;
  const at = atFrom(now);
  if (!guards || isOver(rollout, situation.began, at)) return undefined;
  const { wait, evidence, halt } = guardVerdict(rollout, guards);
  const next = { kind: 'step', by: 'controller', reason: null, at: at.toISOString() } as const;
  // Nothing is served yet: an alarm from before the start delays it, and no uses can be there.
  if (!newest) return halt === undefined ? append(situation, rollout, { ...next, step: 0 }, {}) : undefined;
  const begins = Math.max(Date.parse(newest.at), Date.parse(own?.at ?? newest.at));
  const isBaked = now.getTime() >= begins + rollout.bake * 1000;
  const isLast = newest.step >= rollout.steps.length - 1;
  // After a time without a controller readers are on stable: the step is served again, until the next tick at least.
  const isServed = own !== null && Date.parse(own.until) > now.getTime() && lastSeen(rollout, own, now) < now;
  if (!isBaked || isLast || !isServed || wait.length > 0) return undefined;
  return append(situation, rollout, { ...next, step: newest.step + 1 }, evidence);
}

/** Says that a controller was there. */
function live(
  situation: Situation,
  rollout: Rollout,
  newest: RolloutStep | undefined,
  own: RolloutProgress | null,
): RolloutAction | undefined {
  if (!own) return undefined;
  const { began, guards, now } = situation;
  const next = progressOf(situation, rollout, own, now);
  // Of a halt and of a plan that is over, which serve nobody, only that people were told of it.
  const isToNote =
    own.state === 'halt' || isOver(rollout, began, now)
      ? dueNotice({ rollout, began, newest }, lastSeen(rollout, own, now), now) !== undefined
      : guards !== undefined && (own.until !== next.until || own.seen !== next.seen);
  return isToNote ? put(next) : undefined;
}

function put(progress: RolloutProgress | null): RolloutAction {
  return { do: 'put', progress };
}

type NewStep = Pick<RolloutStep, 'kind' | 'step' | 'at' | 'by' | 'request' | 'reason'>;

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

/** @param seen when a controller was there and had told all that was due */
function progressOf(
  { began }: Situation,
  rollout: Rollout,
  { n, step, state, at }: Pick<RolloutProgress, 'n' | 'step' | 'state' | 'at'>,
  seen: Date,
): RolloutProgress {
  const said = { v: 1, plan: rollout.plan, n, step, state, at } as const;
  const until = seen.getTime() + lifeOf(rollout);
  const end = endOf(rollout, began);
  if (end === undefined) return { ...said, until: new Date(until).toISOString() };
  return { ...said, until: new Date(Math.min(until, end.getTime())).toISOString(), seen: seen.toISOString() };
}

/** A whole minute, so that the share changes in none of the spans in which uses are counted. */
function atFrom(now: Date): Date {
  return new Date(Math.ceil((now.getTime() + NOTICE) / MINUTE) * MINUTE);
}

/** When a controller was there and had told all that was due: `seen` or `until` says it. It is there once a minute. */
function lastSeen(rollout: Rollout, own: RolloutProgress | null, now: Date): Date {
  if (!own) return new Date(now.getTime() - MINUTE);
  const seen = own.seen === undefined ? Date.parse(own.until) - lifeOf(rollout) : Date.parse(own.seen);
  return new Date(Math.min(seen, now.getTime()));
}
