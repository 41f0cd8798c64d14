import { costOf, type ModelPrices, priceOf } from '../models/model-prices';
import { object, text } from './trail-event';

/** What callers paid for a version through one alias, as far as prices are known. */
export interface VersionCost {
  readonly alias: string;
  readonly version: number;
  /** Null where no record of the ledger and no call tells it. */
  readonly model: string | null;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** US dollars; null where a call has tokens without a price. */
  readonly cost: number | null;
}

export interface VersionCostsProps {
  readonly prompt: string;
  /** Models of the prompt's versions, as the ledger has them. */
  readonly models: ReadonlyMap<number, string | null>;
  readonly prices: ModelPrices;
  /** From when on, ISO 8601. */
  readonly since: string;
}

/**
 * Sums what Bedrock's invocation logs say of a prompt's versions: the client writes prompt, alias and version into the
 * metadata of each request. Memory grows with versions, not with calls.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-request-metadata.html
 */
export class VersionCosts {
  private readonly costs = new Map<string, { -readonly [K in keyof VersionCost]: VersionCost[K] }>();

  constructor(private readonly props: VersionCostsProps) {}

  /** Takes notice of one record; of other prompts, and of what is no call, none. */
  add(record: unknown): void {
    const { timestamp, modelId, requestMetadata, input, output } = object(record);
    const { prompt, alias, version } = object(requestMetadata);
    const number = Number(version);
    if (prompt !== this.props.prompt || !Number.isInteger(number) || String(timestamp) < this.props.since) return;
    const [sent, answered] = [object(input), object(output)];
    const tokens = {
      inputTokens: count(sent.inputTokenCount),
      outputTokens: count(answered.outputTokenCount),
      cacheReadTokens: count(sent.cacheReadInputTokenCount),
      cacheWriteTokens: count(sent.cacheWriteInputTokenCount),
    };
    // The version is immutable, so that its record tells more than the call, which may name the prompt's ARN.
    const model = this.props.models.get(number) ?? text(modelId) ?? null;
    const key = `${alias} ${number}`;
    const none = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const sum = this.costs.get(key) ?? { alias: String(alias), version: number, model, calls: 0, ...none, cost: 0 };
    this.costs.set(key, sum);
    sum.calls += 1;
    for (const kind of Object.keys(none) as (keyof typeof none)[]) sum[kind] += tokens[kind];
    const cost = model === null ? undefined : costOf(tokens, priceOf(model, this.props.prices));
    sum.cost = cost === undefined || sum.cost === null ? null : sum.cost + cost;
  }

  /** By alias, the newest version first. */
  list(): VersionCost[] {
    return [...this.costs.values()].sort(
      (a, b) => (a.alias < b.alias ? -1 : Number(a.alias > b.alias)) || b.version - a.version,
    );
  }
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
