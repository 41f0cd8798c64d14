import { isAccessError } from '../../core/contract/access-error';
import { type AskedContent, askedVersion } from '../../core/evaluation/asked-content';
import type { ConverseModel } from '../../core/evaluation/converse-model';
import type { EvaluationRun } from '../../core/evaluation/evaluation-row';
import type { EvaluationSuite } from '../../core/evaluation/evaluation-suite';
import { JudgeModel } from '../../core/evaluation/judge-model';
import { CannotRun, PatientModel } from '../../core/evaluation/patient-model';
import type { RunClock } from '../../core/evaluation/run-clock';
import { runSuite } from '../../core/evaluation/run-suite';
import type { SpentTokens } from '../../core/evaluation/token-pace';
import { archiveKey } from '../../core/ledger/layout';
import { RegistryError } from '../../core/registry-error';
import { isAwsError } from '../error-code';
import type { EvaluationJob, JobVersion } from './evaluation-job';
import { type EvaluatorBucket, JobAnswers } from './job-store';
import type { Outcome } from './next-step';
import type { LedgerReader } from './subjects';

export interface AttemptDeps {
  readonly bucket: EvaluatorBucket;
  readonly ledger: LedgerReader;
  readonly converse: ConverseModel;
  readonly clock: RunClock;
}

export interface AttemptLimits {
  readonly promptArn: string;
  /** What callers of the version must name. */
  readonly guardrail?: string | undefined;
  readonly tokensPerMinute: number;
  /** Tokens of the job's answers so far, oldest first; those of this attempt are added. */
  readonly spent: SpentTokens[];
  /** Fires when the invocation has to hand on. */
  readonly signal: AbortSignal;
}

/** How an attempt ended: with a run, or why there is none. */
export type Attempt =
  | { readonly outcome: 'asked'; readonly run: EvaluationRun }
  | { readonly outcome: Exclude<Outcome, 'asked'>; readonly reason: string };

/** Few at a time: the pace is set by the tokens, and an invocation that ends loses what is under way. */
const AT_ONCE = 4;

/** Asks all that has no answer yet. Whoever asked it, the rows are made of the answers that are kept. */
export async function attemptJob(
  job: EvaluationJob,
  suite: EvaluationSuite,
  limits: AttemptLimits,
  deps: AttemptDeps,
): Promise<Attempt> {
  const { signal, tokensPerMinute, spent } = limits;
  const { clock } = deps;
  const converse: ConverseModel = async (request, abort) => {
    const output = await deps.converse(request, abort);
    const { inputTokens = 0, outputTokens = 0 } = output.usage ?? {};
    spent.push({ at: clock.now(), tokens: inputTokens + outputTokens });
    return output;
  };
  let answers = new JobAnswers(deps.bucket, job.id);
  try {
    const sides = [job.candidate, job.live].map((side) => side && contentOf(job, side, limits, deps.ledger));
    const [candidate, live] = await Promise.all(sides);
    const once = async () => {
      answers = new JobAnswers(deps.bucket, job.id);
      const model = new PatientModel({ converse, clock, signal, tokensPerMinute, spent });
      const { run } = await runSuite({
        prompt: job.prompt,
        suite,
        candidate: candidate as AskedContent,
        live: live ?? null,
        advisory: [],
        model,
        judge: new JudgeModel(model, answers, ''),
        answers,
        atOnce: AT_ONCE,
        signal,
        time: new Date(job.began),
      });
      return run;
    };
    const first = await once();
    return { outcome: 'asked', run: answers.hasOthers ? await once() : first };
  } catch (error) {
    // Lambda tries the event again.
    if (answers.failure !== undefined) throw answers.failure;
    return { outcome: outcomeOf(error, signal), reason: (error as Error).message };
  }
}

function outcomeOf(error: unknown, signal: AbortSignal): Exclude<Outcome, 'asked'> {
  if (signal.aborted) return 'out of time';
  if (error instanceof RegistryError) return 'never';
  if (!(error instanceof CannotRun)) throw error;
  if (isAccessError(error.cause)) return 'no access';
  return isAwsError(error.cause, 'ThrottlingException', 'TooManyRequestsException', 'ServiceUnavailableException')
    ? 'busy'
    : 'never';
}

/** The content as it was archived when it was published: its variables are what the cases have to give. */
async function contentOf(
  { prompt, promptId }: EvaluationJob,
  { version, digest }: JobVersion,
  { promptArn, guardrail }: AttemptLimits,
  ledger: LedgerReader,
): Promise<AskedContent> {
  const body = await ledger.read(archiveKey(promptId, version, digest));
  if (body === undefined) {
    throw new CannotRun(`version ${version} of ${prompt} is in no archive: the registry did not publish it`);
  }
  const { variant } = JSON.parse(body);
  return askedVersion({
    promptName: prompt,
    label: `:${version}`,
    variant,
    version,
    versionArn: `${promptArn}:${version}`,
    guardrail,
  });
}
