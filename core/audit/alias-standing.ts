import type { SurveyedChain } from './ledger-survey';
import { type LogRow, type ReleaseLogProps, releases } from './release-log';

/** Where the ledger says an alias stands, whenever it came there. */
export interface AliasStanding {
  readonly alias: string;
  /** What brought it there; null where its newest record cannot be read. */
  readonly move: LogRow | null;
  /** Model of the version that it is on; null where there is none, left out where its newest record cannot be read. */
  readonly model?: string | null;
  /** Versions of its prompt that are withdrawn. */
  readonly withdrawn: readonly number[];
}

/** One for each alias. A prompt that was deleted and made again has several chains of one alias: the youngest counts. */
export function aliasStandings(props: ReleaseLogProps): AliasStanding[] {
  const youngest = new Map<string, SurveyedChain>();
  for (const chain of props.survey.chains) {
    if (props.alias !== undefined && chain.alias !== props.alias) continue;
    const known = youngest.get(chain.alias);
    if (!known || newestTime(chain) > newestTime(known)) youngest.set(chain.alias, chain);
  }
  return [...youngest.values()].map((chain) => standing(chain, props)).sort((a, b) => a.alias.localeCompare(b.alias));
}

function standing(chain: SurveyedChain, props: ReleaseLogProps): AliasStanding {
  const newest = chain.records.at(-1);
  const isRead = newest?.sequence === Math.max(0, ...chain.objects.keys());
  const move = isRead ? releases(chain, props).findLast(({ kind }) => kind !== 'withdraw') : undefined;
  const model = isRead ? { model: newest?.to?.model ?? null } : {};
  return { alias: chain.alias, move: move ?? null, ...model, withdrawn: newest?.withdrawn ?? [] };
}

function newestTime({ records }: SurveyedChain): string {
  return records.at(-1)?.time ?? '';
}
