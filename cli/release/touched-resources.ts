import type { ResourceChange } from '@aws-sdk/client-cloudformation';
import { logicalId } from '../../core/contract/names';
import { RELEASE_REASON_TYPE } from '../../core/contract/release-reason-resource';
import type { RegistryStack } from '../registry-stack';
import type { ChangeSet } from './change-set';
import { parametersOf, type ReleaseRequest } from './release-request';

const ALIAS_ROLES = ['ReleasePlan', 'CallerPolicy', 'ReaderPolicy', 'Alias', 'Parameter', 'Rollout'] as const;

/**
 * What a change set changes besides the released alias, or the aliases of its prompt where versions are withdrawn.
 *
 * A parameter-only update is not only that: CloudFormation reads every unversioned `{{resolve:ssm}}` of the stack again.
 * The prompt's version resource may be touched: it holds the aliases' targets, to protect them. So may the resource that
 * writes the reason down, where one is given.
 */
export function otherChanges(
  changeSet: ChangeSet,
  stack: RegistryStack,
  requests: readonly ReleaseRequest[],
): string[] {
  const all = changeSet.Changes ?? [];
  const changes = all.flatMap(({ ResourceChange }) => ResourceChange ?? []);
  const allowed = new Set(requests.flatMap((request) => allowedIds(stack, request)));
  const parameters = parametersOf(requests);
  for (const change of changes) {
    if (followsOnly(change, allowed) && change.LogicalResourceId) allowed.add(change.LogicalResourceId);
  }
  return [
    ...all.filter(({ ResourceChange }) => !ResourceChange).map(({ Type }) => `a change of type ${Type}`),
    ...changes.flatMap((change) => problem(change, allowed) ?? []),
    ...(changeSet.isOwn ? [] : changes.flatMap((change) => otherCauses(change, parameters))),
  ];
}

function allowedIds(stack: RegistryStack, { prompt, state, withdrawn, reason }: ReleaseRequest): string[] {
  const { parameterPrefix } = stack;
  const { promptName } = prompt;
  const withdraws = withdrawn.length !== prompt.withdrawn.length;
  const aliases = withdraws ? prompt.aliases : [state.alias];
  return [
    logicalId(parameterPrefix, promptName, undefined, 'Version'),
    ...(reason === null ? [] : reasonResources(stack)),
    ...aliases.flatMap(({ aliasName }) =>
      ALIAS_ROLES.map((role) => logicalId(parameterPrefix, promptName, aliasName, role)),
    ),
  ];
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
    ({ ChangeSource, Evaluation, Target }) =>
      (ChangeSource === 'DirectModification' && Evaluation === 'Static') ||
      (Target?.Attribute ?? 'Properties') !== 'Properties',
  );
  return isEdited ? `${subject}: its definition in the template changes` : undefined;
}

/** Parameters that a change follows without being named by the release: of a masked one, this is all that can be seen. */
function otherCauses(
  { LogicalResourceId, Details = [] }: ResourceChange,
  parameters: Readonly<Record<string, string>>,
): string[] {
  return Details.flatMap(({ ChangeSource, CausingEntity = '' }) =>
    ChangeSource === 'ParameterReference' && CausingEntity !== '' && !Object.hasOwn(parameters, CausingEntity)
      ? [`modify ${LogicalResourceId}: it follows parameter ${CausingEntity}`]
      : [],
  );
}
