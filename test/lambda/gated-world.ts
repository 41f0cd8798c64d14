import { contentDigest } from '../../core/content/content-digest';
import type { EvaluationCounts } from '../../core/ledger/evaluation-counts';
import { reviewKey } from '../../core/ledger/layout';
import { type ReviewKind, serializeReview } from '../../core/ledger/review';
import { formatGatesByAlias } from '../../core/release/gate';
import type { ApprovalGate } from '../../core/release/gates/approval';
import type { EvaluationGate } from '../../core/release/gates/evaluation';
import { PROMPT_ID, variant } from './events';
import type { ReleaseWorld } from './release-world';

export const GATE: ApprovalGate = { gate: 'approval', askedBy: 'authors', by: 'risk', count: 1, expires: 604_800 };
export const GATES = formatGatesByAlias({ '*': [GATE], STAGING: [] });

const WORDS = ['', 'one', 'two', 'three', 'four'];

/** Content digest of a version of the world's prompt. */
export function digestOf(version: number): string {
  return contentDigest(variant(WORDS[version] ?? ''));
}

export interface Saying {
  readonly who: string;
  readonly as: string;
  readonly kind: ReviewKind;
  readonly version: number;
  readonly alias?: string;
  /** Milliseconds before now that S3 took it. */
  readonly age?: number;
}

/** Puts a review where its signer would. */
export function say(
  world: ReleaseWorld,
  { who, as, kind, version, alias = 'PROD', age = 0 }: Saying,
  more: object = {},
): string {
  const address = {
    promptId: PROMPT_ID,
    alias,
    digest: digestOf(version),
    group: as,
    signer: `AROAROLE000000000001:${who}`,
  };
  let number = 1;
  while (world.bucket.objects.has(reviewKey({ ...address, number }))) number += 1;
  const key = reviewKey({ ...address, number });
  const names = { registry: '/prompts/prod', promptId: PROMPT_ID, prompt: 'financial-analysis', alias };
  const rest = { version, live: null, comment: null, time: '2001-01-01T00:00:00.000Z' };
  const body = serializeReview({ schema: 1, kind, group: as, digest: address.digest, ...names, ...rest, ...more });
  world.bucket.objects.set(key, body);
  world.bucket.times.set(key, world.now() - age);
  return key;
}

/** Alice asks and Bob agrees. */
export function agree(world: ReleaseWorld, version: number, age = 0): void {
  say(world, { who: 'alice', as: 'authors', kind: 'request', version, age });
  say(world, { who: 'bob', as: 'risk', kind: 'approve', version, age });
}

export const EVALUATION: EvaluationGate = {
  ...{ gate: 'evaluation', by: 'measured', suite: `es1:${'a1'.repeat(32)}` },
  ...{ atLeast: { exact: 0.9 }, noWorseThanLive: { exact: 0.1 } },
};

/** The pipeline runs the suite over a version and what is live, of 200 cases, and signs how many pass with it. */
export function measure(
  world: ReleaseWorld,
  version: number,
  live: number | null,
  { passed = 190, ...more }: { passed?: number; who?: string } & Partial<EvaluationCounts> = {},
): string {
  const { who = 'pipeline', ...fields } = more;
  const exact =
    live === null
      ? { both: 0, onlyCandidate: passed, onlyLive: 0, neither: 200 - passed }
      : { both: passed - 5, onlyCandidate: 5, onlyLive: 195 - passed, neither: 5 };
  const counts: EvaluationCounts = {
    ...{ suite: EVALUATION.suite, baseline: live === null ? null : digestOf(live), cases: 200, errors: 0 },
    ...{ critical: { cases: 0, failed: [], unnamed: 0 }, metrics: { exact }, rows: 'b2'.repeat(32), runner: 'test' },
    ...fields,
  };
  return say(world, { who, as: 'measured', kind: 'evaluate', version }, counts);
}

export function reject(world: ReleaseWorld, version: number): void {
  say(world, { who: 'carol', as: 'risk', kind: 'reject', version });
}

/** Whether as of now nobody may release the content, by the folder of those who agree: Carol rejected it, or Bob's approval is old. */
export function isRefused(world: ReleaseWorld, folder: string): boolean {
  const { bucket } = world;
  const newest = (who: string) =>
    [...bucket.objects.keys()].filter((key) => key.startsWith(folder) && key.includes(`:${who}/`)).sort()[0] ?? '';
  const isRejected = bucket.objects.get(newest('carol'))?.includes('"kind":"reject"') ?? false;
  return isRejected || world.now() - (bucket.times.get(newest('bob')) ?? 0) > GATE.expires * 1000;
}
