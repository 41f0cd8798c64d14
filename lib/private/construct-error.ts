import type { IConstruct } from 'constructs';
import { RegistryError } from '../../core/registry-error';
import type { RegistryErrorCode } from '../../core/registry-error-codes';

/** A `RegistryError` that names the construct it is about, as every error at synth does. */
export function constructError(
  scope: IConstruct,
  code: RegistryErrorCode,
  message: string,
  cause?: unknown,
): RegistryError {
  return new RegistryError(code, `${scope.node.path}: ${message}`, cause === undefined ? undefined : { cause });
}

/** Runs a check that knows nothing of constructs, and adds the construct's path to what it throws. */
export function atConstruct<T>(scope: IConstruct, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof RegistryError) {
      throw constructError(scope, error.code, error.message, error);
    }
    throw error;
  }
}
