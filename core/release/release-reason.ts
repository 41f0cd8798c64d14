import { RegistryError } from '../registry-error';

/** The stack parameter that says why. */
export const RELEASE_REASON_PARAMETER = 'ReleaseReason';

/** Characters that a reason may have. */
export const RELEASE_REASON_LENGTH = 500;

/**
 * No control characters, which would break a line of the log or paint over it. No `{{` either: CloudFormation replaces
 * `{{resolve:…}}` in a parameter's value, and the secret behind it would stand in the ledger for good.
 */
export const RELEASE_REASON_PATTERN = '^(?!.*\\{\\{)[^\\x00-\\x1f\\x7f-\\x9f]*$';

/** Why a stack operation was started, as it is kept next to the ledger. */
export interface ReleaseReason {
  readonly schema: 1;
  readonly stackId: string;
  /** `ClientRequestToken` of the stack operation; null where it was started without one. */
  readonly operation: string | null;
  /** `time:` and when the stack operation began, which tells operations without a token apart. */
  readonly operationTime: string;
  readonly reason: string;
  /** CloudFormation's id of the custom resource request. */
  readonly requestId: string;
  /** ISO 8601, UTC. */
  readonly time: string;
}

export function serializeReason(reason: ReleaseReason): string {
  return `${JSON.stringify(reason)}\n`;
}

/** @throws RegistryError `BadReleaseReason` */
export function parseReason(body: string): ReleaseReason {
  try {
    const found = JSON.parse(body) as ReleaseReason;
    const texts = [found.stackId, found.operationTime, found.reason, found.requestId, found.time];
    const isOperation = found.operation === null || typeof found.operation === 'string';
    if (found.schema === 1 && isOperation && texts.every((text) => typeof text === 'string')) return found;
  } catch {
    // Said below.
  }
  throw new RegistryError('BadReleaseReason', 'expected the JSON of a release reason, found something else');
}

/**
 * Checks a reason as the stack parameter will.
 *
 * @throws RegistryError `InvalidReleaseReason`
 */
export function checkReleaseReason(reason: string): void {
  const refuse = (found: string, fix: string) => {
    throw new RegistryError(
      'InvalidReleaseReason',
      `expected a reason of 1 to ${RELEASE_REASON_LENGTH} characters in one line, found ${found}: ${fix}`,
    );
  };
  if (reason.trim() === '') refuse('none', 'say why, or leave it out');
  if (reason.length > RELEASE_REASON_LENGTH) refuse(`${reason.length}`, 'shorten it, or name a ticket that says more');
  if (!new RegExp(RELEASE_REASON_PATTERN).test(reason)) {
    refuse('a line break, another control character or {{', 'write it in one line, without {{');
  }
}
