import type { AnswerStore } from '../../core/evaluation/answer-store';
import type { ModelAnswer } from '../../core/evaluation/model-answer';
import { CannotRun } from '../../core/evaluation/patient-model';
import type { StoredObject } from '../../core/ledger/review-source';
import { type EvaluationJob, type JobEnd, type JobSubject, jobId, jobPrefix } from './evaluation-job';

/** The evaluator's own bucket, as far as it is used. */
export interface EvaluatorBucket {
  read(key: string): Promise<string | undefined>;
  putIfAbsent(key: string, body: string): Promise<'written' | 'taken'>;
  listObjects(prefix: string, limit: number, after?: string): Promise<StoredObject[]>;
}

/**
 * Jobs: what is measured, each answer, how it ended. An object is written once, so that of two invocations that are at the
 * same job the first one's word stands, and both go on with it.
 */
export class JobStore {
  constructor(readonly bucket: EvaluatorBucket) {}

  /**
   * The job as it stands; `now` is when it began, unless it began before. One that asks a number which the content has no
   * longer comes to no run, and a deployment may have mended why one was given up: then the next one takes its place.
   */
  async begin(subject: JobSubject, now: number, occasion: 'event' | 'deployment'): Promise<EvaluationJob> {
    for (let again = 0; ; again += 1) {
      const id = jobId(subject, again);
      const job: EvaluationJob = { schema: 1, id, ...subject, began: new Date(now).toISOString() };
      const kept: EvaluationJob = JSON.parse(await this.settle(`${jobPrefix(id)}job.json`, JSON.stringify(job)));
      const end = await this.endOf(id);
      const isRenumbered = !hasNumbersOf(kept, subject) && (end === undefined || end.stopped !== undefined);
      if (!isRenumbered && !(occasion === 'deployment' && end?.stopped !== undefined)) return kept;
    }
  }

  async job(id: string): Promise<EvaluationJob | undefined> {
    const body = await this.bucket.read(`${jobPrefix(id)}job.json`);
    return body === undefined ? undefined : JSON.parse(body);
  }

  async hasEnded(id: string): Promise<boolean> {
    return (await this.endOf(id)) !== undefined;
  }

  private async endOf(id: string): Promise<JobEnd | undefined> {
    const body = await this.bucket.read(`${jobPrefix(id)}end.json`);
    return body === undefined ? undefined : JSON.parse(body);
  }

  async end(id: string, how: JobEnd): Promise<void> {
    await this.bucket.putIfAbsent(`${jobPrefix(id)}end.json`, JSON.stringify(how));
  }

  /** Writes what is not there yet; answers what stands. */
  async settle(key: string, body: string): Promise<string> {
    const isNew = (await this.bucket.putIfAbsent(key, body)) === 'written';
    return isNew ? body : ((await this.bucket.read(key)) ?? body);
  }
}

function hasNumbersOf(job: JobSubject, { candidate, live }: JobSubject): boolean {
  return job.candidate.version === candidate.version && job.live?.version === live?.version;
}

/** The answers of a job, each an object of its own. */
export class JobAnswers implements AnswerStore {
  /** Whether an answer was asked for that another invocation had got meanwhile. */
  hasOthers = false;
  /** What the bucket threw, or what is in it that is no answer: then the run says nothing about the model, and is no run. */
  failure: unknown;

  constructor(
    private readonly bucket: EvaluatorBucket,
    private readonly id: string,
  ) {}

  async get(key: string): Promise<ModelAnswer | undefined> {
    return this.kept(this.read(this.keyOf(key)));
  }

  async put(key: string, answer: ModelAnswer): Promise<void> {
    const put = this.bucket.putIfAbsent(this.keyOf(key), JSON.stringify(answer));
    if ((await this.kept(put)) === 'taken') this.hasOthers = true;
  }

  private async read(key: string): Promise<ModelAnswer | undefined> {
    const body = await this.bucket.read(key);
    return body === undefined ? undefined : answerIn(body, key);
  }

  private async kept<T>(access: Promise<T>): Promise<T> {
    try {
      return await access;
    } catch (error) {
      this.failure = error;
      throw new CannotRun('an answer could not be kept or read', { cause: error });
    }
  }

  private keyOf(key: string): string {
    return `${jobPrefix(this.id)}answers/${key}.json`;
  }
}

function answerIn(body: string, key: string): ModelAnswer {
  const answer = parsed(body);
  if (typeof answer?.text === 'string' && Array.isArray(answer.toolCalls)) return answer as ModelAnswer;
  throw new Error(
    `expected an answer of a model in ${key}, found something else: delete it, and it is asked for again`,
  );
}

function parsed(body: string): Partial<ModelAnswer> | null | undefined {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
