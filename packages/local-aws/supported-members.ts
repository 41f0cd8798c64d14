import { notImplemented } from './aws-error';
import type { Call } from './call';

/** Refuses by name every member of `input` that is set and not among `supported` (names separated by blanks). */
export function supportedMembers(call: Call, input: object, supported: string): void {
  const known = supported.split(/\s+/);
  for (const [name, value] of Object.entries(input)) {
    const isSet = value !== undefined && !(Array.isArray(value) && value.length === 0);
    if (isSet && !known.includes(name)) {
      throw notImplemented(`${call.service} ${call.operation}: ${name}`);
    }
  }
}
