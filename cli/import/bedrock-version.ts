import { contentDigest } from '../../core/content/content-digest';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { describedNote } from '../../core/contract/version-description';
import { changed, type Loss, refused, type SourceVersion } from './source-version';

/** A prompt's version as Bedrock answers it. */
export interface BedrockRow {
  readonly name: string;
  readonly arn: string;
  readonly version: number;
  readonly description: string;
  /** ISO 8601. */
  readonly time: string;
  readonly variants: readonly PromptVariantContent[];
  readonly defaultVariant: string | undefined;
  readonly keyArn: string | undefined;
}

/** A version of a prompt that exists in Bedrock, as content for a file. */
export function bedrockVersion(row: BedrockRow, model: string | undefined): SourceVersion {
  const { name, arn, version, variants, defaultVariant, keyArn } = row;
  const found = variants.find((variant) => variant.name === defaultVariant) ?? variants[0];
  const others = variants.filter((variant) => variant !== found).map((variant) => variant.name ?? 'without a name');
  const losses: Loss[] = [];
  if (!found) losses.push(refused('it has no variant', 'write one in Bedrock, or leave the prompt out'));
  if (others.length > 0) {
    const fix = 'a prompt has one variant here: write each of the others as a prompt of its own';
    losses.push(changed(`variants ${others.join(', ')}: left out, ${found?.name ?? 'the first'} is taken`, fix));
  }
  if (keyArn) losses.push(changed(`it is encrypted with ${keyArn}`, 'set encryptionKey of the Prompt'));
  return {
    name,
    version,
    time: row.time,
    note: describedNote(row.description),
    labels: [],
    variant: found && (found.modelId === undefined && model !== undefined ? { ...found, modelId: model } : found),
    losses,
    trailers: [
      ['Bedrock-Prompt', name],
      ['Bedrock-Version', String(version)],
      ['Bedrock-Arn', arn],
    ],
  };
}

/** What the draft holds and no version does. */
export function draftLoss(draft: BedrockRow, newest: SourceVersion): Loss | undefined {
  const [variant] = draft.variants;
  if (!variant || digestOf(variant) === (newest.variant && digestOf(newest.variant))) return undefined;
  const fix = 'publish a version of it first, if it is meant, then import again';
  return changed('the draft holds another text or other settings than the newest version', fix);
}

function digestOf(variant: PromptVariantContent): string {
  try {
    return contentDigest(variant);
  } catch {
    // Fields that the digest does not know: the draft is compared as it is.
    return JSON.stringify(variant);
  }
}
