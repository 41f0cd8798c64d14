import type { SpanAnswers } from '../../core/experiment/answers';
import { type MeasuredExperiment, type MeasuredMetric, type Readout, readOut } from '../../core/experiment/readout';
import { type ExperimentTimes, noWindow, readoutWindow } from '../../core/experiment/readout-window';
import type { ArmUse, ExperimentReport } from '../../core/experiment/report';
import type { Rollout } from '../../core/ledger/record-schema-2';
import type { RolloutStep } from '../../core/ledger/rollout-step';
import { isOfOneShare } from '../../core/rollout/counted-windows';
import { endOf } from '../../core/rollout/plan-end';
import { awsNow } from '../audit/aws-clock';
import type { AwsClients } from '../aws-clients';
import { CliError } from '../cli-error';
import type { AliasState, RegistryPrompt } from '../registry';
import type { RegistryReader } from '../registry-reader';
import type { RegistryStack, StackAlias } from '../registry-stack';
import { type Arm, type ReadoutMetrics, readoutMetrics, type Series } from './readout-metrics';
import { newestPlan } from './readout-plan';

export interface ReadoutOptions {
  /** Milliseconds from which on a use is slow. */
  readonly slow: number;
  readonly repeats: number;
  /** At how many times it is shown how it looked. */
  readonly mostLooks: number;
}

/** What is needed of a registry. */
export interface ReadoutSource {
  readonly reader: Pick<RegistryReader, 'steps'>;
  readonly clients: Pick<AwsClients, 'cloudWatch' | 's3' | 'cloudFormation'>;
  readonly stack: Pick<RegistryStack, 'parameterPrefix'>;
}

/** The alias with its records, newest first. */
export interface ReadoutAlias extends Pick<AliasState, 'history'> {
  readonly alias: Pick<StackAlias, 'aliasName'>;
}

const NOTHING_MEASURED: Readout = { split: undefined, isVoid: false, metrics: [] };

/**
 * Reads ledger and step chain, and CloudWatch in one question.
 *
 * @throws CliError where the alias never had a rollout
 */
export async function readReadout(
  { reader, clients, stack }: ReadoutSource,
  { promptName, promptId }: Pick<RegistryPrompt, 'promptName' | 'promptId'>,
  { alias, history }: ReadoutAlias,
  { slow, repeats, mostLooks }: ReadoutOptions,
  clock: Date,
): Promise<ExperimentReport> {
  const { aliasName } = alias;
  const plan = await newestPlan(history);
  if (!plan || plan.stable === null) {
    throw new CliError({
      what: `${aliasName} of ${promptName} never had a rollout to read out`,
      fix: `prompt-registry promote ${promptName} ${aliasName} --to :VERSION begins one, where the alias has the option`,
    });
  }
  const { rollout, stable, began, ended } = plan;
  const steps = await reader.steps(promptId, aliasName, rollout.plan);
  const now = awsNow(clients, clock);
  const candidate = rollout.candidate.version;
  const report = {
    prompt: promptName,
    registry: stack.parameterPrefix,
    alias: aliasName,
    plan: rollout.plan,
    stable,
    candidate,
    shares: rollout.steps,
    began,
    ends: endOf(rollout, began)?.toISOString() ?? null,
    halted: steps.find(({ kind }) => kind === 'halt')?.at ?? null,
    ended,
    now: now.toISOString(),
    slow,
    repeats,
  };
  const served = steps.filter(({ kind }) => kind === 'step');
  const [first] = served;
  if (!first) return { ...report, measured: null, ...NOTHING_MEASURED, uses: null };
  const times: ExperimentTimes = {
    planned: rollout.for ?? rollout.steps.length * rollout.bake,
    first: new Date(first.at),
    ended: ended === null ? undefined : new Date(ended),
  };
  const window = readoutWindow(times, now);
  if (!window) {
    const { next, isCut } = noWindow(times, now);
    const measured = { since: first.at, until: null, seconds: null, next: next?.toISOString() ?? null, isCut };
    return { ...report, measured, ...NOTHING_MEASURED, uses: null };
  }
  const { from, to, seconds, isCut } = window;
  const scores = rollout.scores ?? [];
  const wanted = { registry: stack.parameterPrefix, prompt: promptName, alias: aliasName, stable, candidate };
  const metrics = await readoutMetrics(clients.cloudWatch, { ...wanted, scores, slow, from, to, seconds });
  const experiment = measuredExperiment(metrics, { rollout, steps, seconds, repeats });
  // Stable goes on alone after a halt and after the end, with other questions of other hours.
  const servedUntil = Math.min(
    ...[report.halted, report.ends].flatMap((end) => (end === null ? [] : [Date.parse(end)])),
  );
  const isServed = (time: number) => time + seconds * 1_000 <= servedUntil;
  return {
    ...report,
    measured: { since: from.toISOString(), until: to.toISOString(), seconds, next: null, isCut },
    ...readOut(experiment, seconds, mostLooks),
    uses: { candidate: armUse(metrics, 'candidate', isServed), stable: armUse(metrics, 'stable', isServed) },
  };
}

