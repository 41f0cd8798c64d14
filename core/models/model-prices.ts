import type { LockedRegion, ModelPrice } from './model-lock';

/** Prices by what a version may name as its model: the id of a model or profile, the ARN of an application profile. */
export interface ModelPrices {
  readonly [model: string]: ModelPrice;
}

/** After how many days a price is said to be old. */
export const OLD_PRICE_DAYS = 90;

/** Tokens of one call that are paid for apart. */
export interface PaidTokens {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
}

/** All prices that a Region's part of the lock file has. */
export function pricesOf({ models, profiles }: LockedRegion): ModelPrices {
  const own = Object.entries(models).flatMap(([id, { price }]) => (price ? [[id, price] as const] : []));
  const prices = Object.fromEntries(own);
  const routes = Object.entries(profiles).flatMap(([id, { model, price }]) => {
    // The id of a system profile tells its model, an ARN does not.
    const known = price ?? (id.startsWith('arn:') && Object.hasOwn(prices, model) ? prices[model] : undefined);
    return known ? [[id, known] as const] : [];
  });
  return { ...prices, ...Object.fromEntries(routes) };
}

/** The price of what a version names as its model: of the profile, else of the model behind it; undefined where none is known. */
export function priceOf(model: string, prices: ModelPrices): ModelPrice | undefined {
  const id = model.slice(model.lastIndexOf('/') + 1);
  const found = [model, id, id.slice(id.indexOf('.') + 1)].find((name) => Object.hasOwn(prices, name));
  return found === undefined ? undefined : prices[found];
}

/** US dollars of a call; undefined where a kind of tokens has no count or no price: that is no figure, and not 0. */
export function costOf(tokens: PaidTokens, price: ModelPrice | undefined): number | undefined {
  const { inputTokens, outputTokens, cacheReadTokens: read = 0, cacheWriteTokens: write = 0 } = tokens;
  if (price === undefined || inputTokens === undefined || outputTokens === undefined) return undefined;
  const { cacheRead = read ? Number.NaN : 0, cacheWrite = write ? Number.NaN : 0 } = price;
  const cost = (inputTokens * price.in + outputTokens * price.out + read * cacheRead + write * cacheWrite) / 1e6;
  return cost >= 0 ? cost : undefined;
}
