import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Gate } from '../../core/release/gate';
import { isEvaluationGate } from '../../core/release/gates/evaluation';

/** Says at synth that a gate of evaluations asks for nothing while an alias points at nothing. */
export function warnOfFirstReleaseUnmeasured(scope: IConstruct, aliasName: string, gates: readonly Gate[]): void {
  if (!gates.filter(isEvaluationGate).some(({ atLeast }) => Object.keys(atLeast).length === 0)) return;
  Annotations.of(scope).addWarningV2(
    'cdk-prompt-registry:firstReleaseUnmeasured',
    `a gate of evaluations of ${aliasName} asks for noWorseThanLive alone: the first version has nothing to be worse than, so that any signed run whose critical cases pass lets it through, however bad; add atLeast, or acknowledge this warning`,
  );
}
