import type { PromptVariantContent } from '../../core/content/prompt-content';
import { logicalId } from '../../core/contract/names';
import { type ContentDiff, contentDiff } from '../../studio/diff/content-diff';
import { CliError } from '../cli-error';
import { policyHolders } from '../policy-holders';
import type { AliasState, Registry, RegistryPrompt } from '../registry';
import type { StackAlias } from '../registry-stack';

/** What callers of an alias get from a release. */
export interface ReleaseEffect {
  readonly diff: ContentDiff;
  /** Variables that callers must supply from then on, and those they need no longer. */
  readonly variables: { readonly added: readonly string[]; readonly removed: readonly string[] };
  readonly model: { readonly from: string | null; readonly to: string | null };
  /** Roles, users and groups that hold the caller policy; null where it may not be read. */
  readonly callers: readonly string[] | null;
}

/** @param after what the alias is to serve; null where nobody has its content */
export async function releaseEffect(
  registry: Registry,
  { promptId }: RegistryPrompt,
  { alias, version: from }: AliasState,
  after: { readonly label: string; readonly variant: PromptVariantContent | null },
): Promise<ReleaseEffect> {
  // Nothing that is wrong with the version to be left keeps an alias on it.
  let label = from === null ? 'nothing' : `${alias.aliasName} now (:${from})`;
  const left = async () => {
    if (from === null) return null;
    try {
      return (await registry.reader.content(promptId, from))?.variant ?? null;
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      label += `, which cannot be read: ${error.message}`;
      return null;
    }
  };
  const [before, callers] = await Promise.all([left(), callersOf(registry, alias)]);
  const [had, has] = [variables(before), variables(after.variant)];
  return {
    diff: contentDiff({ label, variant: before }, after),
    variables: { added: has.filter((name) => !had.includes(name)), removed: had.filter((name) => !has.includes(name)) },
    model: { from: before?.modelId ?? null, to: after.variant?.modelId ?? null },
    callers,
  };
}

function variables(variant: PromptVariantContent | null): string[] {
  const { text, chat } = variant?.templateConfiguration ?? {};
  return ((text ?? chat)?.inputVariables ?? []).map(({ name }) => name);
}

async function callersOf({ clients, stack }: Registry, alias: StackAlias): Promise<string[] | null> {
  const { promptName, aliasName } = alias;
  const policy = stack.resources.get(logicalId(stack.parameterPrefix, promptName, aliasName, 'CallerPolicy'));
  if (!policy) return null;
  const holders = await policyHolders(clients.iam, policy.physicalId);
  if (holders === undefined) return null;
  const { roles, users, groups } = holders;
  return [...roles, ...users.map((name) => `user ${name}`), ...groups.map((name) => `group ${name}`)].sort();
}
