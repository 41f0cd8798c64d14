import { CfnParameter } from 'aws-cdk-lib';
import { withdrawnParameterId } from '../../core/contract/names';
import { NO_VERSION } from '../../core/contract/no-version';
import { WITHDRAWN_VERSIONS_PATTERN } from '../../core/release/withdrawn-versions';
import type { ReleasablePrompt } from '../releasable-prompt';

/** The stack parameter that takes versions of a prompt away from the callers of all its aliases. */
export function withdrawnParameter(prompt: ReleasablePrompt): CfnParameter {
  const present = prompt.node.tryFindChild('WithdrawnVersions') as CfnParameter | undefined;
  if (present !== undefined) {
    return present;
  }
  const parameter = new CfnParameter(prompt, 'WithdrawnVersions', {
    type: 'String',
    default: NO_VERSION,
    allowedPattern: WITHDRAWN_VERSIONS_PATTERN,
    constraintDescription: 'none, or version numbers with commas and no spaces between, such as 2,5',
    description:
      `Versions of ${prompt.promptName} that no caller of any alias may use: none, or numbers such as 2,5. ` +
      'An alias that points at one of them stays there and its callers get 403 until it moves. ' +
      'A deployment that leaves it out keeps the last value; none takes all off the list: they may be released again, and are callable after that.',
  });
  parameter.overrideLogicalId(withdrawnParameterId(prompt.promptName));
  return parameter;
}