interface Counted {
  readonly rollout: Rollout;
  readonly steps: readonly RolloutStep[];
  readonly seconds: number;
  readonly repeats: number;
}

function measuredExperiment(metrics: ReadoutMetrics, counted: Counted): MeasuredExperiment {
  const { rollout, steps, seconds, repeats } = counted;
  const all = new Set((['candidate', 'stable'] as const).flatMap((arm) => timesOf(metrics, arm, rollout.scores ?? [])));
  // A span whose share changed in the middle compares different hours.
  const times = [...all].sort((a, b) => a - b).filter((time) => isOfOneShare(new Date(time), seconds, steps));
  const spansOf = (answers: (arm: Arm) => readonly [n: Series, yes: (time: number) => number]) => {
    const [candidate, stable] = [answers('candidate'), answers('stable')];
    const at = ([n, yes]: typeof candidate, time: number) => {
      const count = n.get(time) ?? 0;
      // Metrics may come late, a yes before what it belongs to.
      return { n: count, yes: Math.min(count, Math.max(0, Math.round(yes(time)))) };
    };
    return times.map((time): SpanAnswers => ({ candidate: at(candidate, time), stable: at(stable, time) }));
  };
  const errors = spansOf((arm) => {
    const failed = metrics.of(arm, 'firstErrors');
    return [metrics.of(arm, 'firstUses'), (time) => failed.get(time) ?? 0];
  });
  // Of all first uses: of those alone that were answered, a version would be the faster the more it fails.
  const slow = spansOf((arm) => {
    const firstUses = metrics.of(arm, 'firstUses');
    const [answered, inTime] = [metrics.of(arm, 'answered'), metrics.of(arm, 'inTimePercent')];
    const late = (time: number) =>
      (firstUses.get(time) ?? 0) - ((answered.get(time) ?? 0) * (inTime.get(time) ?? 100)) / 100;
    return [firstUses, late];
  });
  const scores = (rollout.scores ?? []).map((name): MeasuredMetric => {
    const spans = spansOf((arm) => {
      const yes = metrics.of(arm, `yes of ${name}`);
      return [metrics.of(arm, `answers of ${name}`), (time) => yes.get(time) ?? 0];
    });
    return { name, wants: 'yes', spans };
  });
  const [share = 100] = rollout.steps;
  // Afterwards stable has fewer users who are new than the plan's share says.
  const second = steps.find(({ step, kind }) => step > 0 || kind === 'halt')?.at;
  const until = second === undefined ? Number.POSITIVE_INFINITY : Date.parse(second);
  const inFirst = errors.filter((_, index) => (times[index] ?? 0) < until);
  const users = (arm: Arm) => inFirst.reduce((sum, span) => sum + span[arm].n, 0);
  return {
    times,
    metrics: [{ name: 'errors', wants: 'no', spans: errors }, { name: 'slow', wants: 'no', spans: slow }, ...scores],
    split: share < 100 ? { candidate: users('candidate'), stable: users('stable'), share: share / 100 } : undefined,
    repeats,
  };
}

function timesOf(metrics: ReadoutMetrics, arm: Arm, scores: readonly string[]): number[] {
  const counts = [metrics.of(arm, 'firstUses'), ...scores.map((name) => metrics.of(arm, `answers of ${name}`))];
  return counts.flatMap((series) => [...series.keys()]);
}

/** @param isCounted of the beginning of a span */
function armUse(metrics: ReadoutMetrics, arm: Arm, isCounted: (time: number) => boolean): ArmUse {
  const sum = (statistic: Parameters<ReadoutMetrics['of']>[1]) =>
    [...metrics.of(arm, statistic)].reduce((all, [time, one]) => (isCounted(time) ? all + one : all), 0);
  const [latencies, pricedUses] = [sum('latencies'), sum('pricedUses')];
  return {
    uses: sum('uses'),
    errors: sum('errors'),
    latency: latencies === 0 ? null : sum('latency') / latencies,
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    cost: pricedUses === 0 ? null : sum('cost'),
    pricedUses,
  };
}
