import { RegistryError } from '../../registry-error';

export function invalidGate(expected: string, found: unknown): RegistryError {
  return new RegistryError(
    'InvalidGate',
    `expected ${expected}, found ${JSON.stringify(found)}: correct the gate in the app`,
  );
}
