import { checkReleaseReason, RELEASE_REASON_PARAMETER } from '../../core/release-reason';
import { CliError } from '../cli-error';
import { parameterValue, type RegistryStack } from '../registry-stack';

/**
 * Refuses a reason that would not reach the ledger: one that the stack's parameter does not take, or the words that it
 * holds already. CloudFormation repeats those without a word, so nothing tells a person who says them again.
 *
 * @throws CliError and RegistryError
 */
export function checkReason(stack: RegistryStack, reason: string): void {
  checkReleaseReason(reason);
  const before = parameterValue(stack, RELEASE_REASON_PARAMETER);
  if (before === undefined) {
    throw new CliError({
      what: `stack ${stack.stackName} takes no reason`,
      why: `it has no parameter ${RELEASE_REASON_PARAMETER}: its template was made by a release of the constructs before reasons`,
      fix: 'deploy the app with cdk deploy once, or leave --reason out',
    });
  }
  if (before === reason) {
    throw new CliError({
      what: 'the same reason as last time would not be recorded',
      why: `the stack's ${RELEASE_REASON_PARAMETER} has these words already, and CloudFormation cannot tell said again from left as it was`,
      fix: 'say it in other words: add a ticket, a name or a date',
    });
  }
}

/** What a change set says why; undefined where it leaves the words as they are. */
export function plannedReason(stack: RegistryStack, planned: string | undefined): string | undefined {
  return planned === parameterValue(stack, RELEASE_REASON_PARAMETER) ? undefined : planned || undefined;
}
