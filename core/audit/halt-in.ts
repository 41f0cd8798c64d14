import { parseStep, type RolloutStep } from '../ledger/rollout-step';
import type { LedgerObject } from './evidence';

/** The halt that an object is; undefined for any other step, and for what is none, of which the rule `rollout-steps` tells. */
export function haltIn({ body }: Pick<LedgerObject, 'body'>): RolloutStep | undefined {
  if (body === undefined) return undefined;
  try {
    const step = parseStep(body);
    return step.kind === 'halt' ? step : undefined;
  } catch {
    return undefined;
  }
}
