import { APPROVAL, type ApprovalGate } from './approval';
import { EVALUATION, type EvaluationGate } from './evaluation';
import type { AnyGate, GateKind } from './gate-kind';
import { MODEL_GATE, type ModelGate } from './model';

export type KnownGate = ApprovalGate | EvaluationGate | ModelGate;

/** Every kind of gate that this version of the package knows, by what its gates say in `gate`. */
const KINDS: Readonly<Record<string, GateKind<AnyGate>>> = {
  approval: APPROVAL,
  evaluation: EVALUATION,
  model: MODEL_GATE,
};

/** Undefined for a kind of a newer version. */
export function kindOf({ gate }: AnyGate): GateKind<AnyGate> | undefined {
  return Object.hasOwn(KINDS, gate) ? KINDS[gate] : undefined;
}
