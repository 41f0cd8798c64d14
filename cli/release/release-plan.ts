import type { Registry } from '../registry';
import type { ChangeSet } from './change-set';
import { type RolloutChange, type RunningSplit, rolloutChange, runningSplit } from './release-change';
import type { PlannedPassage } from './release-consent';
import { type ReleaseEffect, releaseEffect } from './release-effect';
import type { ReleaseRequest } from './release-request';
import type { ReleaseWatch } from './release-watch';

/** What a release would do, before it does. */
export interface PlannedRelease extends ReleaseEffect, PlannedPassage {
  /** ARN of the change set: CloudFormation itself makes it stale. */
  readonly id: string;
  readonly stack: string;
  readonly prompt: string;
  readonly alias: string;
  readonly from: number | null;
  readonly to: number;
  /** What it does to a rollout; left out where it does nothing to one. */
  readonly rollout?: PlannedRollout;
  readonly callable: { readonly before: readonly number[]; readonly after: readonly number[] };
  readonly withdrawn: { readonly before: readonly number[]; readonly after: readonly number[] };
  /** Other aliases that stand on a version that is withdrawn: their callers get 403 until they move. */
  readonly stranded: readonly string[];
  /** Aliases that the stack update touches. */
  readonly touches: readonly string[];
  /** Why, as the record will have it; null where nobody said. */
  readonly reason: string | null;
  /** Alarms that take it back when they ring within so many minutes; only where somebody asked for it. */
  readonly watch?: ReleaseWatch;
  /** Names of alarms that watched the operation before, and watch this one and later ones no more. */
  readonly unwatched?: readonly string[];
}

export interface PlannedRollout {
  readonly change: RolloutChange;
  /** Of the rollout that begins, or that runs until then. */
  readonly candidate: number;
  /** Percents; those that the alias has now, for a rollout that begins. */
  readonly steps: readonly number[];
  /** Of a split that begins: seconds to its end. */
  readonly for?: number;
  /** Of a split that runs until then. */
  readonly split?: RunningSplit;
  /** Of one that is settled: its candidate was taken back from everybody. */
  readonly halted?: true;
}

/** Puts together what a change set does, for people. */
export async function plannedRelease(
  registry: Registry,
  request: ReleaseRequest,
  changeSet: ChangeSet,
  passage: PlannedPassage,
): Promise<PlannedRelease> {
  const { prompt, state, to, candidate } = request;
  const shown = candidate ?? to;
  const { alias, version: from } = state;
  const withdraws = request.withdrawn.filter((version) => !prompt.withdrawn.includes(version));
  const others = withdraws.length > 0 ? await registry.aliasStates(prompt) : [];
  const after = (await registry.reader.content(prompt.promptId, shown))?.variant ?? null;
  const before = (registry.stack.rollback?.RollbackTriggers ?? []).map(
    ({ Arn = '' }) => Arn.split(':alarm:')[1] ?? Arn,
  );
  const effect = await releaseEffect(registry, prompt, state, { label: `:${shown}`, variant: after });
  return {
    id: changeSet.ChangeSetId ?? '',
    stack: registry.stack.stackName,
    prompt: prompt.promptName,
    alias: alias.aliasName,
    from,
    to,
    ...plannedRollout(request),
    ...effect,
    callable: { before: state.callable, after: request.callable },
    withdrawn: { before: prompt.withdrawn, after: request.withdrawn },
    reason: request.reason,
    ...(request.watch && { watch: request.watch }),
    ...(!request.watch && before.length > 0 && { unwatched: before }),
    ...passage,
    stranded: others
      .filter((other) => other.alias.aliasName !== alias.aliasName && withdraws.includes(other.version ?? 0))
      .map((other) => other.alias.aliasName),
    touches: withdraws.length > 0 ? prompt.aliases.map(({ aliasName }) => aliasName) : [alias.aliasName],
  };
}

function plannedRollout(request: ReleaseRequest): { rollout?: PlannedRollout } {
  const change = rolloutChange(request);
  const { candidate, state } = request;
  if (change === undefined) return {};
  const { rollout, alias } = state;
  const { steps = [], for: seconds } = (candidate === null ? rollout && { steps: rollout.steps } : alias.rollout) ?? {};
  const length = seconds === undefined ? {} : { for: seconds };
  const split = runningSplit(request);
  const halted = change === 'settle' && rollout?.halted ? { halted: true as const } : {};
  return {
    rollout: {
      change,
      candidate: candidate ?? rollout?.candidate ?? 0,
      steps,
      ...length,
      ...(split && { split }),
      ...halted,
    },
  };
}
