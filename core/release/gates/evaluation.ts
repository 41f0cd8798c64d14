import { checkGroup } from '../../contract/names';
import { isSuiteDigest } from '../../evaluation/evaluation-suite';
import { casesOf } from '../../evaluation/paired-interval';
import { verdictOf } from '../../evaluation/verdict';
import { metricText, percent } from '../../evaluation/verdict-text';
import { type Evaluation, evaluationIn, personOf, type SignedReview } from '../../ledger/review';
import { MOST_OF_A_SIGNER } from '../../ledger/review-source';
import type { AnyGate, GateKind, JudgeProps, KindVerdict, Refusal } from './gate-kind';
import { invalidGate } from './invalid-gate';

/** A member of the group `by` ran a suite over the content, compared with what is live, and it came out well enough. */
export interface EvaluationGate {
  readonly gate: 'evaluation';
  readonly by: string;
  /** Suite digest, `es1:…`. */
  readonly suite: string;
  /** By metric: the share of cases that must pass, above 0 to 1. */
  readonly atLeast: Readonly<Record<string, number>>;
  /** By metric: the share of cases by which it must be shown not to be worse than what is live, between 0 and 1. */
  readonly noWorseThanLive: Readonly<Record<string, number>>;
}

const FIELDS = 'atLeast, by, gate, noWorseThanLive, suite';

export function isEvaluationGate(gate: AnyGate): gate is EvaluationGate {
  return gate.gate === 'evaluation';
}

/**
 * The newest run counts, of whichever member of the group, among those of this suite that compared with what is live now.
 * Critical cases must pass whatever the gate names. What is inconclusive does not pass. Where nothing is live, there is
 * nothing to be worse than.
 */
export const EVALUATION: GateKind<EvaluationGate> = {
  check(gate) {
    const fields = Object.keys(gate).sort().join(', ');
    if (fields !== FIELDS) {
      throw invalidGate(`${FIELDS} in an evaluation gate, as this version of cdk-prompt-registry knows it`, fields);
    }
    checkGroup(gate.by);
    if (!isSuiteDigest(gate.suite)) throw invalidGate('the digest of a suite, es1: and 64 hex digits', gate.suite);
    checkShares('atLeast', gate.atLeast, 'a share of cases above 0, at most 1', (share) => share <= 1);
    checkShares('noWorseThanLive', gate.noWorseThanLive, 'a share of cases between 0 and 1', (share) => share < 1);
  },

  groups: ({ by }) => [by],

  runners: ({ by }) => [by],

  isAsStrict: (gate, expected) =>
    gate.by === expected.by &&
    gate.suite === expected.suite &&
    Object.entries(expected.atLeast).every(([name, share]) => (gate.atLeast[name] ?? 0) >= share) &&
    Object.entries(expected.noWorseThanLive).every(([name, margin]) => (gate.noWorseThanLive[name] ?? 1) <= margin),

  judge(gates, props): KindVerdict {
    const found = gates.map((gate) => measured(gate, props));
    return {
      refusals: found.flatMap((one) => refusalOf(one, props) ?? []),
      reviews: found.flatMap(({ newest }) => newest?.signed ?? []),
      runs: found.reduce((sum, { runs }) => sum + runs.length, 0),
    };
  },
};

/** A run of a suite, signed. */
export interface SignedRun {
  readonly signed: SignedReview;
  readonly evaluation: Evaluation;
}

/** What a gate finds among the runs. */
export interface Measured {
  readonly gate: EvaluationGate;
  /** Of this suite and this content, newest first, whatever they compared with. */
  readonly runs: readonly SignedRun[];
  /** The one that counts. */
  readonly newest: SignedRun | undefined;
  /** Signers of those that could count. */
  readonly runners: ReadonlySet<string>;
}

/** What the verdict goes by, for people to read. */
export function measuredAtGates(props: JudgeProps): Measured[] {
  return props.gates.filter(isEvaluationGate).map((gate) => measured(gate, props));
}

