import { NO_VERSION } from '../contract/no-version';
import { formatRollout, parseProgress, parseRollout, type RolloutProgress } from '../contract/rollout-parameters';
import { parseVersionArn } from '../contract/version-arn';
import type { LedgerRecord } from '../ledger/record';
import type { Rollout } from '../ledger/record-schema-2';
import type { RolloutStep } from '../ledger/rollout-step';
import { lifeOf } from '../rollout/life';
import { endOf } from '../rollout/plan-end';
import { CLOCKS_MS } from './clocks';
import type { ParameterWrite } from './evidence';

type Later = 'ShareAfterHalt' | 'StepTakenBack';

/** What is wrong with a value of one of the two parameters below an alias's own. */
export interface ValueProblem {
  readonly problem:
    | 'RolloutNotAllowed'
    | 'RolloutDiffers'
    | 'ShareNotAllowed'
    | 'StepNotRecorded'
    | Later
    | 'UntilTooLate';
  readonly write: ParameterWrite;
  readonly message: string;
}

/** What the ledger knows of an alias's rollouts. */
export interface KnownRollouts {
  readonly promptId: string;
  /** Oldest first. */
  readonly records: readonly LedgerRecord[];
  /** By the number of the record that began each rollout; undefined where they may not be read. */
  readonly stepsOf: (plan: number) => readonly RolloutStep[] | undefined;
}

/**
 * Values of `rollout`: each says what some record allowed, and the last one what the newest does.
 *
 * @param isAtRest false while a stack update is between record and parameter
 */
export function rolloutProblems(
  writes: readonly ParameterWrite[],
  known: KnownRollouts,
  isAtRest: boolean,
): ValueProblem[] {
  const problems = writes.flatMap((write): ValueProblem[] => {
    const why = whyNoRollout(write.value, known);
    return why === undefined ? [] : [{ problem: 'RolloutNotAllowed', write, message: why }];
  });
  const last = writes.at(-1);
  if (!isAtRest || !last || problems.some(({ write }) => write === last)) return problems;
  const inForce = known.records.at(-1)?.rollout ?? null;
  const said = parseRollout(last.value)?.plan ?? null;
  if (said === (inForce?.plan ?? null)) return problems;
  const shown = (plan: number | null) => (plan === null ? 'no rollout' : `rollout ${plan}`);
  const message = `says ${shown(said)}, the newest record of the ledger ${shown(inForce?.plan ?? null)}`;
  return [...problems, { problem: 'RolloutDiffers', write: last, message }];
}

/** Why no record allowed what a value says; undefined where one did. */
function whyNoRollout(value: string, { promptId, records }: KnownRollouts): string | undefined {
  if (value === NO_VERSION) return undefined;
  const found = parseRollout(value);
  if (!found) return 'holds what no registry writes: nobody gets a candidate';
  const { rollout } = begun(found.plan, records) ?? {};
  if (!rollout) return `says rollout ${found.plan}, which no record began`;
  const to = parseVersionArn(found.to);
  if (to?.promptId !== promptId || to.version !== rollout.candidate.version || found.salt !== rollout.candidate.digest)
    return `gives callers another candidate than record ${found.plan} allowed, which is version ${rollout.candidate.version}`;
  const { plan, steps, key, scores } = rollout;
  const allowed = formatRollout({ plan, to: found.to, steps, salt: found.salt, key, scores });
  if (canonical(allowed) === canonical(value)) return undefined;
  return `has other steps, or draws other keys, than record ${plan} allowed`;
}

/** Values of `rollout-progress`: each is a step of the chain, of a rollout that a record began, and ends in time. */
export function progressProblems(writes: readonly ParameterWrite[], known: KnownRollouts): ValueProblem[] {
  return writes.flatMap((write): ValueProblem[] => {
    const found = parseProgress(write.value);
    // Readers serve nothing by what they cannot read.
    if (!found) return [];
    const record = begun(found.plan, known.records);
    if (!record?.rollout) {
      const message = `says a share of rollout ${found.plan}, which no record began`;
      return [{ problem: 'ShareNotAllowed', write, message }];
    }
    return stepProblems(write, found, record.rollout, record.time, known.stepsOf(found.plan));
  });
}

function stepProblems(
  write: ParameterWrite,
  { plan, n, step, state, at, until }: RolloutProgress,
  rollout: Rollout,
  began: string,
  steps: readonly RolloutStep[] | undefined,
): ValueProblem[] {
  // It serves nobody; and one that a stack update ended before the controller recorded it has no record.
  if (state === 'halt') return [];
  if (step >= rollout.steps.length)
    return [
      {
        problem: 'ShareNotAllowed',
        write,
        message: `says step ${step}: record ${plan} allowed ${rollout.steps.length}`,
      },
    ];
  const problems: ValueProblem[] = [];
  const own = steps?.find((one) => one.n === n);
  const isRecorded = own?.kind === 'step' && own.step === step && Date.parse(at) >= Date.parse(own.at);
  if (steps && !isRecorded) {
    const found = own ? `another one, from ${own.at} on` : 'no such step';
    problems.push({
      problem: 'StepNotRecorded',
      write,
      message: `gives ${rollout.steps[step]} % the candidate from ${at} on, as step ${n} of rollout ${plan}; its chain has ${found}`,
    });
  }
  const later = laterOf(steps ?? [], n, write.time);
  if (later) {
    const what = later.kind === 'halt' ? 'was halted' : `was at step ${later.n}`;
    problems.push({
      problem: later.kind === 'halt' ? 'ShareAfterHalt' : 'StepTakenBack',
      write,
      message: `gives ${rollout.steps[step]} % the candidate as step ${n} of rollout ${plan}, which ${what} since ${later.time}`,
    });
  }
  // The end of a plan is a time of the ledger: no clock is between it and what the controller writes.
  const end = endOf(rollout, began)?.getTime() ?? Number.POSITIVE_INFINITY;
  const latest = Math.min(Date.parse(write.time) + lifeOf(rollout) + CLOCKS_MS, end);
  if (Date.parse(until) > latest) {
    const message = `holds until ${until}, and the controller writes ${new Date(latest).toISOString()} at most: a dead controller would end nothing`;
    problems.push({ problem: 'UntilTooLate', write, message });
  }
  return problems;
}

/**
 * What the chain had after a step when a value was written. A controller, which runs once at a time, says only the newest: a
 * halt it says before it records it, and a step right after.
 */
function laterOf(steps: readonly RolloutStep[], n: number, time: string): RolloutStep | undefined {
  const later = steps.filter((one) => one.n > n && Date.parse(one.time) + CLOCKS_MS < Date.parse(time));
  return later.find(({ kind }) => kind === 'halt') ?? later.at(-1);
}

function begun(plan: number, records: readonly LedgerRecord[]): LedgerRecord | undefined {
  return records.find(({ sequence, rollout }) => sequence === plan && rollout?.plan === plan);
}

/** The value's fields, in any order. */
function canonical(value: string): string {
  const fields = JSON.parse(value) as Record<string, unknown>;
  return JSON.stringify(Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1)));
}
