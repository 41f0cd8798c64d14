import { evaluationIn, type SignedReview } from '../../core/ledger/review';
import { reviewedDigests, reviewThread } from '../../core/ledger/review-source';
import { isEvaluationGate } from '../../core/release/gates/evaluation';
import { FewAtOnce } from '../few-at-once';
import type { Registry, RegistryPrompt } from '../registry';
import type { StackAlias } from '../registry-stack';
import { gatesOf } from '../reviews/gates-of';
import { type MeasuredRun, runSaid } from '../reviews/measured-run';
import { S3ReviewSource } from '../reviews/s3-review-source';

const CONTENTS_AT_ONCE = 8;

/** A run that somebody signed. */
export interface SignedRun extends MeasuredRun {
  readonly alias: string;
  readonly digest: string;
  /** Number of the version that had this content when it was written. */
  readonly version: number | null;
  /** What ran it. */
  readonly runner: string;
}

/**
 * The runs that were signed for an alias, newest first: of each signer and content the newest hundred.
 *
 * @param digest of one content; of all where it is left out
 */
export async function signedRuns(
  registry: Registry,
  { promptId }: RegistryPrompt,
  alias: StackAlias,
  digest?: string,
): Promise<SignedRun[]> {
  const { clients, stack } = registry;
  const source = new S3ReviewSource(clients.s3, stack.ledgerBucket);
  const { aliasName } = alias;
  const digests = digest === undefined ? await reviewedDigests(source, promptId, aliasName) : [digest];
  const gates = (await gatesOf(registry, alias)).filter(isEvaluationGate);
  const few = new FewAtOnce(CONTENTS_AT_ONCE);
  const threads = await Promise.all(
    digests.map((one) =>
      few.run(() => reviewThread(source, { promptId, alias: aliasName, digest: one }, stack.parameterPrefix)),
    ),
  );
  return threads
    .flatMap((thread) => thread.flatMap((signed) => runIn(signed, thread, gates)))
    .sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
}

function runIn(
  signed: SignedReview,
  thread: readonly SignedReview[],
  gates: readonly { readonly suite: string; readonly noWorseThanLive: Readonly<Record<string, number>> }[],
): SignedRun[] {
  const evaluation = evaluationIn(signed.review);
  if (!evaluation) return [];
  const { suite, version, runner } = evaluation;
  const { alias, digest, group } = signed.address;
  const runs = thread.filter((one) => one.address.group === group && evaluationIn(one.review)?.suite === suite);
  const margins = gates.find((gate) => gate.suite === suite)?.noWorseThanLive;
  return [{ ...runSaid(signed, evaluation, runs.length, margins), alias, digest, version, runner }];
}
