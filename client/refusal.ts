import { RegistryError } from '../core/registry-error';
import type { RegistryErrorCode } from '../core/registry-error-codes';

/** Codes of what Bedrock says about a version. */
export const VERSION_CODES = ['VersionNotFound', 'VersionRefused'] as const;

/** Whether Bedrock said no to a version; a `MissingSdk`, say, says nothing about it. */
export function isVersionRefusal(error: unknown): error is RegistryError {
  return error instanceof RegistryError && (VERSION_CODES as readonly string[]).includes(error.code);
}

/**
 * 4xx that pass: throttling under its many names, a reply that is no JSON, and credentials that expired or could not be
 * proved, which says nothing about what they allow.
 */
const TRANSIENT = /throttl|toomany|limit|quota|slow|time|expired|unrecog|token|signature|syntax/i;

/** The typed error, if what AWS said is an answer about `subject`; on an outage, what it said. */
export function refusal(
  subject: string,
  goneCode: RegistryErrorCode,
  refusedCode: RegistryErrorCode,
  cause: unknown,
): unknown {
  const { name = '', $metadata } = (cause ?? {}) as { name?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  if (/^(Parameter|Resource)\w*NotFound/.test(name)) {
    const fix = 'correct name, prefix or Region, or release another version';
    return new RegistryError(goneCode, `${subject} does not exist; ${fix}`, { cause });
  }
  // Any other 4xx is our mistake or a refusal by another name: serving an old version would hide it.
  if (status < 400 || status >= 500 || /4(04|08|25|29)/.test(`${status}`) || TRANSIENT.test(name)) return cause;
  const why = 'withdrawn, or lacks alias.grants.invoke(fn)';
  return new RegistryError(refusedCode, `${subject} was refused (${name}): ${why}`, { cause });
}
