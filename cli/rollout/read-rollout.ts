import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Rollout } from '../../core/ledger/record-schema-2';
import type { RolloutStep } from '../../core/ledger/rollout-step';
import { firstOf } from '../../core/release/replayed';
import { readArms } from '../../core/rollout/arm-metrics';
import { countedWindows } from '../../core/rollout/counted-windows';
import { type GuardVerdict, guardVerdict } from '../../core/rollout/guard-verdict';
import { isOver } from '../../core/rollout/plan-end';
import type { GuardReadings } from '../../core/rollout/situation';
import { versionSums } from '../../core/rollout/version-sums';
import { reasonOf } from '../aws-failure';
import type { AliasState, Registry, RegistryPrompt } from '../registry';
import { alarmStates, heldBy } from './alarm-states';
import { beganAt, type RunningRollout } from './running-rollout';

/** How a rollout stands. */
export interface RolloutReading {
  readonly prompt: string;
  readonly alias: string;
  readonly stable: number | null;
  /** Null where none is in force. */
  readonly rollout: Rollout | null;
  readonly running: RunningRollout | undefined;
  /** Until when readers believe the controller, ISO 8601; undefined before it wrote. */
  readonly until: string | undefined;
  /** When it began, ISO 8601. */
  readonly began: string | null;
  /** Oldest first. */
  readonly steps: readonly RolloutStep[];
  /** What the guards say now; undefined where they could not be read, or before the first step. */
  readonly verdict: GuardVerdict | undefined;
  /** Why the first step does not begin; left out where nothing holds it, or it was recorded. */
  readonly held?: string | undefined;
  /** Why something of it is not known. */
  readonly notes: readonly string[];
}

/** Reads ledger, step chain, parameters and, while candidates are served or about to be, CloudWatch. */
export async function readRollout(
  registry: Registry,
  prompt: RegistryPrompt,
  { alias, version, rollout: running, history }: AliasState,
  now: Date,
): Promise<RolloutReading> {
  const { promptName } = prompt;
  const subject = { prompt: promptName, alias: alias.aliasName, stable: version, running, until: running?.until };
  const head = await firstOf(history);
  const rollout = head?.rollout ?? null;
  if (rollout === null) return { ...subject, rollout, began: null, steps: [], verdict: undefined, notes: [] };
  const steps = await registry.reader.steps(prompt.promptId, alias.aliasName, rollout.plan);
  const began = (await beganAt(rollout.plan, history)) ?? null;
  const known = { ...subject, rollout, began, steps };
  const isHalted = steps.some(({ kind }) => kind === 'halt');
  if (isHalted || version === null || (began !== null && isOver(rollout, began, now))) {
    return { ...known, verdict: undefined, notes: [] };
  }
  try {
    if (steps.length === 0) {
      return { ...known, verdict: undefined, held: await heldBy(registry.clients.cloudWatch, rollout), notes: [] };
    }
    const readings = await guardReadings(registry, { ...subject, stable: version, rollout, steps }, now);
    return { ...known, verdict: guardVerdict(rollout, readings), notes: [] };
  } catch (error) {
    return { ...known, verdict: undefined, notes: [`CloudWatch is not read: ${reasonOf(error)}`] };
  }
}

interface Served {
  readonly prompt: string;
  readonly alias: string;
  readonly stable: number;
  readonly rollout: Rollout;
  readonly steps: readonly RolloutStep[];
}

async function guardReadings(
  { clients, stack }: Registry,
  { rollout, ...served }: Served,
  now: Date,
): Promise<GuardReadings> {
  const { cloudWatch } = clients;
  const metrics = versionSums(stack.parameterPrefix, (question) => cloudWatch.send(new GetMetricDataCommand(question)));
  const arms = { ...served, candidate: rollout.candidate.version };
  const [alarms, counted] = await Promise.all([
    alarmStates(cloudWatch, rollout),
    readArms(arms, countedWindows(served.steps, now), metrics),
  ]);
  return { alarms, ...counted };
}
