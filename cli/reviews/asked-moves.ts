import type { Registry } from '../registry';
import { type Consent, consentOf } from './consent';
import type { Judgement, Way } from './judgement';
import { openRequests } from './open-requests';
import { type NamedAlias, reviewSubject } from './review-subject';

/** A move that somebody or a template asks for, and whether its gates agree. */
export interface AskedMove extends Consent {
  readonly prompt: string;
  readonly alias: string;
  readonly from: number | null;
  /** Null where no version has the content yet. */
  readonly to: number | null;
  readonly digest: string | null;
  readonly way: Way;
}

export function askedMove({ prompt, state }: Pick<NamedAlias, 'prompt' | 'state'>, judged: Judgement): AskedMove {
  const { version, digest } = judged.target;
  return {
    prompt: prompt.promptName,
    alias: state.alias.aliasName,
    from: state.version,
    to: version === 0 ? null : version,
    digest,
    way: judged.way,
    ...consentOf(judged),
  };
}

/** What somebody asks for and the alias did not get yet, in the whole registry or less of it. */
export async function requestedMoves(
  registry: Registry,
  promptName: string | undefined,
  aliasName: string | undefined,
  now: Date,
): Promise<AskedMove[]> {
  const names = promptName === undefined ? registry.promptNames : [promptName];
  const pointers = await registry.reader.aliases(promptName);
  const found = await Promise.all(
    names.map(async (name) => {
      const prompt = await registry.prompt(name);
      const aliases = aliasName === undefined ? prompt.aliases : [registry.alias(prompt, aliasName)];
      const moves = aliases.map(async (alias) => {
        const state = await registry.aliasState(prompt, alias, pointers);
        const judged = await openRequests(registry, prompt, state, now);
        return judged.map((one) => askedMove({ prompt, state }, one));
      });
      return (await Promise.all(moves)).flat();
    }),
  );
  return found.flat();
}

/** The move that somebody names. */
export async function namedMove(named: NamedAlias, to: string, now: Date): Promise<AskedMove> {
  const { judged } = await reviewSubject(named, to, now);
  return askedMove(named, judged);
}

/** What the alias must move to for a content: the newest version of it, also one that only the archive has; 0 for none. */
export async function targetOf(
  { registry, prompt }: Pick<NamedAlias, 'registry' | 'prompt'>,
  digest: string,
): Promise<Judgement['target']> {
  const held = (await registry.reader.versions(prompt.promptId)).filter((one) => one.digest === digest);
  const archived = held.length > 0 ? held : await registry.reader.archive(prompt.promptId);
  return { version: archived.findLast((one) => one.digest === digest)?.version ?? 0, digest };
}
