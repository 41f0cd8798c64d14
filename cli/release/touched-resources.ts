import type { ResourceChange } from '@aws-sdk/client-cloudformation';
import { RELEASE_REASON_TYPE } from '../../core/contract/release-reason-resource';
import { logicalId } from '../../core/names';
import { CliError } from '../cli-error';
import type { RegistryStack } from '../registry-stack';
import type { ChangeSet } from './change-set';
import type { ReleaseRequest } from './release-request';

const ALIAS_ROLES = ['ReleasePlan', 'CallerPolicy', 'ReaderPolicy', 'Alias', 'Parameter'] as const;

/**
 * Refuses a change set that would touch anything but this alias, or the aliases of its prompt where versions are
 * withdrawn, or that changes other parameters or the template.
 *
 * Needed because a parameter-only update is not only that: CloudFormation reads every unversioned `{{resolve:ssm}}` of
 * the stack again. The prompt's version resource may be touched: it holds the aliases' targets, to protect them. So may the
 * resource that writes the reason down, where one is given.
 *
 * @throws CliError that lists what else would change
 */
export function checkTouched(changeSet: ChangeSet, stack: RegistryStack, request: ReleaseRequest): ResourceChange[] {
  const changes = (changeSet.Changes ?? []).flatMap(({ ResourceChange }) => ResourceChange ?? []);
  const allowed = allowedIds(stack, request);
  for (const change of changes) {
    if (followsOnly(change, allowed) && change.LogicalResourceId) allowed.add(change.LogicalResourceId);
  }
  const problems = [
    ...otherParameters(changeSet, stack, request),
    ...changes.flatMap((change) => problem(change, allowed) ?? []),
  ];
  if (problems.length === 0) return changes;
  const { aliasName, promptName } = request.state.alias;
  throw new CliError({
    what: `refused: the change set would touch more than ${aliasName} of ${promptName}`,
    why: `a parameter update also applies whatever else is waiting in the stack, such as a {{resolve:ssm}} with a new value\n       ${problems.join('\n       ')}`,
    fix: 'deploy those changes by themselves with cdk deploy, then try again',
  });
}

function allowedIds(stack: RegistryStack, { prompt, state, withdrawn, reason }: ReleaseRequest): Set<string> {
  const { parameterPrefix } = stack;
  const { promptName } = prompt;
  const withdraws = withdrawn.length !== prompt.withdrawn.length;
  const aliases = withdraws ? prompt.aliases : [state.alias];
  return new Set([
    logicalId(parameterPrefix, promptName, undefined, 'Version'),
    ...(reason === null ? [] : reasonResources(stack)),
    ...aliases.flatMap(({ aliasName }) =>
      ALIAS_ROLES.map((role) => logicalId(parameterPrefix, promptName, aliasName, role)),
    ),
  ]);
}

/** A guard, or a policy of several aliases: it holds what the plans of these aliases say, and changes with nothing else. */
function followsOnly({ ResourceType, Details = [] }: ResourceChange, allowed: ReadonlySet<string>): boolean {
  return (
    ResourceType === 'AWS::IAM::ManagedPolicy' &&
    Details.length > 0 &&
    Details.every(
      ({ ChangeSource, CausingEntity = '' }) =>
        ChangeSource === 'ResourceAttribute' && allowed.has(CausingEntity.split('.')[0] ?? ''),
    )
  );
}

/** One for each registry that the stack's prompts belong to. */
function reasonResources({ resources }: RegistryStack): string[] {
  return [...resources].filter(([, { type }]) => type === RELEASE_REASON_TYPE).map(([id]) => id);
}

function problem(change: ResourceChange, allowed: ReadonlySet<string>): string | undefined {
  const { LogicalResourceId = '', ResourceType, Action, Replacement, Details = [] } = change;
  const subject = `${LogicalResourceId} (${ResourceType})`;
  if (!allowed.has(LogicalResourceId)) return `${Action?.toLowerCase()} ${subject}`;
  if (Action !== 'Modify' || Replacement === 'True')
    return `${Action === 'Modify' ? 'replace' : Action?.toLowerCase()} ${subject}`;
  // AWS reports a parameter's effect twice, the second time as a dynamic direct modification.
  const isEdited = Details.some(
    ({ ChangeSource, Evaluation }) => ChangeSource === 'DirectModification' && Evaluation === 'Static',
  );
  return isEdited ? `${subject}: its definition in the template changes` : undefined;
}

function otherParameters(changeSet: ChangeSet, stack: RegistryStack, request: ReleaseRequest): string[] {
  return (changeSet.Parameters ?? []).flatMap(({ ParameterKey = '', ParameterValue }) => {
    const before = stack.parameters.find((parameter) => parameter.ParameterKey === ParameterKey)?.ParameterValue;
    const expected = request.parameters[ParameterKey] ?? before;
    return ParameterValue === expected ? [] : [`parameter ${ParameterKey}: ${before ?? 'none'} to ${ParameterValue}`];
  });
}
