import type { Parameter } from '@aws-sdk/client-cloudformation';
import type { StackTarget } from './stack-target';

/** Parameters as the Describe operations show them: NoEcho values masked. */
export function shownParameters(target: StackTarget | undefined): Parameter[] {
  return (target?.parameters ?? []).map(({ ParameterKey, ParameterValue, ResolvedValue, isSecret }) => ({
    ParameterKey,
    ParameterValue: isSecret ? '****' : ParameterValue,
    ResolvedValue,
  }));
}
