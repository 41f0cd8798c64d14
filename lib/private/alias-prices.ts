import { Annotations, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { canonicalJson } from '../../core/content/canonical-json';
import { own } from '../../core/models/located-model';
import { pricesOf } from '../../core/models/model-prices';
import type { ModelCatalog } from '../model-catalog';
import { appMemory } from './app-memory';

/** Part of the 4 KB that a function's environment has: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const MOST_BYTES = 1_500;

/** What models cost, where an alias is. */
export interface AliasPrices {
  /** For the environment of a client; undefined where that has no room for it. */
  readonly json?: string;
  /** Day of the oldest price. */
  readonly asOf: string;
}

const known = appMemory('prices', (): { prices?: AliasPrices } => ({}));

/** The prices of the registry's lock file, kept with the alias. */
export function rememberPrices(alias: IConstruct, registry: IConstruct & { readonly models?: ModelCatalog }): void {
  const region = registry.models && own(registry.models._bind(registry).regions, Stack.of(alias).region);
  const prices = region && pricesOf(region);
  const days = Object.values(prices ?? {}).map(({ asOf }) => asOf);
  const asOf = days.sort()[0];
  if (asOf === undefined) return;
  const json = canonicalJson(prices);
  const hasRoom = Buffer.byteLength(json) <= MOST_BYTES;
  if (!hasRoom) {
    Annotations.of(registry).addWarningV2(
      'cdk-prompt-registry:pricesTooLong',
      `the prices in ${registry.models?._source} are ${Buffer.byteLength(json)} bytes, and the environment of a function has room for ${MOST_BYTES}: applications get none; give their client a snapshot, which has them, or remove prices of models that no prompt uses`,
    );
  }
  known(alias).prices = { asOf, ...(hasRoom && { json }) };
}

/** Undefined where the alias's registry has no prices, or is another app's. */
export function aliasPrices(alias: IConstruct): AliasPrices | undefined {
  return known(alias).prices;
}
