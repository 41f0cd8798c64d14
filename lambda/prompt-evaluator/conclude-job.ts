import type { EvaluatorSettings } from '../../core/contract/prompt-evaluator';
import { type EvaluationRun, serializeRun } from '../../core/evaluation/evaluation-row';
import type { EvaluationSuite } from '../../core/evaluation/evaluation-suite';
import { readRun } from '../../core/evaluation/read-run';
import { evaluationCounts } from '../../core/ledger/evaluation-counts';
import { type Evaluation, serializeReview } from '../../core/ledger/review';
import { RegistryError } from '../../core/registry-error';
import type { Log } from '../log';
import { type EvaluationJob, runKey, runsPrefix } from './evaluation-job';
import type { JobStore } from './job-store';
import { type ReviewStore, signOnce } from './sign-once';
import { type TopicMessage, worseMessage } from './topic-message';
import { type Worsening, worseThanBefore, worseThanLive } from './worse';

export interface ConclusionDeps {
  readonly settings: EvaluatorSettings;
  /** Parameter prefix of the registry. */
  readonly registry: string;
  /** `aws:userid` of the function's sessions. */
  readonly signer: string;
  readonly jobs: JobStore;
  readonly ledger: ReviewStore;
  readonly tell: (message: TopicMessage) => Promise<void>;
  readonly log: Log;
}

const RUNNER = 'cdk-prompt-registry prompt-evaluator';

/**
 * Keeps the run, signs it where a release may be judged by it, and says what became worse. Each step may be done twice and
 * comes out the same: the run that was kept first is the one that counts. A message may come twice, and none is lost.
 */
export async function concludeJob(
  job: EvaluationJob,
  suite: EvaluationSuite,
  run: EvaluationRun,
  deps: ConclusionDeps,
): Promise<void> {
  const { jobs, settings } = deps;
  const key = runKey(job);
  const kept = parseRun(await jobs.settle(key, serializeRun(run)));
  const review = job.kind === 'release' ? await sign(job, suite, kept, deps) : null;
  const worse = job.kind === 'release' ? worseThanLive(suite, kept) : await worseThanLast(job, suite, kept, deps);
  if (worse) await deps.tell(worseMessage(job, worse, `s3://${settings.bucket}/${key}`));
  await jobs.end(job.id, { run: key, review, worse: worse !== undefined });
  deps.log('INFO', 'evaluated', { job: job.id, prompt: job.prompt, kind: job.kind, run: key, review });
}

async function sign(
  job: EvaluationJob,
  suite: EvaluationSuite,
  run: EvaluationRun,
  { settings, registry, signer, jobs, ledger }: ConclusionDeps,
): Promise<string> {
  const { prompt, promptId, alias, candidate, live } = job;
  const { group } = settings;
  const review: Evaluation = {
    schema: 1,
    kind: 'evaluate',
    group,
    registry,
    promptId,
    prompt,
    alias,
    digest: candidate.digest,
    version: candidate.version,
    live: live?.digest ?? null,
    comment: null,
    time: job.began,
    ...evaluationCounts(suite, run, RUNNER),
  };
  const address = { promptId, alias, digest: candidate.digest, group, signer };
  return signOnce(job.id, address, serializeReview(review), jobs, ledger);
}

/** Runs that are looked through for one that can be read. */
const MOST_RUNS = 20;

/** Against the newest run of the same content and suite that is older and can be read; undefined where there is none. */
async function worseThanLast(
  job: EvaluationJob,
  suite: EvaluationSuite,
  { rows }: EvaluationRun,
  { jobs: { bucket }, log }: ConclusionDeps,
): Promise<Worsening | undefined> {
  // Keys of newer runs come first, so that behind this one's are the older ones.
  for (const { key } of await bucket.listObjects(runsPrefix(job), MOST_RUNS, runKey(job))) {
    try {
      const body = await bucket.read(key);
      if (body !== undefined) return worseThanBefore(suite, rows, readRun(body, key).rows);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      log('WARN', 'a file among the runs is no run; compared with the one before it: delete it', {
        key,
        reason: error.message,
      });
    }
  }
  return undefined;
}

/** The inverse of `serializeRun()`, of what this function wrote itself. */
function parseRun(body: string): EvaluationRun {
  const [head = {}, ...rows] = body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { ...head, rows };
}
