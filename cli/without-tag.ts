import { isTag } from '../core/contract/tag';
import { didYouMean } from '../core/text/did-you-mean';
import { CliError } from './cli-error';
import type { Registry, RegistryPrompt } from './registry';
import type { VersionReference } from './version-reference';

/**
 * The reference with the digest that a tag stands for; any other as it is. `@v1` is a tag where no alias is called so.
 *
 * @throws CliError where nothing has that tag
 */
export async function withoutTag(
  { reader }: Registry,
  { promptName, promptId, aliases }: RegistryPrompt,
  reference: VersionReference,
): Promise<VersionReference> {
  if (reference.kind === 'alias') {
    const { aliasName } = reference;
    if (aliases.some((alias) => alias.aliasName === aliasName) || !isTag(aliasName)) return reference;
    const named = await reader.tagged(promptId, aliasName);
    return named === undefined ? reference : { kind: 'digest', digest: named };
  }
  if (reference.kind !== 'tag') return reference;
  const { tag } = reference;
  const digest = await reader.tagged(promptId, tag);
  if (digest !== undefined) return { kind: 'digest', digest };
  const tags = await reader.tagNames(promptId);
  const isAlias = aliases.some(({ aliasName }) => aliasName === tag);
  const meant = isAlias ? `@${tag}` : didYouMean(tag, tags);
  throw new CliError({
    what: `no content of ${promptName} has the tag ${tag}`,
    fix: meant ? `did you mean ${meant}?` : tagsThere(tags),
  });
}

const SHOWN = 10;

function tagsThere(tags: readonly string[]): string {
  if (tags.length === 0) return "it has no tags: write tag: v1.0 into the prompt's file and deploy it";
  const more = tags.length > SHOWN ? ` and ${tags.length - SHOWN} more` : '';
  return `tags there: ${tags.slice(-SHOWN).join(', ')}${more}`;
}
