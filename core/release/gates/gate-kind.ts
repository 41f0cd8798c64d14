import type { SignedReview } from '../../ledger/review';
import type { ModelFacts } from '../../models/model-facts';
import type { RegistryErrorCode } from '../../registry-error-codes';

/** What all gates have. A gate of a kind that no row of `KINDS` names is one of a newer version of the package. */
export interface AnyGate {
  readonly gate: string;
}

/** All that a verdict depends on. */
export interface JudgeProps {
  readonly promptName: string;
  readonly aliasName: string;
  /** Where the alias is to move, for which `isBack()` of `ground.ts` said no. */
  readonly target: { readonly version: number; readonly digest: string };
  /** As `gatesInForce()` says. */
  readonly gates: readonly AnyGate[];
  /** Digest of what the alias points at now; null for nothing. */
  readonly live: string | null;
  /** Of this content for this alias, of at least the groups that the gates name, in any order. */
  readonly reviews: readonly SignedReview[];
  /** When the alias last left this content backwards, it was withdrawn or its rollout halted: consent of before counts no more. */
  readonly leftAt?: number | undefined;
  /** Of the content's model, where a gate asks for it and the content has one. */
  readonly model?: ModelFacts | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type RefusalCode = Extract<
  RegistryErrorCode,
  | 'ApprovalMissing'
  | 'SelfApproval'
  | 'ApprovalExpired'
  | 'Rejected'
  | 'EvaluationMissing'
  | 'StaleBaseline'
  | 'BelowThreshold'
  | 'Inconclusive'
  | 'ModelEnds'
  | 'ModelNotAmong'
  | 'NoSuchModel'
  | 'TooManyReviews'
  | 'UnknownGate'
>;

/** What stands in the way of a move: one for each gate that does not agree. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly gate: AnyGate;
  /** What was expected and what was found, without the subject and without the command that helps. */
  readonly message: string;
  /** `request` where nobody asked yet, `evaluate` where a run is missing or not good enough, else `review`. */
  readonly command: 'request' | 'review' | 'evaluate';
}

/** What the gates of one kind say of a move. */
export interface KindVerdict {
  readonly refusals: readonly Refusal[];
  /** By what they let it through, for the record. */
  readonly reviews: readonly SignedReview[];
  /** How often suites were run over the content, of those that the gates name. */
  readonly runs?: number;
  /** What speaks against the move and does not stop it. @default nothing */
  readonly warnings?: readonly string[];
}

/** One kind of gate: all that the package does with it. Pure. */
export interface GateKind<G extends AnyGate> {
  /** @throws RegistryError `InvalidGate`, `InvalidGroup` for a gate that is not as this version of the package knows it */
  check(gate: G): void;

  /** The groups of which reviews are needed to judge. */
  groups(gate: G): readonly string[];

  /** The groups of which all runs are needed as well. */
  runners?(gate: G): readonly string[];

  /** Whether a gate demands at least what another one of its kind demands. */
  isAsStrict(gate: G, expected: G): boolean;

  /** @param gates those of this kind among `props.gates`, at least one */
  judge(gates: readonly G[], props: JudgeProps): KindVerdict;
}
