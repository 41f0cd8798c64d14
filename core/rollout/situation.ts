import type { Rollout } from '../ledger/record-schema-2';
import type { RolloutStep } from '../ledger/rollout-step';
import type { ArmCounts } from './arm-counts';

/** All that a controller decides from, about one alias. */
export interface Situation {
  /** What the newest record of the alias says is in force. */
  readonly rollout: Rollout | null;
  /** When the record was written that began it, ISO 8601. */
  readonly began: string;
  /** Of this plan, oldest first. */
  readonly steps: readonly RolloutStep[];
  /** Digest of the newest of these; where there is none yet, of the record that began the plan. */
  readonly previous: string;
  /** What the parameter `rollout-progress` holds. It decides nothing, but for a halt: that is never taken back. */
  readonly value: string;
  /** Left out where CloudWatch does not answer: then nothing goes forward, and readers return to stable in time. */
  readonly guards?: GuardReadings | undefined;
  /** Somebody asks for a halt. */
  readonly request?: HaltAsked | undefined;
  /** The step of which this invocation told what was due, 0 for what is before the first one. */
  readonly told?: number | undefined;
  readonly now: Date;
}

/** Somebody who asks for a halt, as the controller hears of it. */
export interface HaltAsked {
  readonly reason: string | null;
  /** Lambda's id of the invocation; undefined where the function was not told. */
  readonly id?: string | undefined;
}

/** What the guards of a rollout say. */
export interface GuardReadings {
  /** By ARN; an alarm that does not exist is left out. */
  readonly alarms: ReadonlyMap<string, AlarmState>;
  /** First uses by spans that are over and in which the share did not change, since the first step. */
  readonly spans: readonly ArmCounts[];
  /** Uses of the candidate since the step that is served. */
  readonly uses: number;
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
