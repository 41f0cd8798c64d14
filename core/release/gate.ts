import { createHash } from 'node:crypto';
import { canonicalJson } from '../content/canonical-json';
import { checkGroup } from '../contract/names';
import { RegistryError } from '../registry-error';

/** `count` people of the group `by` agree to a content that somebody of `askedBy` asked for, who is none of them. */
export interface ApprovalGate {
  readonly gate: 'approval';
  readonly askedBy: string;
  readonly by: string;
  readonly count: number;
  /** Seconds after which a request or an approval no longer counts. */
  readonly expires: number;
}

/** A gate of a newer version of the package. Nothing moves forward through it. */
export interface UnknownGate {
  readonly gate: string;
}

/** What must agree before an alias moves forward. */
export type Gate = ApprovalGate | UnknownGate;

/** The gates of a registry: by the name of an alias, `*` for all that are not named. */
export type GatesByAlias = Readonly<Record<string, readonly Gate[]>>;

/** Means every alias that has no entry of its own. */
export const EVERY_ALIAS = '*';

/** Gates that one alias may have. */
export const MOST_GATES = 4;
export const MOST_APPROVALS = 5;
/** Seconds: an hour, 90 days. */
export const EXPIRES = { least: 3_600, most: 90 * 86_400 } as const;

const APPROVAL_FIELDS = 'askedBy, by, count, expires, gate';

export function isApproval(gate: Gate): gate is ApprovalGate {
  return gate.gate === 'approval';
}

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
  if (!isObject(found)) throw invalid('gates by the name of an alias', found);
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
  return [...new Set(gates.filter(isApproval).flatMap(({ askedBy, by }) => [askedBy, by]))].sort();
}

/**
 * What the plan answers as `Terms`: which gates it knows of. A plan from before there were gates answers none, and
 * CloudFormation fails the alias that asks for it.
 */
export function gateTerms(gates: readonly Gate[]): string {
  return `tm1:${createHash('sha256').update(formatGates(gates)).digest('hex')}`;
}

/** @throws RegistryError `InvalidGate`, `InvalidGroup` */
export function checkGate(gate: Gate): Gate {
  if (!isApproval(gate)) return gate;
  const { askedBy, by, count, expires } = gate;
  checkGroup(askedBy);
  checkGroup(by);
  if (!Number.isInteger(count) || count < 1 || count > MOST_APPROVALS) {
    throw invalid(`a count from 1 to ${MOST_APPROVALS}`, count);
  }
  if (!Number.isInteger(expires) || expires < EXPIRES.least || expires > EXPIRES.most) {
    throw invalid('an expiry in whole seconds from an hour to 90 days', expires);
  }
  return gate;
}

function checkedGates(found: unknown): Gate[] {
  if (!Array.isArray(found)) throw invalid('a list of gates', found);
  return found.map((gate) => {
    if (!isObject(gate) || typeof gate.gate !== 'string') throw invalid('a gate with its kind', gate);
    const fields = Object.keys(gate).sort().join(', ');
    if (gate.gate === 'approval' && fields !== APPROVAL_FIELDS) {
      throw invalid(`${APPROVAL_FIELDS} in an approval gate, as this version of cdk-prompt-registry knows it`, fields);
    }
    return checkGate(gate as unknown as Gate);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('JSON', text);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(expected: string, found: unknown): RegistryError {
  return new RegistryError(
    'InvalidGate',
    `expected ${expected}, found ${JSON.stringify(found)}: correct the gate in the app`,
  );
}
