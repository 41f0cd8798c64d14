import { type Gate, gatesInForce, parseGates } from '../../core/release/gate';
import { CliError } from '../cli-error';
import type { Registry } from '../registry';
import type { StackAlias } from '../registry-stack';

/** The gates that an alias must pass, as the deployed stack says. */
export function gatesOf({ stack }: Registry, { aliasName, gates = '[]' }: StackAlias): Gate[] {
  if (stack.gating === undefined) throw gatesElsewhere(stack.stackName);
  return gatesInForce(stack.gating.gates, aliasName, parseGates(gates));
}

function gatesElsewhere(stackName: string): CliError {
  return new CliError({
    what: `the gates of the registry that stack ${stackName} joins are not known here`,
    why: 'they stand in the registry’s own stack',
  });
}
