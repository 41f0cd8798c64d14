import { createHash } from 'node:crypto';
import { canonicalJson } from '../../core/content/canonical-json';
import { EVALUATOR_FOLDERS } from '../../core/contract/prompt-evaluator';
import { invertedKey } from '../../core/ledger/inverted-key';

/** A version that is asked. */
export interface JobVersion {
  readonly version: number;
  /** Content digest, `pd1:…`. */
  readonly digest: string;
  readonly model: string | null;
}

/** What is measured. Everything that comes of it follows from this and from the answers. */
export interface JobSubject {
  /** `release`: a content against what is live, to be signed. `daily`: what is live against its own last run. */
  readonly kind: 'release' | 'daily';
  readonly prompt: string;
  readonly promptId: string;
  /** The alias that it is about, such as `PROD`. */
  readonly alias: string;
  /** Suite digest, `es1:…`. */
  readonly suite: string;
  readonly candidate: JobVersion;
  /** Null where nothing is live, and in a daily run. */
  readonly live: JobVersion | null;
  /** Of a daily run: when its schedule came due, ISO 8601. */
  readonly due: string | null;
  /** When the alias last came back from the candidate, ISO 8601: what was signed before counts no more. */
  readonly left?: string;
}

export interface EvaluationJob extends JobSubject {
  readonly schema: 1;
  readonly id: string;
  /** ISO 8601. */
  readonly began: string;
}

/** How a job ended: with a run, or given up for a reason. */
export interface JobEnd {
  readonly run?: string;
  readonly review?: string | null;
  readonly worse?: boolean;
  readonly stopped?: string;
}

/**
 * Contents, suite, day and return make the id: an event that comes twice, and a content that is published again, begin nothing.
 *
 * @param again how many jobs about the same were given up before
 */
export function jobId({ candidate, live, ...subject }: JobSubject, again = 0): string {
  const which = again === 0 ? {} : { again };
  const identity = canonicalJson({ ...subject, ...which, candidate: candidate.digest, live: live?.digest });
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}

/** Everything under it is of one job. */
export function jobPrefix(id: string): string {
  return `${EVALUATOR_FOLDERS.jobs}${id}/`;
}

/** Finished runs of a content with a suite, newest first. */
export function runsPrefix({
  promptId,
  candidate,
  suite,
}: Pick<JobSubject, 'promptId' | 'candidate' | 'suite'>): string {
  return `${EVALUATOR_FOLDERS.runs}${promptId}/${candidate.digest}/${suite}/`;
}

export function runKey(job: EvaluationJob): string {
  return `${runsPrefix(job)}${invertedKey(Date.parse(job.began), 13)}-${job.id}.jsonl`;
}

/** `next/ID/1700000000000.json` starts an invocation that goes on with the job. */
export function nextKey(id: string, milliseconds: number): string {
  return `${EVALUATOR_FOLDERS.next}${id}/${milliseconds}.json`;
}

/** The job that a key of {@link nextKey} names. */
export function jobOfNextKey(key: string): string | undefined {
  return new RegExp(`^${EVALUATOR_FOLDERS.next}([0-9a-f]{32})/\\d+\\.json$`).exec(key)?.[1];
}
