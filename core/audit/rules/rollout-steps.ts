import type { ChainProblem } from '../../ledger/chain';
import { stepsPrefix } from '../../ledger/layout';
import { type LedgerRecord, recordDigest } from '../../ledger/record';
import { type RolloutStep, verifySteps } from '../../ledger/rollout-step';
import { stillCounting } from '../../release/standing';
import { endOf, isOver } from '../../rollout/plan-end';
import { addToGroup } from '../add-to-group';
import type { AuditedRegistry, AuditRule } from '../audit-rule';
import type { Report } from '../finding';
import { type LedgerSurvey, type SurveyedChain, type SurveyedStep, wasRead } from '../ledger-survey';

type Problem =
  | Exclude<ChainProblem, 'NotAsKnown' | 'NotJudged' | 'BadKey'>
  | 'StepWithoutRollout'
  | 'StepNotAllowed'
  | 'StepAfterEnd'
  | 'LateStep'
  | 'WrongEnd';

/** A rollout moves between the steps that a record allowed, one after the other, until it is halted or a record ends it. */
export const rolloutSteps: AuditRule<AuditedRegistry, Problem> = {
  name: 'rollout-steps',
  reads: 'the chain of steps of each rollout, and the record that began it and the one that ended it',
  finds: {
    BadRecord: 'an object among the steps of a rollout is no step',
    WrongKey: 'a step says that it belongs at another key',
    OtherAlias: 'a step is of another rollout than the first of its chain',
    Fork: 'two steps have the same number',
    Gap: 'steps are missing between two others',
    WrongPrevious:
      'a step does not carry the digest of the one before, the first that of the record: one of the two was changed',
    WrongFrom: 'a step was left out or taken back, or follows a halt',
    StepWithoutRollout: 'there are steps, and no record began such a rollout',
    StepNotAllowed: 'a step is none of those that the record allowed',
    StepAfterEnd: 'a step gave the candidate to callers after the end of a rollout that has one',
    LateStep: 'a step was written after another record had ended the rollout: nobody got it',
    WrongEnd: 'the record that ended a rollout names another last step than there is',
  },
  run({ survey }, report) {
    const all = new Map<string, SurveyedStep[]>();
    for (const step of survey.steps) addToGroup(all, stepsPrefix(step.address), step);
    for (const steps of all.values()) ofOneRollout(steps, survey, report);
    for (const chain of survey.chains) ends(chain, survey, report);
  },
};

function ofOneRollout(steps: readonly SurveyedStep[], { chains }: LedgerSurvey, report: Report<Problem>): void {
  const [{ address, object }] = steps as [SurveyedStep];
  const { promptId, alias, plan } = address;
  const chain = chains.find((one) => one.promptId === promptId && one.alias === alias);
  const beginning = chain?.objects.get(plan);
  if (beginning && !wasRead(beginning)) return;
  const begun = chain?.records.find(({ sequence, rollout }) => sequence === plan && rollout?.plan === plan);
  if (!chain || !begun || beginning?.body === undefined) {
    const { key } = object;
    report('StepWithoutRollout', key, `is a step of rollout ${plan}, which no record of ${alias} began`);
    return;
  }
  const links = verifiedSteps(steps, recordDigest(beginning.body), report);
  allowedOnly(links, steps, begun, report);
  endedSteps(links, steps, begun, report);
  lateSteps(links, steps, chain.records, plan, report);
}

function verifiedSteps(steps: readonly SurveyedStep[], root: string, report: Report<Problem>): RolloutStep[] {
  const entries = steps.flatMap(({ object: { key, body } }) => (body === undefined ? [] : [{ key, body }]));
  const { links, findings } = verifySteps(entries, root);
  const isWhole = entries.length === steps.length;
  for (const { problem, key, message } of findings) {
    // A step that may not be read leaves no gap.
    if (problem in rolloutSteps.finds && (isWhole || problem === 'BadRecord')) report(problem as Problem, key, message);
  }
  return links.flatMap(({ record }) => record ?? []);
}

function allowedOnly(
  links: readonly RolloutStep[],
  steps: readonly SurveyedStep[],
  { rollout, sequence }: LedgerRecord,
  report: Report<Problem>,
): void {
  const allowed = rollout?.steps.length ?? 0;
  for (const { n, step } of links) {
    if (step < allowed) continue;
    report('StepNotAllowed', keyOf(n, steps), `is step ${step}: record ${sequence} allowed ${allowed}`);
  }
}

/** From its time on a step holds: one whose time comes with the end, or later, was to hold after it. */
function endedSteps(
  links: readonly RolloutStep[],
  steps: readonly SurveyedStep[],
  { rollout, time, sequence }: LedgerRecord,
  report: Report<Problem>,
): void {
  for (const { n, kind, at } of links) {
    if (kind === 'halt' || !rollout || !isOver(rollout, time, new Date(at))) continue;
    const end = endOf(rollout, time)?.toISOString();
    report('StepAfterEnd', keyOf(n, steps), `holds from ${at} on: what record ${sequence} began was over at ${end}`);
  }
}

function lateSteps(
  links: readonly RolloutStep[],
  steps: readonly SurveyedStep[],
  records: readonly LedgerRecord[],
  plan: number,
  report: Report<Problem>,
): void {
  const counting = stillCounting([...records].reverse());
  const end = counting.find((record) => record.sequence > plan && record.ended?.plan === plan);
  const last = end?.ended?.n ?? null;
  for (const { n, kind, time } of links) {
    if (kind === 'halt' || last === null || n <= last) continue;
    const message = `was written at ${time}, after record ${end?.sequence} had ended the rollout: no client takes it`;
    report('LateStep', keyOf(n, steps), message, { level: 'note' });
  }
}

function keyOf(n: number, steps: readonly SurveyedStep[]): string {
  return steps.find(({ address }) => address.n === n)?.object.key ?? '';
}

/** What a record says that a rollout had come to. */
function ends({ promptId, alias, records }: SurveyedChain, { steps }: LedgerSurvey, report: Report<Problem>): void {
  for (const { ended, sequence } of records) {
    if (!ended || ended.n === null || ended.n === 0) continue;
    const own = (one: SurveyedStep) =>
      one.address.promptId === promptId && one.address.alias === alias && one.address.plan === ended.plan;
    const last = steps.find((one) => own(one) && one.address.n === ended.n);
    const { body } = last?.object ?? {};
    if (last && !wasRead(last.object)) continue;
    if (body !== undefined && recordDigest(body) === ended.head) continue;
    const state = body === undefined ? 'is not there' : 'has another content';
    report(
      'WrongEnd',
      `ledger ${alias} ${sequence}`,
      `ended rollout ${ended.plan} at its step ${ended.n}, which ${state}`,
    );
  }
}
