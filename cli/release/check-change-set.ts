import { CliError } from '../cli-error';
import type { Registry } from '../registry';
import { describeStack } from '../stack-finder';
import { type ChangeSet, stalePlan } from './change-set';
import { otherTerms } from './change-set-terms';
import { otherParameters } from './planned-parameters';
import { plannedTemplate } from './planned-template';
import { checkRecorded } from './release-reason';
import { parametersOf, type ReleaseRequest } from './release-request';
import { checkReady } from './stack-readiness';
import { otherChanges } from './touched-resources';

/**
 * Refuses a change set that would do anything but this release, of one alias or of several: another template than the stack's, other parameters, other
 * terms, changes of anything but the alias (or of the aliases of its prompt, where versions are withdrawn).
 *
 * The stack is read anew. A change set never changes, and any operation on the stack makes it stale, so that what is found
 * here holds until CloudFormation executes it.
 *
 * @throws CliError that lists what else would change; with exit code 5 where the stack is not as `registry` has it any more
 */
export async function checkChangeSet(
  { clients: { cloudFormation }, stack }: Registry,
  changeSet: ChangeSet,
  requests: readonly ReleaseRequest[],
): Promise<void> {
  const now = await describeStack(cloudFormation, stack.stackId);
  checkReady({ ...stack, status: now.StackStatus ?? stack.status });
  if (now.LastUpdatedTime?.getTime() !== stack.updated?.getTime()) throw stalePlan(changeSet.ChangeSetId ?? '');
  const changes = changeSet.Changes ?? [];
  const touched = changes.flatMap(({ ResourceChange }) => ResourceChange?.LogicalResourceId ?? []);
  const { template, problems } = await plannedTemplate(cloudFormation, changeSet, touched);
  const foreign = [
    ...problems,
    ...otherTerms(changeSet, now, requests[0]?.watch),
    ...otherParameters(changeSet, now, parametersOf(requests), template),
  ];
  const found = [...foreign, ...otherChanges(changeSet, stack, requests)];
  if (found.length === 0) return checkRecorded(stack, changeSet, requests[0]?.reason ?? null);
  const subjects = requests.map(({ state: { alias } }) => `${alias.aliasName} of ${alias.promptName}`);
  throw new CliError({
    what: `refused: the change set would touch more than ${subjects.join(', ')}`,
    ...(foreign.length > 0 && !changeSet.isOwn ? ofAnother : ofTheStack)(found.join('\n       ')),
  });
}

/** Nobody should deploy what somebody put into a plan. */
const ofAnother = (found: string) => ({
  why: `it is not what this command makes for this release, or CloudFormation does not show that it is\n       ${found}`,
  fix: 'make a new plan, or release without --plan',
});

const ofTheStack = (found: string) => ({
  why: `a parameter update also applies whatever else is waiting in the stack, such as a {{resolve:ssm}} with a new value\n       ${found}`,
  fix: 'deploy those changes by themselves with cdk deploy, then try again',
});
