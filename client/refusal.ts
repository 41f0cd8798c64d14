import { RegistryError } from '../core/registry-error';
import { failureOf } from './failure';

/** Codes of what Bedrock says about a version. */
export const VERSION_CODES = ['VersionNotFound', 'VersionRefused'] as const;

/** The typed error, if what AWS said is an answer about `subject`; else what it said. */
export function refusal(subject: string, goneCode: string, refusedCode: string, cause: unknown): unknown {
  const failure = failureOf(cause);
  if (failure === 'outage') return cause;
  const isGone = failure === 'gone';
  const text = isGone
    ? 'does not exist; correct the name, prefix or Region, or release another version'
    : `was refused (${(cause as Error).name}): withdrawn, or not granted by alias.grants.invoke(fn)`;
  return new RegistryError(isGone ? goneCode : refusedCode, `${subject} ${text}`, { cause });
}
