import { type Gate, gatesInForce, parseGates, parseGatesByAlias } from '../../core/release/gate';
import { CliError } from '../cli-error';
import type { Registry } from '../registry';
import type { StackAlias } from '../registry-stack';

/**
 * The gates that an alias must pass, as the deployed stack says.
 *
 * @throws RegistryError `InvalidGate`, `InvalidGroup`
 */
export function gatesOf({ stack }: Registry, { aliasName, gates = '[]' }: StackAlias): Gate[] {
  if (stack.gating === undefined) throw gatesElsewhere(stack.stackName);
  return gatesInForce(parseGatesByAlias(stack.gating.gates), aliasName, parseGates(gates));
}

/** Whether an alias may have gates, without reading them. */
export function hasGates({ stack }: Registry, { gates }: StackAlias): boolean {
  return gates !== undefined || stack.gating?.gates !== NO_GATES;
}

/** How a registry without gates has them. */
const NO_GATES = '{}';

function gatesElsewhere(stackName: string): CliError {
  return new CliError({
    what: `the gates of the registry that stack ${stackName} joins are not known here`,
    why: 'they stand in the registry’s own stack',
  });
}
