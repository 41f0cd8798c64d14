import { type Gate, gatesInForce, parseGates, parseGatesByAlias } from '../../core/release/gate';
import type { Registry } from '../registry';
import type { StackAlias } from '../registry-stack';
import { GatesUnknown } from './gates-unknown';

/**
 * The gates that an alias must pass: the registry's and its own, as deployed.
 *
 * @throws RegistryError `InvalidGate`, `InvalidGroup`
 * @throws GatesUnknown
 */
export async function gatesOf(registry: Registry, { aliasName, gates = '[]' }: StackAlias): Promise<Gate[]> {
  const gating = await registry.gating();
  if (gating === undefined) throw new GatesUnknown(registry.stack.stackName);
  return gatesInForce(parseGatesByAlias(gating.gates), aliasName, parseGates(gates));
}
