import type { EvaluatorSettings } from '../../core/contract/prompt-evaluator';
import { type EvaluationRun, serializeRun } from '../../core/evaluation/evaluation-row';
import type { EvaluationSuite } from '../../core/evaluation/evaluation-suite';
import { evaluationCounts } from '../../core/ledger/evaluation-counts';
import { type Evaluation, serializeReview } from '../../core/ledger/review';
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
  const worse = job.kind === 'release' ? worseThanLive(suite, kept) : await worseThanLast(job, suite, kept, jobs);
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

/** Against the newest run of the same content and suite that is older; undefined where there is none. */
async function worseThanLast(
  job: EvaluationJob,
  suite: EvaluationSuite,
  { rows }: EvaluationRun,
  { bucket }: JobStore,
): Promise<Worsening | undefined> {
  // Keys of newer runs come first, so that behind this one's are the older ones.
  const [last] = await bucket.listObjects(runsPrefix(job), 1, runKey(job));
  const body = last && (await bucket.read(last.key));
  return body === undefined ? undefined : worseThanBefore(suite, rows, parseRun(body).rows);
}

/** The inverse of `serializeRun()`, of what this function wrote itself. */
function parseRun(body: string): EvaluationRun {
  const [head = {}, ...rows] = body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { ...head, rows };
}
