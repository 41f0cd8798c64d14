import type { EvaluatedPromptSettings } from '../../core/contract/prompt-evaluator';
import type { EvaluationSuite } from '../../core/evaluation/evaluation-suite';
import type { RunClock } from '../../core/evaluation/run-clock';
import type { SpentTokens } from '../../core/evaluation/token-pace';
import { type AttemptDeps, attemptJob } from './attempt-job';
import { type ConclusionDeps, concludeJob } from './conclude-job';
import { type EvaluationJob, type JobSubject, jobOfNextKey, nextKey } from './evaluation-job';
import { LONGEST_JOB, nextStep } from './next-step';
import type { ReviewStore } from './sign-once';
import { type LedgerReader, Subjects } from './subjects';
import { stoppedMessage } from './topic-message';

/** An event of S3 or of a schedule, as EventBridge hands it on. */
export interface EvaluatorEvent {
  readonly source?: string;
  /** ISO 8601; the same each time that an event is delivered. */
  readonly time?: string;
  readonly detail?: { readonly bucket?: { readonly name?: string }; readonly object?: { readonly key?: string } };
}

/** Time since the epoch, and a bell. */
export interface EvaluatorClock extends RunClock {
  /** Acts once after so many milliseconds, unless it is stopped before. */
  after(milliseconds: number, act: () => void): { stop(): void };
}

export interface EvaluatorDeps extends Omit<AttemptDeps, 'ledger' | 'clock'>, Omit<ConclusionDeps, 'ledger'> {
  readonly ledger: LedgerReader & ReviewStore;
  readonly clock: EvaluatorClock;
  readonly suites: Readonly<Record<string, EvaluationSuite>>;
  readonly ledgerBucket: string;
}

/** Time that is kept for what comes after the last answer: answers under way are given up, and the run is put together. */
const RESERVE = 60_000;
const MINUTE = 60_000;

/**
 * Measures versions as they are published, and what is live each time a schedule comes due. A deployment may have
 * published versions before the evaluator of the same stack was there to hear of it: its end is one more occasion.
 *
 * An event makes a job, and a job is worked at by one invocation after the other: each begins where the one before ended,
 * by whatever it ended, since every answer is kept as soon as it is there.
 *
 * @param left milliseconds until Lambda ends the invocation
 */
export async function promptEvaluator(event: EvaluatorEvent, left: number, deps: EvaluatorDeps): Promise<void> {
  const end = deps.clock.now() + Math.max(left - RESERVE, left / 2);
  const { bucket, object } = event.detail ?? {};
  if (event.source === 'aws.events') await beginDay(event.time, deps);
  else if (event.source === 'aws.cloudformation')
    await beginAll((settings) => subjectsIn(deps).ofDeployment(settings), 'deployment', deps);
  else if (bucket?.name === deps.ledgerBucket) await beginRelease(object?.key ?? '', end, deps);
  else if (bucket?.name === deps.settings.bucket) await goOn(object?.key ?? '', end, deps);
  else deps.log('WARN', 'an event that is none of the evaluator’s', { source: event.source, bucket: bucket?.name });
}

async function beginDay(time: string | undefined, deps: EvaluatorDeps): Promise<void> {
  const due = time ?? new Date(deps.clock.now()).toISOString();
  await beginAll((settings) => subjectsIn(deps).ofDay(settings, due), 'event', deps);
}

/** Each prompt in an invocation of its own. One whose ledger cannot be read keeps no other from being measured. */
async function beginAll(
  subjectOf: (settings: EvaluatedPromptSettings) => Promise<JobSubject | undefined>,
  occasion: 'event' | 'deployment',
  deps: EvaluatorDeps,
): Promise<void> {
  const failures: unknown[] = [];
  for (const settings of deps.settings.prompts) {
    try {
      const subject = await subjectOf(settings);
      const job = subject && (await deps.jobs.begin(subject, deps.clock.now(), occasion));
      if (job && !(await deps.jobs.hasEnded(job.id))) await handOn(job, deps);
    } catch (error) {
      deps.log('ERROR', 'a prompt could not be measured', { prompt: settings.prompt, reason: String(error) });
      failures.push(error);
    }
  }
  // Lambda tries the event again.
  if (failures.length > 0) throw failures[0];
}

function subjectsIn({ settings, ledger }: EvaluatorDeps): Subjects {
  return new Subjects(settings.prompts, ledger);
}

async function beginRelease(key: string, end: number, deps: EvaluatorDeps): Promise<void> {
  const subject = await subjectsIn(deps).ofObject(key);
  if (subject) await workAt(await deps.jobs.begin(subject, deps.clock.now(), 'event'), end, deps);
}

async function goOn(key: string, end: number, deps: EvaluatorDeps): Promise<void> {
  const [job, order] = await Promise.all([deps.jobs.job(jobOfNextKey(key) ?? ''), deps.bucket.read(key)]);
  if (job && order) await workAt(job, end, deps, JSON.parse(order));
}

async function workAt(
  job: EvaluationJob,
  end: number,
  deps: EvaluatorDeps,
  order: Order = { spent: [] },
): Promise<void> {
  const { settings, suites, jobs, clock, log } = deps;
  const suite = suites[job.suite];
  const of = settings.prompts.find(({ prompt, suite: digest }) => prompt === job.prompt && digest === job.suite);
  if (!suite || !of) {
    log('WARN', 'a job of a suite that this evaluator has no longer', { job: job.id, suite: job.suite });
    return;
  }
  if (await jobs.hasEnded(job.id)) return;
  const { promptArn, guardrail } = of;
  const { tokensPerMinute } = settings;
  const stopping = new AbortController();
  const timer = clock.after(end - clock.now(), () => stopping.abort());
  const spent = [...order.spent];
  try {
    for (;;) {
      const attempt = await attemptJob(
        job,
        suite,
        { promptArn, guardrail, tokensPerMinute, spent, signal: stopping.signal },
        deps,
      );
      const now = clock.now();
      const step = nextStep({ outcome: attempt.outcome, age: now - Date.parse(job.began), left: end - now });
      if (attempt.outcome === 'asked') return await concludeJob(job, suite, attempt.run, deps);
      log('WARN', 'an attempt ended without a run', { job: job.id, ...attempt, step: step.step });
      if (step.step === 'hand on') return await handOn(job, deps, spent);
      if (step.step === 'try again') await clock.sleep(step.after, stopping.signal);
      else {
        const stopped = reasonToStop(job, attempt.reason, now);
        await deps.tell(stoppedMessage(job, stopped));
        return await jobs.end(job.id, { stopped });
      }
    }
  } finally {
    timer.stop();
  }
}

/** Of a job that is too old, why alone would not say that it is given up for its age. */
function reasonToStop({ began }: EvaluationJob, reason: string, now: number): string {
  const hours = Math.floor((now - Date.parse(began)) / 3_600_000);
  return now - Date.parse(began) < LONGEST_JOB
    ? reason
    : `it began at ${began} and has no run after ${hours} hours; the last attempt ended with: ${reason}`;
}

/**
 * The bucket tells EventBridge, and that starts the next invocation.
 */
async function handOn({ id }: EvaluationJob, { bucket, clock }: EvaluatorDeps, spent: readonly SpentTokens[] = []) {
  const now = clock.now();
  const order: Order = { spent: spent.filter(({ at }) => at > now - MINUTE) };
  await bucket.putIfAbsent(nextKey(id, now), JSON.stringify(order));
}

/** What an invocation tells the next one, so that the two spend no more in a minute than one may. */
interface Order {
  readonly spent: readonly SpentTokens[];
}
