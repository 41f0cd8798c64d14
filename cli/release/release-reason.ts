import { RELEASE_REASON_TYPE } from '../../core/contract/release-reason-resource';
import { checkReleaseReason, RELEASE_REASON_PARAMETER } from '../../core/release/release-reason';
import { isUnclear } from '../../core/text/shown-text';
import { CliError } from '../cli-error';
import { parameterValue, type RegistryStack } from '../registry-stack';
import type { ChangeSet } from './change-set';

/**
 * Refuses a reason that would not reach the ledger: one that the stack's parameter does not take, or the words that it
 * holds already. CloudFormation repeats those silently, so nothing tells a person who says them again.
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
  // A question mark may stand for other characters: then the change set tells.
  if (before === reason && !isUnclear(reason)) throw saidAgain();
}

/** Refuses a change set that carries a reason and would not record it, because the stack has these words already. */
export function checkRecorded(stack: RegistryStack, changeSet: ChangeSet, reason: string | null): void {
  const isTaken = [...stack.resources.values()].some(({ type }) => type === RELEASE_REASON_TYPE);
  if (reason !== null && isTaken && !saysReason(changeSet)) throw saidAgain();
}

function saidAgain(): CliError {
  return new CliError({
    what: 'the same reason as last time would not be recorded',
    why: `the stack's ${RELEASE_REASON_PARAMETER} has these words already, and CloudFormation cannot tell said again from left as it was`,
    fix: 'say it in other words: add a ticket, a name or a date',
  });
}

/** Whether a change set writes a reason down: where the words are shown with question marks, only this tells. */
function saysReason({ Changes = [] }: ChangeSet): boolean {
  return Changes.some(({ ResourceChange }) => ResourceChange?.ResourceType === RELEASE_REASON_TYPE);
}

/** What a change set says why; undefined where it leaves the words as they are. */
export function plannedReason(stack: RegistryStack, changeSet: ChangeSet): string | undefined {
  const { Parameters = [] } = changeSet;
  const planned = Parameters.find(({ ParameterKey }) => ParameterKey === RELEASE_REASON_PARAMETER)?.ParameterValue;
  const isLeft = planned === parameterValue(stack, RELEASE_REASON_PARAMETER) && !saysReason(changeSet);
  return isLeft ? undefined : planned || undefined;
}
