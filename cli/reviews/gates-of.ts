import { RegistryError } from '../../core/registry-error';
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

/** Whether an alias may have gates: also where they cannot be read, which must stop no return. */
export function hasGates(registry: Registry, alias: StackAlias): boolean {
  try {
    return gatesOf(registry, alias).length > 0;
  } catch (error) {
    if (error instanceof RegistryError || error instanceof CliError) return true;
    throw error;
  }
}

function gatesElsewhere(stackName: string): CliError {
  return new CliError({
    what: `the gates of the registry that stack ${stackName} joins are not known here`,
    why: 'they stand in the registry’s own stack',
  });
}
