import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { appMemory } from './app-memory';
import type { BoundGuardrail } from './bound-guardrail';

/** An alias that this app defines. What it asks for of one that is known by its names only nobody knows. */
interface GuardedAlias extends IConstruct {
  readonly parameterName: string;
  readonly _guardrail?: BoundGuardrail | undefined;
}

const granted = appMemory('guardrailsOfRole', () => new Set<GuardedAlias>());

/** Says at synth that a role may call aliases that ask for different guardrails. */
export function rememberGuardrail(role: IConstruct, alias: IConstruct): void {
  if (!('_guardrail' in alias)) return;
  const aliases = granted(role).add(alias as GuardedAlias);
  warnOfSharedModels(role, [...aliases]);
}

/**
 * IAM sees which model is called, and with which guardrail, but not for which prompt: the rights of one alias let a call of
 * another's model through.
 */
export function warnOfSharedModels(scope: IConstruct, aliases: readonly GuardedAlias[]): void {
  const [guarded, other] = differing(aliases);
  if (guarded === undefined || other === undefined) return;
  Annotations.of(scope).addWarningV2(
    'cdk-prompt-registry:guardrailNotAlone',
    `one role may call ${guarded.parameterName}, which asks for a guardrail, and ${other.parameterName}, which asks for ${other._guardrail ? 'another one' : 'none'}: IAM does not see for which prompt a model is called, so where both run on one model their guardrails are interchangeable; give them one guardrail or a role each`,
  );
}

function differing(aliases: readonly GuardedAlias[]): GuardedAlias[] {
  const keyOf = ({ _guardrail }: GuardedAlias) => JSON.stringify(_guardrail ?? null);
  const guarded = aliases.find(({ _guardrail }) => _guardrail !== undefined);
  const other = guarded && aliases.find((alias) => keyOf(alias) !== keyOf(guarded));
  return guarded && other ? [guarded, other] : [];
}
