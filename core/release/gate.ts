import { createHash } from 'node:crypto';
import { canonicalJson } from '../content/canonical-json';
import type { AnyGate } from './gates/gate-kind';
import { invalidGate } from './gates/invalid-gate';
import { type KnownGate, kindOf } from './gates/kinds';

/** What must agree before an alias moves forward. Nothing does so through one of a kind that is not known. */
export type Gate = KnownGate | AnyGate;

/** The gates of a registry: by the name of an alias, `*` for all that are not named. */
export type GatesByAlias = Readonly<Record<string, readonly Gate[]>>;

/** Means every alias that has no entry of its own. */
export const EVERY_ALIAS = '*';

/** Gates that one alias may have. */
export const MOST_GATES = 4;

/** The gates of one alias as properties and records carry them: canonical JSON. */
export function formatGates(gates: readonly Gate[]): string {
  return canonicalJson(gates);
}

/**
 * The inverse of {@link formatGates}. A kind that is not known is kept: it is the judge that refuses it.
 *
 * @throws RegistryError `InvalidGate`
 */
export function parseGates(text: string): Gate[] {
  return checkedGates(parsed(text));
}

/** What the handlers' environment holds: the gates of a registry as canonical JSON. */
export function formatGatesByAlias(gates: GatesByAlias): string {
  return canonicalJson(gates);
}

/** @throws RegistryError `InvalidGate` */
export function parseGatesByAlias(text: string): GatesByAlias {
  const found = parsed(text);
  if (!isObject(found)) throw invalidGate('gates by the name of an alias', found);
  return Object.fromEntries(Object.entries(found).map(([alias, gates]) => [alias, checkedGates(gates)]));
}

/**
 * The gates that an alias must pass: those of the registry for its name, and its own, which can only add. An exact name
 * wins over `*`.
 */
export function gatesInForce(ofRegistry: GatesByAlias, alias: string, own: readonly Gate[] = []): Gate[] {
  const byName = Object.hasOwn(ofRegistry, alias) ? ofRegistry[alias] : ofRegistry[EVERY_ALIAS];
  const unique = new Map([...(byName ?? []), ...own].map((gate) => [canonicalJson(gate), gate]));
  return [...unique.values()];
}

/** The groups of which reviews are needed to judge. */
export function groupsOf(gates: readonly Gate[]): string[] {
  return [...new Set(gates.flatMap((gate) => kindOf(gate)?.groups(gate) ?? []))].sort();
}

/** The groups whose members run suites, of which all runs are needed to judge. */
export function runnersOf(gates: readonly Gate[]): string[] {
  return [...new Set(gates.flatMap((gate) => kindOf(gate)?.runners?.(gate) ?? []))].sort();
}

/**
 * What the plan answers as `Terms`: which gates it knows of, and how the alias rolls out. A plan from before there were gates
 * or rollouts answers none, and CloudFormation fails the alias that asks for it.
 *
 * @param rollout the settings as properties carry them. @default - the alias rolls nothing out
 */
export function gateTerms(gates: readonly Gate[], rollout?: string): string {
  const terms = [formatGates(gates), ...(rollout === undefined ? [] : [rollout])].join('\n');
  return `tm1:${createHash('sha256').update(terms).digest('hex')}`;
}

/** @throws RegistryError `InvalidGate`, `InvalidGroup` */
export function checkGate(gate: Gate): Gate {
  kindOf(gate)?.check(gate);
  return gate;
}

function checkedGates(found: unknown): Gate[] {
  if (!Array.isArray(found)) throw invalidGate('a list of gates', found);
  return found.map((gate) => {
    if (!isObject(gate) || typeof gate.gate !== 'string') throw invalidGate('a gate with its kind', gate);
    return checkGate(gate as unknown as Gate);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidGate('JSON', text);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
