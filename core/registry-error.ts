import type { RegistryErrorCode } from './registry-error-codes';

/**
 * The one error this registry throws on purpose.
 *
 * `code` is stable and meant for programs; the message is meant for people and says what was expected, what was found
 * and how to fix it.
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';

  constructor(
    readonly code: RegistryErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
