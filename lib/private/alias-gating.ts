import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { formatGates, gatesInForce, MOST_GATES } from '../../core/release/gate';
import type { AliasTargetConfig } from '../alias-target';
import type { Gate } from '../gate';
import type { IPromptRegistry } from '../prompt-registry';
import { rememberAliasName } from './alias-names';
import { constructError } from './construct-error';
import { warnOfFirstReleaseUnmeasured } from './first-release-unmeasured';
import { warnOfModelNotAmong } from './model-not-among';
import { boundGates, registryGates } from './registry-gates';

/** What an alias tells its plan and its record of gates: only what there is. */
export interface AliasGating {
  /** Its own, as JSON. */
  readonly gates?: string;
  readonly follows?: 'content';
}

export interface AliasGatingProps {
  readonly registry: IPromptRegistry;
  readonly prompt: IConstruct;
  readonly aliasName: string;
  readonly target: AliasTargetConfig;
  readonly own: readonly Gate[];
  /** Whether the app publishes the prompt, which does not exist then before the first deployment. */
  readonly isPublished: boolean;
}

/**
 * Checks the gates of an alias: those of the registry, as far as this app knows them, and its own.
 *
 * Throws `GateOnFollower`, `NobodyCanApprove`, `InvalidGate`.
 */
export function aliasGating(scope: IConstruct, props: AliasGatingProps): AliasGating {
  const { registry, prompt, aliasName, target, isPublished } = props;
  rememberAliasName(registry, aliasName);
  const own = boundGates(scope, props.own, registry.reviewerGroups);
  const known = registry.gates && registryGates(scope, registry.gates, undefined);
  const inForce = gatesInForce(known ?? {}, aliasName, own);
  if (inForce.length > MOST_GATES) {
    throw constructError(
      scope,
      'InvalidGate',
      `expected at most ${MOST_GATES} gates of an alias, found ${inForce.length}: let one gate do what two do`,
    );
  }
  if (inForce.length > 0 && !target.pinned) {
    throw constructError(
      scope,
      'GateOnFollower',
      `expected a target that a person sets, since ${aliasName} has a gate, found that it follows the content, so that every change of the text would ask for approval: set target to AliasTarget.parameter(), or give the registry no gate for it: gates: { ${aliasName}: [] }`,
    );
  }
  if (inForce.length > 0 && target.parameterId === undefined && isPublished) {
    Annotations.of(scope).addWarningV2(
      'cdk-prompt-registry:gatedAndPinned',
      `${aliasName} has a gate and names its version in source: before the first deployment the prompt does not exist, so nobody can approve and that deployment fails; begin with AliasTarget.parameter(), which starts at none, or add the alias in a second deployment`,
    );
  }
  warnOfFirstReleaseUnmeasured(scope, aliasName, own);
  warnOfModelNotAmong(scope, prompt, inForce, registry.models);
  return {
    ...(own.length > 0 && { gates: formatGates(own) }),
    ...(known === undefined && !target.pinned && { follows: 'content' as const }),
  };
}
