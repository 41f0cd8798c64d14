import type { IConstruct } from 'constructs';
import { checkAliasName } from '../../core/contract/names';
import {
  EVERY_ALIAS,
  formatGatesByAlias,
  type Gate as GateInForce,
  type GatesByAlias,
  groupsOf,
  MOST_GATES,
} from '../../core/release/gate';
import { isApproval } from '../../core/release/gates/approval';
import type { Gate } from '../gate';
import { atConstruct, constructError } from './construct-error';

/** What the handlers' environment has room for: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const MOST_BYTES = 2_048;

/**
 * The gates of a registry, as its handlers get them.
 *
 * Throws `InvalidGate`, `InvalidGroup`, `InvalidAliasName`, `NobodyCanApprove`.
 */
export function registryGates(
  scope: IConstruct,
  gates: { readonly [aliasName: string]: readonly Gate[] },
  groups: readonly string[] | undefined,
): GatesByAlias {
  const bound = Object.entries(gates).map(([aliasName, ofAlias]): [string, GateInForce[]] => {
    if (aliasName !== EVERY_ALIAS) atConstruct(scope, () => checkAliasName(aliasName));
    return [aliasName, boundGates(scope, ofAlias, groups)];
  });
  const byAlias = Object.fromEntries(bound);
  const size = Buffer.byteLength(formatGatesByAlias(byAlias));
  if (size > MOST_BYTES) {
    throw constructError(
      scope,
      'InvalidGate',
      `expected gates of at most ${MOST_BYTES} bytes, which is what the handlers' environment has room for, found ${size}: use '*' for aliases with the same gates`,
    );
  }
  return byAlias;
}

/** Groups that ask for releases. */
export function askingGroups(gates: GatesByAlias): string[] {
  const approvals = Object.values(gates).flat().filter(isApproval);
  return [...new Set(approvals.map(({ askedBy }) => askedBy))];
}

/** The gates as they travel. Throws as {@link registryGates}. */
export function boundGates(
  scope: IConstruct,
  gates: readonly Gate[],
  groups: readonly string[] | undefined,
): GateInForce[] {
  if (gates.length > MOST_GATES) {
    throw constructError(
      scope,
      'InvalidGate',
      `expected at most ${MOST_GATES} gates of an alias, found ${gates.length}: let one gate do what two do`,
    );
  }
  const bound = gates.map((gate) => gate._bind(scope));
  const nobody = groups && groupsOf(bound).find((group) => !groups.includes(group));
  if (nobody !== undefined) {
    throw constructError(
      scope,
      'NobodyCanApprove',
      `expected gates of groups that the registry has, found ${nobody}, in which nobody is: add reviewers: { ${nobody.includes('-') ? `'${nobody}'` : nobody}: [role] } to the registry; it has ${groups?.join(', ') || 'no groups'}`,
    );
  }
  return bound;
}
