import type { CommandContext } from '../command';
import { parseVersionReference } from '../version-reference';

/**
 * What the callers of the alias have to name that the run is about: of the one that it is signed for, else of what is
 * live, else of the candidate. IAM denies them without it, and it changes what they get.
 */
export async function callersGuardrail({
  positionals,
  values,
  openRegistry,
}: CommandContext): Promise<string | undefined> {
  const [promptName = ''] = positionals;
  const references = [values.against, values.candidate].flatMap((one) => (typeof one === 'string' ? [one] : []));
  const named = references.map(parseVersionReference).flatMap((one) => (one.kind === 'alias' ? [one.aliasName] : []));
  const aliases = [...(typeof values.for === 'string' ? [values.for] : []), ...named];
  if (aliases.length === 0) return undefined;
  const pointers = await (await openRegistry(promptName)).reader.aliases(promptName);
  return aliases.flatMap((name) => pointers.find(({ aliasName }) => aliasName === name)?.guardrail ?? [])[0];
}
