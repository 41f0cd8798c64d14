import { RegistryError } from '../core/registry-error';

/** A variable the function cannot do without. Throws `MissingEnvironmentVariable`. */
export function environmentVariable(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new RegistryError(
    'MissingEnvironmentVariable',
    `expected the environment variable ${name}; deploy the registry again`,
  );
}
