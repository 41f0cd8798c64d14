import type { Stack } from './stack';
import { validationError } from './validation-error';

const stable = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
];

/** Throws unless the stack is in a state from which it may be updated, or created for the first time. */
export function requireStable(stack: Stack, kind: 'CREATE' | 'UPDATE' | 'IMPORT' = 'UPDATE'): void {
  const isNew = stack.status === 'REVIEW_IN_PROGRESS';
  const isReady = (kind !== 'UPDATE' && isNew) || (kind !== 'CREATE' && stable.includes(stack.status));
  if (!isReady || stack.operation) {
    throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
  }
}
