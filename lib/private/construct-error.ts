import type { IConstruct } from 'constructs';
import { RegistryError } from '../../core/registry-error';
import type { RegistryErrorCode } from '../../core/registry-error-codes';
import { visibleText } from '../../core/text/visible-text';

/** A `RegistryError` that names the construct it is about, as every error at synth does; it ends in a terminal. */
export function constructError(
  scope: IConstruct,
  code: RegistryErrorCode,
  message: string,
  cause?: unknown,
): RegistryError {
  return new RegistryError(
    code,
    visibleText(`${scope.node.path}: ${message}`),
    cause === undefined ? undefined : { cause },
  );
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
