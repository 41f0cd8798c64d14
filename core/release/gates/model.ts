import type { ModelFacts } from '../../models/model-facts';
import { modelIdentifier } from '../../models/model-identifier';
import { daysUntil } from '../../models/model-life';
import type { AnyGate, GateKind, JudgeProps, Refusal } from './gate-kind';
import { invalidGate } from './invalid-gate';

/** The model of a content is one of those, and lives long enough. */
export interface ModelGate {
  readonly gate: 'model';
  /** Seconds for which the model must go on. @default 0 */
  readonly endsAfter?: number;
  /** Ids of models and profiles, or ARNs. @default any */
  readonly among?: readonly string[];
}

const FIELDS = ['among', 'endsAfter', 'gate'];
/** Seconds: nothing, two years. */
const ENDS_AFTER = { least: 0, most: 2 * 365 * 86_400 } as const;
export const MOST_MODELS = 20;
const MODEL = /^[A-Za-z0-9][A-Za-z0-9.:/_-]{0,255}$/;

export function isModelGate(gate: AnyGate): gate is ModelGate {
  return gate.gate === 'model';
}

/**
 * Lifecycles are advice, not a lock: what Bedrock does not say lets through, with a warning. Nobody asks on the way back.
 *
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle.html
 */
export const MODEL_GATE: GateKind<ModelGate> = {
  check(gate) {
    const fields = Object.keys(gate).sort();
    if (fields.some((field) => !FIELDS.includes(field))) {
      const expected = `${FIELDS.join(', ')} in a model gate, as this version of cdk-prompt-registry knows it`;
      throw invalidGate(expected, fields.join(', '));
    }
    const { endsAfter = 0, among } = gate;
    if (!Number.isInteger(endsAfter) || endsAfter < ENDS_AFTER.least || endsAfter > ENDS_AFTER.most) {
      throw invalidGate('endsAfter in whole seconds, at most two years', endsAfter);
    }
    if (among === undefined) return;
    const isList = Array.isArray(among) && among.length >= 1 && among.length <= MOST_MODELS;
    if (!isList || new Set(among).size < among.length) {
      throw invalidGate(`1 to ${MOST_MODELS} different models in among`, among);
    }
    const wrong = among.find((model) => typeof model !== 'string' || !MODEL.test(model));
    if (wrong !== undefined)
      throw invalidGate('ids of models and inference profiles, or ARNs, without patterns', wrong);
  },

  groups: () => [],

  isAsStrict(gate, expected) {
    const { among } = gate;
    const isWithin = expected.among === undefined || among?.every((model) => expected.among?.includes(model)) === true;
    return (gate.endsAfter ?? 0) >= (expected.endsAfter ?? 0) && isWithin;
  },

  judge(gates, props) {
    const { model } = props;
    if (!model) return { refusals: [], reviews: [] };
    const refusals = gates.flatMap((gate) => refusalOf(gate, model, props) ?? []);
    return { refusals, reviews: [], warnings: modelWarnings(model) };
  },
};

/** What is worth saying of a model that is let through. */
export function modelWarnings({ id, model, status, ends, problem }: ModelFacts): string[] {
  if (status === 'ACTIVE') return [];
  if (status === 'UNREAD') {
    return [`nobody knows how long model ${id} goes on: Bedrock did not say${problem ? ` (${problem})` : ''}`];
  }
  if (status === 'OWN')
    return [`nobody knows how long model ${id} goes on: Bedrock tells no end of models of one's own`];
  if (status === 'UNKNOWN') return [`Bedrock has no model ${id} here`];
  return [`model ${named(id, model)} is ${status}${ends === null ? '' : ` and ends on ${ends.slice(0, 10)}`}`];
}

function refusalOf(gate: ModelGate, facts: ModelFacts, { now }: JudgeProps): Refusal | undefined {
  const { id, model, status, ends } = facts;
  const refusal = (code: Refusal['code'], message: string): Refusal => ({ code, gate, message, command: 'review' });
  if (status === 'UNKNOWN') {
    const fix = 'publish the prompt with another model';
    return refusal('NoSuchModel', `expected a model or inference profile of this Region, found ${id}: ${fix}`);
  }
  const endsAfter = gate.endsAfter ?? 0;
  if (ends !== null && Date.parse(ends) <= now + endsAfter * 1000) {
    const days = endsAfter / 86_400;
    const after = days === 0 ? '' : ` for more than ${Number(days.toFixed(1))} days`;
    const when = Date.parse(ends) <= now ? 'which ended' : 'which ends';
    const left = Date.parse(ends) <= now ? '' : `, in ${daysUntil(ends, new Date(now))} days`;
    const found = `${named(id, model)}, ${when} on ${ends.slice(0, 10)}${left}`;
    return refusal('ModelEnds', `expected a model that goes on${after}, found ${found}: publish it with another model`);
  }
  if (gate.among && !isAmong(gate.among, id, model)) {
    return refusal('ModelNotAmong', `expected one of the models ${gate.among.join(', ')}, found ${named(id, model)}`);
  }
  return undefined;
}

/**
 * An application profile, whose ARN is another one in each account, counts as the model that it leads to.
 *
 * @param model the foundation model behind `id`; null where nobody knows it
 */
export function isAmong(among: readonly string[], id: string, model: string | null): boolean {
  const names = among.map(nameOf);
  if (among.includes(id) || names.includes(nameOf(id))) return true;
  return modelIdentifier(id).kind === 'application-profile' && model !== null && names.includes(model);
}

function nameOf(id: string): string {
  return modelIdentifier(id).id;
}

function named(id: string, model: string | null): string {
  return model === null || nameOf(id) === model ? id : `${id} (${model})`;
}
