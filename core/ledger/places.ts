import { RegistryError } from '../registry-error';
import { fieldsOf } from './body-fields';
import { type Check, releasedOrNull, versions } from './field-checks';
import { type LedgerRecord, parseRecord } from './record';

/** What going back needs of a record. */
export type Places = Pick<LedgerRecord, 'from' | 'to' | 'undo' | 'withdrawn'> &
  Partial<Pick<LedgerRecord, 'sequence' | 'rollout' | 'stackId' | 'requestId'>>;

/**
 * What a body tells on the way back, which nothing that cannot be read may block: the record where it is one, else where
 * it says that the alias went, if that is well-formed. Without it a handler of before a new schema would write a wrong
 * `from` for ever. Undefined where it says nothing.
 */
export function placesOf(body: string): Places | undefined {
  try {
    return parseRecord(body);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return placesIn(body);
  }
}

function placesIn(body: string): Places | undefined {
  const { from, to, undo, withdrawn, stackId, requestId } = fieldsOf(body);
  if (!fits(releasedOrNull, to)) return undefined;
  return {
    from: fits(releasedOrNull, from) ? (from as Places['from']) : null,
    to: to as Places['to'],
    undo: undo === true,
    withdrawn: fits(versions, withdrawn) ? (withdrawn as number[]) : [],
    ...(typeof stackId === 'string' && { stackId }),
    ...(typeof requestId === 'string' && { requestId }),
  };
}

function fits(check: Check, value: unknown): boolean {
  try {
    return check(value, '');
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
}
