import { canonicalJson } from '../content/canonical-json';
import { RegistryError } from '../registry-error';
import { type Check, checkFields, count, sequence, sha256, text, textOrNull, time } from './field-checks';
import { numberOfStepKey, parseStepKey, stepKey } from './layout';
import { type ChainEntry, type ChainKind, type VerifiedLinks, verifyLinks } from './linked-chain';

/** What a controller did: gave the candidate a step's share, or took all of it back for good. */
export const STEP_KINDS = ['step', 'halt'] as const;

/** No step comes near it: ten alarms with the longest names make some 6,000. */
export const STEP_BYTES = 65_536;

/**
 * One step of a rollout, as it stands in the ledger's bucket for good. The steps of one plan are a chain of their own,
 * because a controller that appended to the alias's would take the number that an emergency release planned.
 */
export interface RolloutStep {
  readonly schema: 1;
  /** Sequence number of the record that began the rollout. */
  readonly plan: number;
  /** From 1, without gaps, in each plan. */
  readonly n: number;
  readonly kind: (typeof STEP_KINDS)[number];
  /** Place in the plan's steps, from 0; of a halt the one that was served. */
  readonly step: number;
  /** From when on it holds, ISO 8601, UTC. */
  readonly at: string;
  /** `request`: somebody invoked the controller. Who, CloudTrail knows. */
  readonly by: 'controller' | 'request';
  /** Lambda's id of that invocation, which CloudTrail's event has as its `requestID`; left out for what nobody asked for. */
  readonly request?: string;
  readonly reason: string | null;
  readonly evidence: StepEvidence;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Digest of the step before; in the first, of the record that began the plan. */
  readonly previous: string;
}

/** What the controller saw. */
export interface StepEvidence {
  /** First uses and failures of the candidate (1) and the stable version (0), and how sure the test is that it is worse. */
  readonly errors?: {
    readonly n1: number;
    readonly k1: number;
    readonly n0: number;
    readonly k0: number;
    readonly e: number;
  };
  /** Uses of the candidate in the step before. */
  readonly uses?: number;
  /** ARNs of the alarms that were in ALARM. */
  readonly alarms?: readonly string[];
}

/** The step as the body of its S3 object: canonical JSON (RFC 8785) and a newline. */
export function serializeStep(step: RolloutStep): string {
  return `${canonicalJson(step)}\n`;
}

/**
 * Reads a step's body; unknown fields are ignored.
 *
 * @throws RegistryError `BadLedgerRecord`
 */
export function parseStep(body: string): RolloutStep {
  let step: unknown;
  try {
    step = JSON.parse(body);
  } catch (cause) {
    throw new RegistryError('BadLedgerRecord', 'a step of a rollout must be JSON', { cause });
  }
  // `null` and the like are told by the check.
  const given = typeof step === 'object' && step !== null ? { request: undefined, ...step } : step;
  checkFields(given, FIELDS, 'a step of a rollout', 'ignored');
  return step as RolloutStep;
}

/**
 * Checks the steps of one rollout, as `verifyLinks` checks any chain, and that no step is left out, taken back, or follows a
 * halt.
 *
 * @param entries of one plan, in any order
 * @param root digest of the record that began the plan
 */
export function verifySteps(entries: readonly ChainEntry[], root: string): VerifiedLinks<RolloutStep> {
  return verifyLinks(entries, { ...STEPS, root });
}

const STEPS: Omit<ChainKind<RolloutStep>, 'root'> = {
  sequenceOf: numberOfStepKey,
  parse: parseStep,
  placeOf: ({ plan, n }, key) => {
    const address = parseStepKey(key);
    return address ? stepKey({ ...address, plan, n }) : key;
  },
  isSame: ({ plan }, other) => plan === other.plan,
  subject: ({ plan }) => `plan ${plan}`,
  break: (record, before) => {
    if (before.some((step) => step.kind === 'halt')) return 'follows a halt, after which nothing is served';
    if (record.kind === 'halt') return undefined;
    const expected = before.length === 0 ? [0] : before.map(({ step }) => step + 1);
    if (expected.includes(record.step)) return undefined;
    return `is step ${record.step}, expected step ${expected[0]}`;
  },
};

const ERRORS: Record<string, Check> = {
  n1: count,
  k1: count,
  n0: count,
  k0: count,
  e: (value) => typeof value === 'number' && value >= 0,
};

const EVIDENCE: Record<keyof StepEvidence, Check> = {
  errors: (value, path) => value === undefined || checkFields(value, ERRORS, path, 'ignored'),
  uses: (value, path) => value === undefined || count(value, path),
  alarms: (value, path) => value === undefined || (Array.isArray(value) && value.every((arn) => text(arn, path))),
};

const evidence: Check = (value, path) => {
  // Each is there where the controller saw it.
  const all = { errors: undefined, uses: undefined, alarms: undefined, ...(value as StepEvidence) };
  return typeof value === 'object' && value !== null && checkFields(all, EVIDENCE, path, 'ignored');
};

const FIELDS: Record<keyof RolloutStep, Check> = {
  schema: (value) => value === 1,
  plan: sequence,
  n: sequence,
  kind: (value) => STEP_KINDS.some((kind) => kind === value),
  step: count,
  at: time,
  by: (value) => value === 'controller' || value === 'request',
  request: (value, path) => value === undefined || text(value, path),
  reason: textOrNull,
  evidence,
  time,
  previous: sha256,
};
