import type { ModelPrice } from '../core/models/model-lock';
import { type ModelPrices, OLD_PRICE_DAYS, priceOf } from '../core/models/model-prices';
import { type Clock, Stopwatch } from './clock';
import type { ContentStore } from './content-store';
import { within } from './within';

/** What a call costs: asked when it begins, so that the answer is there when it ends. */
export type CallPrice = (versionArn: string | undefined, modelId: string) => Promise<ModelPrice | undefined>;

/** How long an answer may wait for the content that tells its model. */
const PATIENCE_MS = 500;
const DAY_MS = 86_400_000;

/** Prices by version. The model stands in a version's content: that is read once, and after a failure not for a while. */
export function callPrice(
  { clock, ttl, prices }: { readonly clock: Clock; readonly ttl: number; readonly prices: ModelPrices },
  contents: ContentStore,
  warn: (message: string) => void = process.emitWarning,
): CallPrice {
  const warned = new Set<string>();
  let failed: Stopwatch | undefined;

  const modelOf = async (versionArn: string): Promise<string | undefined> => {
    const known = contents.peek(versionArn);
    if (known || (failed && failed.elapsed() < ttl)) return known?.variant.modelId;
    try {
      return (await within(clock, PATIENCE_MS, () => contents.load(versionArn))).variant.modelId;
    } catch {
      // An outage, or a version that was taken away: the call itself says so.
      failed = new Stopwatch(clock);
      return undefined;
    }
  };

  const warnOnce = (model: string, what: string) => {
    if (warned.has(model)) return;
    warned.add(model);
    warn(`prompt-registry: ${what}; run prompt-registry models refresh, and write prices into models.lock.json`);
  };

  return async (versionArn, modelId) => {
    const model = versionArn ? await modelOf(versionArn) : modelId;
    if (!model) return undefined;
    const price = priceOf(model, prices);
    if (!price) warnOnce(model, `${model} has no price, so that its calls have no Cost`);
    else if (clock.wall() - Date.parse(price.asOf) > OLD_PRICE_DAYS * DAY_MS)
      warnOnce(model, `the price of ${model} is of ${price.asOf}`);
    return price;
  };
}