function measured(gate: EvaluationGate, { reviews, live, leftAt }: JudgeProps): Measured {
  const runs = reviews
    .filter(({ address }) => address.group === gate.by)
    .flatMap((signed) => {
      const evaluation = evaluationIn(signed.review);
      return evaluation?.suite === gate.suite ? [{ signed, evaluation }] : [];
    })
    .sort((a, b) => newestFirst(a.signed, b.signed));
  const counting = runs.filter(({ evaluation, signed }) => evaluation.baseline === live && !isBefore(signed, leftAt));
  return { gate, runs, newest: counting[0], runners: new Set(counting.map(({ signed }) => signed.address.signer)) };
}

function refusalOf(found: Measured, props: JudgeProps): Refusal | undefined {
  const { gate, newest } = found;
  const refusal = (code: Refusal['code'], what: string): Refusal => ({
    code,
    gate,
    command: 'evaluate',
    message: `expected ${expectedBy(gate, props)}, found ${what}`,
  });
  const unread = unreadBefore(found, props);
  if (unread !== undefined) return refusal('TooManyReviews', unread);
  if (newest === undefined) return nothingCounts(found, props, refusal);
  const unreadable = newerUnreadable(newest, props);
  if (unreadable !== undefined) return refusal('EvaluationMissing', unreadable);
  return shortcoming(found, newest, props, refusal);
}

type Refuse = (code: Refusal['code'], what: string) => Refusal;

/** A run of a signer may stand behind a hundred newer reviews, be worse than what another signer ran, and count. */
function unreadBefore({ gate, runners }: Measured, { reviews }: JudgeProps): string | undefined {
  const unheard = reviews.filter(
    ({ hasOlder, address }) => hasOlder && address.group === gate.by && !runners.has(address.signer),
  );
  if (unheard.length === 0) return undefined;
  const people = [...new Set(unheard.map(personIn))].sort().join(', ');
  return `more than ${MOST_OF_A_SIGNER} reviews by ${people} without a run of it, older ones are not read: let ${people} run it again`;
}

function nothingCounts({ gate, runs }: Measured, { reviews, live, leftAt }: JudgeProps, refuse: Refuse): Refusal {
  const [run] = runs;
  if (run === undefined) {
    const unread = reviews.filter(({ address, review }) => address.group === gate.by && isUnreadable(review));
    const people = [...new Set(unread.map(personIn))].sort().join(', ');
    return refuse('EvaluationMissing', people === '' ? 'none' : `none, and a review by ${people} that cannot be read`);
  }
  const { evaluation, signed } = run;
  const newest = `${countOf(runs)}, the newest by ${personIn(signed)} of ${signed.time}`;
  if (evaluation.baseline === live) {
    return refuse('EvaluationMissing', `${newest}, before the alias came back from this content: run it again`);
  }
  const baseline = evaluation.baseline === null ? 'nothing' : short(evaluation.baseline);
  const standing = isBefore(signed, leftAt) ? ', before the alias came back from this content' : '';
  return refuse('StaleBaseline', `${newest}, which compared with ${baseline}${standing}: run it again`);
}

/** What was written since may take the run back, or be a worse one by another member: nobody knows. */
function newerUnreadable({ signed }: SignedRun, { reviews }: JudgeProps): string | undefined {
  const { group, signer, number } = signed.address;
  const isNewer = ({ address, time }: SignedReview) =>
    // Within a second nobody knows which of two signers was first.
    address.signer === signer ? address.number > number : Date.parse(time) >= Date.parse(signed.time);
  const newer = reviews.find((other) => other.address.group === group && isUnreadable(other.review) && isNewer(other));
  return (
    newer &&
    `a newer review by ${personIn(newer)} that cannot be read: ${newer.problem ?? 'its counts are those of no run'}`
  );
}

