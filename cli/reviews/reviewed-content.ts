import { contentDigest } from '../../core/content/content-digest';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { CliError, usageError } from '../cli-error';
import type { Registry, RegistryPrompt } from '../registry';
import { readVersion } from '../version-content';
import { parseVersionReference } from '../version-reference';

/** A published content with the digest of exactly these words. */
export interface ReviewedContent {
  readonly version: number;
  /** Computed from `variant`, whatever the description of the version or the name of its archive says. */
  readonly digest: string;
  readonly variant: PromptVariantContent;
  readonly source: 'bedrock' | 'archive';
}

/**
 * Reads the content that somebody asks for, looks at or speaks about.
 *
 * @param text `:2`, `@STAGING`, `v1.0`, `pd1:…`
 * @throws CliError
 */
export async function reviewedContent(
  registry: Registry,
  prompt: RegistryPrompt,
  text: string,
): Promise<ReviewedContent> {
  const reference = parseVersionReference(text);
  if (!['version', 'alias', 'digest', 'tag'].includes(reference.kind)) {
    throw usageError(`${text} is no published version`, 'name one: :6, @STAGING or pd1:…');
  }
  const { version, content } = await readVersion(registry, prompt, reference);
  if (version === 'draft') throw usageError('the draft is no published version', 'name one: :6, @STAGING or pd1:…');
  const { variant, source } = content;
  return { version, digest: digestOf(prompt, version, variant), variant, source };
}

function digestOf({ promptName }: RegistryPrompt, version: number, variant: PromptVariantContent): string {
  try {
    return contentDigest(variant);
  } catch (cause) {
    const what = `version ${version} of ${promptName} has a field that this command does not know, so nobody can say what it is`;
    throw new CliError({ what, why: (cause as Error).message, fix: 'install a newer cdk-prompt-registry' }, undefined, {
      cause,
    });
  }
}
