import type { GuardrailTerms } from '../core/audit/guardrail-shape';
import { NO_VERSION } from '../core/contract/no-version';
import { placesOfTarget } from '../core/release/version-target';
import { parameterValue, type RegistryStack, type StackAlias } from './registry-stack';
import { isReady } from './release/stack-readiness';

/** How the parameter and the newest record of the ledger differ. */
export function* pointerFindings(
  stack: RegistryStack,
  version: number | null,
  recorded: number | null,
): Generator<string> {
  if (recorded === version) return;
  // Of a stack that stopped half-way CloudFormation wrote the one and not the other.
  const why = isReady(stack) ? ': somebody wrote one of them by hand' : '';
  yield `the parameter points to ${version ?? 'nothing'}, the newest record of the ledger to ${recorded ?? 'nothing'}${why}`;
}

/** How what clients are told to name and what the stack's template lets them name differ. */
export function* guardrailFindings(terms: GuardrailTerms | null, told: string | undefined): Generator<string> {
  const mayName = terms?.accepted.includes(told ?? '') || terms?.accepted.includes(null);
  if (told === undefined ? terms === null || terms.acceptsNone : mayName) return;
  const wanted = terms?.accepted.map((one) => one ?? 'a guardrail').join(' or ') ?? 'none';
  yield `clients are told to name ${told ?? 'no guardrail'}, the stack asks callers for ${wanted}: somebody wrote the parameter by hand`;
}

/**
 * How the target in the stack or in source and the parameter differ.
 *
 * @param digest of the version that the parameter points to; undefined where nobody knows it
 */
export function* targetFindings(
  stack: RegistryStack,
  { parameterId, sourceTarget }: StackAlias,
  version: number | null,
  digest: string | null | undefined,
): Generator<string> {
  const target = parameterId === undefined ? sourceTarget : parameterValue(stack, parameterId);
  if (target === undefined) return;
  // While 4 is rolled out by 3..4, the alias points to 3.
  const [stands = NO_VERSION] = placesOfTarget(target);
  const actual = stands.startsWith('pd1:') ? (version === null ? undefined : digest) : String(version ?? NO_VERSION);
  if (actual === stands || (actual === undefined && version !== null)) return;
  const name = parameterId ? `stack parameter ${parameterId}` : "the app's source";
  yield `${name} says ${target}, the alias points to ${version ?? 'nothing'}`;
}
