import { RegistryError } from '../registry-error';
import { type AnswerStore, answerKey } from './answer-store';
import type { AskedContent } from './asked-content';
import type { Complaint } from './check-kind';
import { checkKind } from './checks';
import type { EvaluatedContent, EvaluationRow, EvaluationRun, MetricResult } from './evaluation-row';
import {
  type Check,
  checksOf,
  type EvaluationCase,
  type EvaluationSide,
  type EvaluationSuite,
  repeatsOf,
  suiteDigest,
} from './evaluation-suite';
import { type JudgeModel, NotJudged } from './judge-model';
import type { ModelAnswer } from './model-answer';
import { CannotRun, type PatientModel } from './patient-model';
import { wantedBy } from './wanted-by';

/** A check in the user's own code. */
export type OwnCheck = (answer: ModelAnswer, one: EvaluationCase) => unknown;

export interface RunProps {
  readonly prompt: string;
  readonly suite: EvaluationSuite;
  readonly candidate: AskedContent;
  /** Null where nothing is live, or nothing is compared with. */
  readonly live: AskedContent | null;
  /** {@link EvaluationRun.advisory} of this run. */
  readonly advisory: readonly string[];
  readonly model: PatientModel;
  readonly judge: JudgeModel;
  readonly answers: AnswerStore;
  /** Where contents are asked, where that is not Bedrock. */
  readonly route?: string;
  /** Undefined where checks in code are not run, as in an account. */
  readonly ownCheck?: (check: Check) => Promise<OwnCheck>;
  /** Questions at a time. */
  readonly atOnce: number;
  readonly signal: AbortSignal;
  readonly time: Date;
  readonly onAnswer?: (progress: RunProgress) => void;
}

export interface RunProgress {
  readonly answered: number;
  readonly questions: number;
  /** How many of them were known already. */
  readonly known: number;
}

/** A run with what it took. */
export interface FinishedRun {
  readonly run: EvaluationRun;
  readonly questions: number;
  /** Answers that were not asked for, as they were known. */
  readonly known: number;
}

interface Question {
  readonly side: EvaluationSide;
  readonly content: AskedContent;
  readonly one: EvaluationCase;
  readonly repeat: number;
}

/**
 * Asks the candidate and what is live every case of a suite, and checks the answers.
 *
 * Each answer is kept as soon as it is there: a run that was stopped goes on from where it was, and comes to the same rows.
 * A question that a model does not answer is a row with an error, and passes no metric. So is an answer that a judge says
 * nothing of: what is live is not worse for it.
 *
 * @throws CannotRun where nothing was answered by one of them, or nothing will be
 * @throws RegistryError `JudgeUnreliable`
 */
export async function runSuite(props: RunProps): Promise<FinishedRun> {
  const { suite, candidate, live, prompt, advisory, time } = props;
  for (const { name, check } of suite.metrics) {
    if (check.check === 'judge') await props.judge.checkControls(name, check);
  }
  const questions = questionsOf(props);
  const known = new Set<Question>();
  const pending = new Map<string, Promise<ModelAnswer>>();
  const answered = { candidate: new Set<string>(), live: new Set<string>() };
  const rows: EvaluationRow[] = [];
  await eachOf(questions, props.atOnce, async (question) => {
    rows.push(await rowOf(question, props, { pending, answered, onKnown: () => known.add(question) }));
    props.onAnswer?.({ answered: rows.length, questions: questions.length, known: known.size });
  });
  checkAnswered(rows, props);
  const run: EvaluationRun = {
    prompt,
    suite: suiteDigest(suite),
    candidate: evaluated(candidate),
    live: live && evaluated(live),
    time: time.toISOString(),
    advisory,
    questions: {
      candidate: answered.candidate.size,
      live: [...answered.live].filter((key) => !answered.candidate.has(key)).length,
    },
    rows,
  };
  return { run, questions: questions.length, known: known.size };
}

function evaluated({ label, digest, version, model }: AskedContent): EvaluatedContent {
  return { label, digest, version, model };
}

/** Both are asked about a case at about the same time, so that an hour's mood of a model is not taken for a difference. */
function questionsOf({ suite, candidate, live }: RunProps): Question[] {
  const of = (one: EvaluationCase, side: EvaluationSide, content: AskedContent) =>
    Array.from({ length: repeatsOf(suite, one, side) }, (_, index) => ({ side, content, one, repeat: index + 1 }));
  return suite.cases.flatMap((one) => [...of(one, 'candidate', candidate), ...(live ? of(one, 'live', live) : [])]);
}

