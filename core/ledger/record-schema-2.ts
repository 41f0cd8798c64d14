import type { PairedCounts } from '../evaluation/paired-interval';
import { metrics } from './evaluation-counts';
import {
  type Check,
  checkFields,
  count,
  released,
  sequence,
  sha256,
  sha256OrNull,
  text,
  textOrNull,
  time,
} from './field-checks';

/**
 * What schema 2 adds to a record. Only a record that needs one of these is of schema 2.
 *
 * A reader ignores fields that it does not know and obeys `requires`.
 */
export interface SchemaTwoFields {
  /** What a reader must know to say what callers get from here on. */
  readonly requires: readonly string[];
  /** The rollout that is in force from here on. */
  readonly rollout: Rollout | null;
  /** Why a move or the start of a rollout was let through; null where no gate applies, and on undo, withdraw, remove, abandon. */
  readonly passed: Passed | null;
  /** The rollout that this record ends. */
  readonly ended: EndedRollout | null;
}

export interface Rollout {
  /** Sequence number of the record that began it. */
  readonly plan: number;
  readonly candidate: { readonly version: number; readonly digest: string; readonly model: string | null };
  /** Ascending whole percents. */
  readonly steps: readonly number[];
  /** Seconds. */
  readonly bake: number;
  /** Uses before a step may end. */
  readonly minimum: number;
  readonly key: 'session' | 'none';
  /** `errors`, ARNs of alarms. */
  readonly guards: readonly string[];
  /** Seconds from the record that began it to its end; left out where it has none. */
  readonly for?: number;
  /** Names of the scores that it is read out by, sorted; left out likewise. */
  readonly scores?: readonly string[];
}

export type Passed =
  | {
      readonly how: 'agreed';
      /** The whole set that it was judged by. */
      readonly gates: readonly object[];
      readonly reviews: readonly PassedReview[];
      /** How often suites that the gates name were run over the content; left out where none is named. */
      readonly runs?: number;
      /** What Bedrock said of the model, where a gate asked for it and the content has one. */
      readonly model: PassedModel | null;
    }
  /** `to`: sequence number of the record whose place it returns to. */
  | { readonly how: 'back'; readonly to: number }
  /** `plan`: the rollout whose candidate passed at its start. */
  | { readonly how: 'carried'; readonly plan: number };

export interface PassedModel {
  readonly id: string;
  /** Bedrock's word, or one of `ModelFacts`. */
  readonly status: string;
  readonly ends: string | null;
  readonly read: string;
  /** The model behind a profile. */
  readonly model?: string;
  /** The guardrail version that callers must name. */
  readonly guardrail?: string;
}

export interface PassedReview {
  readonly key: string;
  readonly sha256: string;
  readonly time: string;
  /** `request`, `approve`, `evaluate`: a group may do all of it. Records of before it was written lack it. */
  readonly kind?: string;
  /** Of `evaluate`: its counts, by metric. */
  readonly metrics?: Readonly<Record<string, PairedCounts>>;
}

export interface EndedRollout {
  readonly plan: number;
  /** Number and SHA-256 of its newest step record; null where it could not be read on the way back. */
  readonly n: number | null;
  readonly head: string | null;
}

/**
 * The fields that tell a record's schema: 2 where one of these says something, else 1. So it follows from what is recorded
 * and not from the package that records, and an alias without gates and rollouts never gets a record of schema 2.
 */
export function schemaFields({
  rollout,
  passed,
  ended,
}: Omit<SchemaTwoFields, 'requires'>): { readonly schema: 1 } | ({ readonly schema: 2 } & SchemaTwoFields) {
  if (rollout === null && passed === null && ended === null) return { schema: 1 };
  return { schema: 2, requires: rollout === null ? [] : ['rollout'], rollout, passed, ended };
}

/** What this version of the package knows to read. */
const KNOWN_FEATURES: readonly string[] = ['rollout'];

/** Names in `requires` that this version of the package does not know. */
export function unknownFeatures({ requires = [] }: Partial<Pick<SchemaTwoFields, 'requires'>>): string[] {
  return requires.filter((name) => !KNOWN_FEATURES.includes(name));
}

const requires: Check = (value) =>
  Array.isArray(value) && value.every((name) => typeof name === 'string' && /^[a-z][a-z0-9-]{0,39}$/.test(name));

const steps: Check = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((step, index) => Number.isInteger(step) && step > (value[index - 1] ?? 0) && step <= 100);

const texts: Check = (value, path) => Array.isArray(value) && value.every((item) => text(item, path));

const ROLLOUT: Record<Exclude<keyof Rollout, keyof typeof SPLIT>, Check> = {
  plan: sequence,
  candidate: released,
  steps,
  bake: count,
  minimum: count,
  key: (value) => value === 'session' || value === 'none',
  guards: texts,
};

/** Of a rollout with an end. */
const SPLIT = { for: sequence, scores: texts };

const hasEnd = (value: Partial<Rollout>) => value.for !== undefined || value.scores !== undefined;

const REVIEW = {
  key: text,
  sha256,
  time,
};
const MODEL = { id: text, status: text, ends: textOrNull, read: time };

const PASSED: Readonly<Record<string, Record<string, Check>>> = {
  agreed: {
    gates: (value, path) =>
      Array.isArray(value) && value.every((gate) => checkFields(gate, { gate: text }, path, 'ignored')),
    reviews: (value, path) =>
      Array.isArray(value) &&
      value.every(
        (review) =>
          checkFields(review, REVIEW, path, 'ignored') &&
          (review.kind === undefined || text(review.kind, path)) &&
          (review.metrics === undefined || metrics(review.metrics, path)),
      ),
    model: (value, path) => value === null || checkFields(value, MODEL, path, 'ignored'),
  },
  back: { to: sequence },
  carried: { plan: sequence },
};

const passed: Check = (value, path) => {
  if (value === null) return true;
  const fields = PASSED[String((value as { how?: unknown }).how)];
  return fields !== undefined && checkFields(value, fields, path, 'ignored');
};

const ended: Check = (value, path) =>
  value === null ||
  checkFields(value, { plan: sequence, n: (n, at) => n === null || count(n, at), head: sha256OrNull }, path, 'ignored');

/** The fields of which a reader that does not know all that the record requires can say something. */
export const REQUIRES = { requires };

/** The other fields. */
export const KNOWN_FIELDS: Record<Exclude<keyof SchemaTwoFields, 'requires'>, Check> = {
  rollout: (value, path) =>
    value === null ||
    checkFields(value, { ...ROLLOUT, ...(hasEnd(value as Partial<Rollout>) && SPLIT) }, path, 'ignored'),
  passed,
  ended,
};
