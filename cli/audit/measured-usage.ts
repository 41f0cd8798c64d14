import type { VersionMetrics } from '../../core/metrics/version-metrics';
import { costOf, type ModelPrices, priceOf, pricesOf } from '../../core/models/model-prices';
import { usageError } from '../cli-error';
import type { CommandContext } from '../command';
import { gatherMetrics } from '../metrics/gather-metrics';
import { METRICS_KEPT_DAYS, metricPeriod } from '../metrics/metric-period';
import { lockIfThere, lockPath } from '../models/lock-file';
import { awsNow, throughNow } from './aws-clock';
import { modelsOf } from './invocation-costs';
import { sinceOf } from './span';

const DEFAULT_DAYS = 7;
const DAY_MS = 86_400_000;

/** What the client measured of a version through one alias. */
export interface MeasuredUse {
  readonly alias: string;
  /** Null for a fallback. */
  readonly version: number | null;
  /** Null where no record of the ledger tells it. */
  readonly model: string | null;
  readonly uses: number;
  readonly errors: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** US dollars, of all uses: measured, else by the prices in the lock file; null where neither is known. */
  readonly cost: number | null;
}

/** What `audit usage` tells where no trail is named; `--json` prints it. */
export interface MeasuredUsage {
  readonly prompt: string;
  readonly since: string;
  readonly time: string;
  readonly source: 'metrics';
  /** By alias, newest version first. */
  readonly measured: readonly MeasuredUse[];
  readonly notes: readonly string[];
}

/** Uses, tokens and cost of a prompt's versions, as the client's metrics in CloudWatch have them. */
export async function gatherMeasured(context: CommandContext): Promise<MeasuredUsage> {
  const { positionals, values, now, openRegistry } = context;
  const [prompt = ''] = positionals;
  const registry = await openRegistry(prompt);
  const { clients, stack } = registry;
  const models = await modelsOf(registry, prompt);
  const until = awsNow(clients, now());
  const since = sinceOf(values.since, until) ?? new Date(until.getTime() - DEFAULT_DAYS * DAY_MS);
  if (since.getTime() < until.getTime() - METRICS_KEPT_DAYS * DAY_MS || since >= until) {
    throw usageError(
      `CloudWatch has no metrics since ${since.toISOString().slice(0, 10)}`,
      `name a time within the last ${METRICS_KEPT_DAYS} days, or a trail with --trail-bucket`,
    );
  }
  const lock = await lockIfThere(lockPath(values));
  const here = lock?.regions[await clients.cloudFormation.config.region()];
  const prices = here ? pricesOf(here) : {};
  const wanted = {
    registry: stack.parameterPrefix,
    prompt,
    since,
    until: throughNow(until),
    period: metricPeriod(since, until),
  };
  const versions = await gatherMetrics(clients.cloudWatch, wanted);
  const measured = versions.map((one) => measuredUse(one, models.get(one.version ?? 0) ?? null, prices));
  const unpriced = measured.filter(({ cost }) => cost === null).length;
  const notes = ['who used it stands in the files of a trail only: name its bucket with --trail-bucket'];
  if (unpriced > 0)
    notes.push(`${lockPath(values)} has no price for what has no cost here: prompt-registry models refresh`);
  return { prompt, since: since.toISOString(), time: until.toISOString(), source: 'metrics', measured, notes };
}

function measuredUse(version: VersionMetrics, model: string | null, prices: ModelPrices): MeasuredUse {
  const { alias, uses, errors, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = version;
  const tokens = { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens };
  // A use that failed has no cost, and no tokens.
  const isWhole = version.cost !== null && version.pricedUses >= uses - errors;
  const counted = model === null ? undefined : costOf(tokens, priceOf(model, prices));
  const cost = isWhole ? version.cost : (counted ?? null);
  return { alias, version: version.version, model, uses, errors, ...tokens, cost };
}
