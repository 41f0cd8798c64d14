import { createHash } from 'node:crypto';
import { checkParameterPrefix, parameterName } from '../contract/names';
import type { PromptSnapshot, SnapshotVersion } from '../contract/prompt-snapshot';
import type { ModelPrices } from '../models/model-prices';
import type { TypedPrompt } from '../prompt-file/prompt-types';
import { contentDigest } from './content-digest';
import type { PromptVariantContent } from './prompt-content';

/** One alias to put into a snapshot. */
export interface SnapshotAlias {
  readonly promptName: string;
  readonly aliasName: string;
  readonly versionArn: string;
  readonly variant: PromptVariantContent;
  /** What callers must name; absent for nothing. */
  readonly guardrail?: string | undefined;
}

/**
 * Text of a snapshot file; the same in whatever order the aliases come.
 *
 * @throws RegistryError as `parameterName` and `contentDigest`
 */
export function writePromptSnapshot(
  parameterPrefix: string,
  time: Date,
  aliases: readonly SnapshotAlias[],
  prices: ModelPrices = {},
): string {
  const pointers: Record<string, string> = {};
  const guardrails: Record<string, string> = {};
  const versions: Record<string, SnapshotVersion> = {};
  for (const { promptName, aliasName, versionArn, variant, guardrail } of aliases.toSorted(byName)) {
    parameterName(parameterPrefix, promptName, aliasName);
    pointers[`${promptName}/${aliasName}`] = versionArn;
    if (guardrail !== undefined) guardrails[`${promptName}/${aliasName}`] = guardrail;
    const sha256 = createHash('sha256').update(JSON.stringify(variant)).digest('hex');
    versions[versionArn] = { digest: contentDigest(variant), sha256, variant };
  }
  const named = Object.keys(guardrails).length > 0 ? { guardrails } : {};
  return text({ ...head(parameterPrefix, time), aliases: pointers, ...named, versions, ...pricesIn(prices) });
}

/**
 * Text of a snapshot of prompt files, before there is a registry; the same in whatever order they come.
 *
 * @throws RegistryError as `checkParameterPrefix` and `contentDigest`
 */
export function writeFileSnapshot(
  parameterPrefix: string,
  time: Date,
  prompts: readonly TypedPrompt[],
  prices: ModelPrices = {},
): string {
  checkParameterPrefix(parameterPrefix);
  for (const { variant } of prompts) contentDigest(variant);
  const byPrompt = prompts.map(({ name, variant }) => [name, variant] as const);
  const files = Object.fromEntries(byPrompt.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return text({ ...head(parameterPrefix, time), aliases: {}, versions: {}, files, ...pricesIn(prices) });
}

function head(parameterPrefix: string, time: Date) {
  return { schema: 1, parameterPrefix, time: time.toISOString() } as const;
}

function pricesIn(prices: ModelPrices): Pick<PromptSnapshot, 'prices'> {
  return Object.keys(prices).length > 0 ? { prices } : {};
}

function text(snapshot: PromptSnapshot): string {
  return `${JSON.stringify(snapshot, null, 2)}\n`;
}

function byName(a: SnapshotAlias, b: SnapshotAlias): number {
  const [left, right] = [`${a.promptName}/${a.aliasName}`, `${b.promptName}/${b.aliasName}`];
  return left < right ? -1 : Number(left > right);
}
