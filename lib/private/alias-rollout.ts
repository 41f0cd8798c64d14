import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { alarmsOf, formatRolloutSettings } from '../../core/rollout/settings';
import type { AliasTargetConfig } from '../alias-target';
import { type IPromptRegistry, PromptRegistry } from '../prompt-registry';
import type { Rollout } from '../rollout';
import { rememberScores } from './alias-scores';
import { constructError } from './construct-error';
import { PromptPermissions } from './prompt-permissions';

export interface AliasRolloutProps {
  readonly rollout: Rollout;
  readonly registry: IPromptRegistry;
  readonly aliasName: string;
  readonly target: AliasTargetConfig;
  readonly callableVersions: number;
}

/** Stable version, candidate, and the candidate that it replaced, which who read the alias a minute ago still asks for. */
const FEWEST_CALLABLE = 3;
/** SSM takes 15 levels; prompt, alias and `rollout` follow the prefix. */
const MOST_PREFIX_PARTS = 12;

/**
 * Checks how an alias rolls out, and sees to it that somebody moves its rollouts. Answers the settings as plan and record
 * carry them.
 *
 * Throws `InvalidRollout`, `InvalidParameterPrefix`.
 */
export function aliasRollout(scope: IConstruct, props: AliasRolloutProps): string {
  const { rollout, registry, aliasName, target, callableVersions } = props;
  if (target.parameterId === undefined) {
    throw constructError(
      scope,
      'InvalidRollout',
      `expected target: AliasTarget.parameter() of ${aliasName}, which has a rollout, found a target in source: a person declares 3..4, watches and settles`,
    );
  }
  if (callableVersions < FEWEST_CALLABLE) {
    throw constructError(
      scope,
      'InvalidRollout',
      `expected callableVersions of at least ${FEWEST_CALLABLE} of ${aliasName}, which has a rollout, found ${callableVersions}: set callableVersions: ${FEWEST_CALLABLE}, for the stable version, the candidate and the one that it replaced`,
    );
  }
  const parts = registry.parameterPrefix.split('/').length - 1;
  if (parts > MOST_PREFIX_PARTS) {
    throw constructError(
      scope,
      'InvalidParameterPrefix',
      `expected a parameter prefix of at most ${MOST_PREFIX_PARTS} parts, since ${aliasName} has a rollout with parameters below its own, found ${parts}: ${registry.parameterPrefix}; choose a shorter one`,
    );
  }
  const settings = rollout._bind(scope);
  rememberScores(scope, settings.scores ?? []);
  const alarms = alarmsOf(settings);
  controlRollouts(scope, registry, aliasName, alarms);
  if (alarms.length > 0) PromptPermissions.of(scope, registry).readAlarms();
  return formatRolloutSettings(settings);
}

function controlRollouts(scope: IConstruct, registry: IPromptRegistry, aliasName: string, alarms: string[]): void {
  if (registry instanceof PromptRegistry) {
    // An alarm of the alias's stack that only its deployment knows: the registry's stack comes before that one.
    const isKnown = (arn: string) => Stack.of(registry) === Stack.of(scope) || !Token.isUnresolved(arn);
    registry._controlRollouts(alarms.filter(isKnown));
  } else if (registry.rolloutControllerArn === undefined) {
    throw constructError(
      scope,
      'InvalidRollout',
      `expected a registry with a controller, since ${aliasName} has a rollout, found none known of ${registry.parameterPrefix}: set rollouts: {} where the registry is defined, and pass its rolloutControllerArn to fromAttributes()`,
    );
  }
}
