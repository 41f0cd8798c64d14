import { CfnParameter, CustomResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { RELEASE_REASON_TYPE, type ReleaseReasonProperties } from '../../core/contract/release-reason-resource';
import {
  RELEASE_REASON_LENGTH,
  RELEASE_REASON_PARAMETER,
  RELEASE_REASON_PATTERN,
} from '../../core/release/release-reason';
import type { IPromptRegistry } from '../prompt-registry';
import { claimInStack } from './claimed-name';
import { properties } from './contracted-resource';
import { freezeLogicalId } from './frozen-logical-id';
import { dependOnPermissions } from './prompt-permissions';
import { HANDLERS } from './registry-handler';

/**
 * What every alias of a registry in a stack waits for: that the reason for this deployment, where there is one, is
 * written down. A resource of its own rather than a property of every alias, which would send an event to all of them.
 */
export function releaseReason(scope: Construct, registry: IPromptRegistry): CustomResource {
  const stack = Stack.of(scope);
  const id = `ReleaseReason${registry.parameterPrefix.replaceAll('/', '.')}`;
  const group = (stack.node.tryFindChild(GROUP) as Construct | undefined) ?? new Construct(stack, GROUP);
  const present = group.node.tryFindChild(id) as CustomResource | undefined;
  if (present !== undefined) {
    return present;
  }
  const resource = new CustomResource(group, id, {
    resourceType: RELEASE_REASON_TYPE,
    serviceToken: registry.handlers.alias,
    serviceTimeout: HANDLERS['prompt-alias'].serviceTimeout,
    properties: properties<ReleaseReasonProperties>({ Schema: '1', Reason: reasonParameter(group).valueAsString }),
    // There is nothing to delete, and a deployment that is rolled back to a registry without reasons would ask a handler
    // that does not know this type.
    removalPolicy: RemovalPolicy.RETAIN,
  });
  freezeLogicalId(resource, { parameterPrefix: registry.parameterPrefix }, 'ReleaseReason');
  dependOnPermissions(resource, registry, 'Releaser');
  return resource;
}

const GROUP = 'PromptReleaseReason';

/** One for the stack, whichever registries its prompts belong to. */
function reasonParameter(group: Construct): CfnParameter {
  const present = group.node.tryFindChild('Parameter') as CfnParameter | undefined;
  if (present !== undefined) {
    return present;
  }
  claimInStack(group, `parameter ${RELEASE_REASON_PARAMETER}`, `the parameter ${RELEASE_REASON_PARAMETER}`);
  const parameter = new CfnParameter(group, 'Parameter', {
    type: 'String',
    default: '',
    maxLength: RELEASE_REASON_LENGTH,
    allowedPattern: RELEASE_REASON_PATTERN,
    constraintDescription: `at most ${RELEASE_REASON_LENGTH} characters in one line, without {{`,
    description:
      'Why this deployment moves aliases. Each record of the ledger that it writes keeps these words. ' +
      'A deployment that leaves it out repeats the last words, and they count for nothing: only changed words do.',
  });
  parameter.overrideLogicalId(RELEASE_REASON_PARAMETER);
  return parameter;
}