function shortcoming(
  { gate, runs }: Measured,
  { signed, evaluation }: SignedRun,
  { live }: JudgeProps,
  refuse: Refuse,
): Refusal | undefined {
  const { critical, metrics } = evaluation;
  const asked = [...Object.keys(gate.atLeast), ...(live === null ? [] : Object.keys(gate.noWorseThanLive))];
  const absent = asked.find((name) => !Object.hasOwn(metrics, name));
  const by = `${countOf(runs)}, the newest by ${personIn(signed)} of ${signed.time}`;
  if (absent !== undefined) return refuse('EvaluationMissing', `${by}, without the metric ${absent}`);
  const below: string[] = [];
  const unclear: string[] = [];
  const failed = critical.failed.length + critical.unnamed;
  if (failed > 0) below.push(`${failed} of ${critical.cases} critical cases failed (${namesOf(critical)})`);
  for (const [name, least] of Object.entries(gate.atLeast)) {
    const counts = countsOf(evaluation, name);
    const passed = counts.both + counts.onlyCandidate;
    const cases = casesOf(counts);
    if (passed / cases < least) below.push(`${name}: ${passed} of ${cases} cases passed, ${percent(passed / cases)}`);
  }
  for (const [name, margin] of Object.entries(live === null ? {} : gate.noWorseThanLive)) {
    const verdict = verdictOf(countsOf(evaluation, name), margin);
    if (verdict.verdict === 'worse') below.push(metricText(name, verdict));
    if (verdict.verdict === 'inconclusive') unclear.push(metricText(name, verdict));
  }
  if (below.length + unclear.length === 0) return undefined;
  return refuse(below.length > 0 ? 'BelowThreshold' : 'Inconclusive', `${by}: ${[...below, ...unclear].join('; ')}`);
}

/** `an evaluation by measured of suite es1:0a1b2c3d…, compared with pd1:3f9c…, which is live: exact ≥ 95 %, …` */
function expectedBy({ by, suite, atLeast, noWorseThanLive }: EvaluationGate, { live }: JudgeProps): string {
  const baseline = live === null ? '' : `, compared with ${short(live)}, which is live`;
  const terms = [
    ...Object.entries(atLeast).map(([name, share]) => `${name} at least ${percent(share)}`),
    ...Object.entries(live === null ? {} : noWorseThanLive).map(
      ([name, margin]) => `${name} not worse by ${percent(margin).replace(' %', ' points')}`,
    ),
    'all critical cases',
  ];
  return `an evaluation by ${by} of suite ${short(suite)}${baseline} (${terms.join(', ')})`;
}

function countsOf({ metrics }: Evaluation, name: string) {
  return metrics[name] ?? { both: 0, onlyCandidate: 0, onlyLive: 0, neither: 0 };
}

function namesOf({ failed, unnamed }: Evaluation['critical']): string {
  const shown = failed.slice(0, 5);
  const more = failed.length - shown.length + unnamed;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function countOf(runs: readonly SignedRun[]): string {
  return `${runs.length} run${runs.length === 1 ? '' : 's'}`;
}

function isUnreadable(review: SignedReview['review']): boolean {
  return review === undefined || (review.kind === 'evaluate' && evaluationIn(review) === undefined);
}

function isBefore({ time }: SignedReview, leftAt: number | undefined): boolean {
  return leftAt !== undefined && Date.parse(time) <= leftAt;
}

/** S3 tells times by the second: within one the key decides, in which a signer's newest is the first. */
function newestFirst(a: SignedReview, b: SignedReview): number {
  return Date.parse(b.time) - Date.parse(a.time) || (a.key < b.key ? -1 : 1);
}

function personIn({ address }: SignedReview): string {
  return personOf(address.signer);
}

function short(digest: string): string {
  return `${digest.slice(0, 12)}…`;
}

function checkShares(
  name: 'atLeast' | 'noWorseThanLive',
  shares: unknown,
  words: string,
  fits: (share: number) => boolean,
): void {
  if (typeof shares !== 'object' || shares === null || Array.isArray(shares)) {
    throw invalidGate(`${name} by the name of a metric`, shares);
  }
  for (const [metric, share] of Object.entries(shares)) {
    if (metric === '') throw invalidGate(`the name of a metric in ${name}`, metric);
    if (typeof share !== 'number' || !(share > 0) || !fits(share))
      throw invalidGate(`${words} as ${name} of ${metric}`, share);
  }
}