/** So many at a time; the first that throws keeps those that have not begun from beginning. */
async function eachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      try {
        await work(items[next++] as T);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

async function rowOf(question: Question, props: RunProps, asking: Asking): Promise<EvaluationRow> {
  const { side, one, repeat } = question;
  const checks = checksOf(props.suite, one);
  const row = { side, case: one.id, repeat };
  try {
    const answer = await answerTo(question, props, asking);
    const unjudged: string[] = [];
    const results = await Promise.all(checks.map(([, list]) => resultOf(list, answer, { one, unjudged }, props)));
    const metrics = Object.fromEntries(checks.map(([name], at) => [name, results[at] as MetricResult]));
    return { ...row, answer, error: unjudged[0] ?? null, metrics };
  } catch (error) {
    if (error instanceof CannotRun || error instanceof RegistryError) throw error;
    const { name, message } = error as Error;
    const reason = `no answer: ${name}: ${message}`;
    const metrics = Object.fromEntries(checks.map(([metric]) => [metric, { pass: false, reason }]));
    return { ...row, answer: null, error: reason, metrics };
  }
}

/** What is being asked: where both sides hold the same content they get the same answer, and it is asked for once. */
interface Asking {
  readonly pending: Map<string, Promise<ModelAnswer>>;
  /** Keys of what has an answer. */
  readonly answered: Readonly<Record<EvaluationSide, Set<string>>>;
  readonly onKnown: () => void;
}

async function answerTo(
  { side, content, one, repeat }: Question,
  { answers, model, route = '' }: RunProps,
  { pending, answered, onKnown }: Asking,
): Promise<ModelAnswer> {
  const variables = content.values(one.variables);
  const key = answerKey({ digest: content.digest, route, guardrail: content.guardrail, variables, repeat });
  const known = await answers.get(key);
  if (known) {
    answered[side].add(key);
    onKnown();
    return known;
  }
  const asked = pending.get(key) ?? model.ask(content.request(variables));
  pending.set(key, asked);
  const answer = await asked;
  await answers.put(key, answer);
  answered[side].add(key);
  return answer;
}

async function resultOf(
  checks: readonly Check[],
  answer: ModelAnswer,
  { one, unjudged }: { readonly one: EvaluationCase; readonly unjudged: string[] },
  props: RunProps,
): Promise<MetricResult> {
  const complaints = await Promise.all(
    checks.map((check) =>
      complaintOf(check, answer, one, props).catch((error: Error): Complaint => {
        if (!(error instanceof NotJudged)) throw error;
        unjudged.push(error.message);
        return error.message;
      }),
    ),
  );
  const reasons = complaints.filter((complaint) => complaint !== undefined);
  return { pass: reasons.length === 0, reason: reasons.length === 0 ? null : reasons.join('; ') };
}

async function complaintOf(
  check: Check,
  answer: ModelAnswer,
  one: EvaluationCase,
  { judge, ownCheck }: RunProps,
): Promise<Complaint> {
  const wanted = wantedBy(check, one);
  if (check.check === 'judge') {
    return judge.complaint(check, { answer, variables: one.variables, wanted });
  }
  if (check.check === 'function') {
    if (!ownCheck) throw new CannotRun('checks in code run at a desk only: prompt-registry evaluate');
    return ownComplaint(await ownCheck(check), answer, one);
  }
  return checkKind(check.check)?.complaint?.(answer, wanted as never, check);
}

/** `true`, or `{ pass: true }`; what throws does not pass, and says why. */
async function ownComplaint(decide: OwnCheck, answer: ModelAnswer, one: EvaluationCase): Promise<Complaint> {
  try {
    const found = await decide(answer, one);
    const { pass, reason } = Object(found) as { pass?: unknown; reason?: unknown };
    if (found === true || pass === true) return undefined;
    if (found === false || pass === false) return typeof reason === 'string' ? reason : 'the function says no';
    return `the function answered ${JSON.stringify(found)}, not true, false or { pass, reason }`;
  } catch (error) {
    return `the function failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** One of whose questions not a single one has an answer was not measured, whatever the other one is worth. */
function checkAnswered(rows: readonly EvaluationRow[], { candidate, live }: RunProps): void {
  for (const [side, content] of [
    ['candidate', candidate],
    ['live', live],
  ] as const) {
    const own = rows.filter((row) => row.side === side);
    const [first] = own;
    if (!content || !first || own.some(({ answer }) => answer)) continue;
    throw new CannotRun(`${content.label} answered none of ${own.length} questions; ${first.error}`);
  }
}
