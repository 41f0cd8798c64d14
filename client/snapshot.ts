import { readFileSync } from 'node:fs';
import type { PromptSnapshot } from '../core/contract/prompt-snapshot';
import { RegistryError } from '../core/registry-error';

/**
 * A snapshot of one registry, from its file or from the object that a bundler made of it. Read at once and checked, so
 * that a broken one is found at the start and not in the outage.
 *
 * @throws RegistryError `InvalidSnapshot`
 */
export function readSnapshot(source: string | object, parameterPrefix: string): PromptSnapshot {
  let cause: unknown;
  try {
    const snapshot = (typeof source === 'string' ? JSON.parse(readFileSync(source, 'utf8')) : source) as PromptSnapshot;
    const { schema, parameterPrefix: prefix, time, aliases, versions } = snapshot;
    if (schema === 1 && prefix === parameterPrefix && Date.parse(time) && aliases && versions) return snapshot;
    cause = `schema ${schema} of ${prefix} at ${time}`;
  } catch (error) {
    cause = error;
  }
  throw new RegistryError(
    'InvalidSnapshot',
    `expected a snapshot of ${parameterPrefix}, found ${cause}; run prompt-registry snapshot`,
    { cause },
  );
}
