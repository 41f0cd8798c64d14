import type { LedgerRecord } from '../../core/ledger/record';
import { versionsIn } from '../../core/ledger/versions-in';
import type { CommandContext } from '../command';
import { openRegistries } from '../open-registries';
import type { Registry } from '../registry';
import type { AliasOverview, RegistryOverview } from '../registry-overview';
import { noticeUnread } from '../registry-summary';

/** A version that callers of an alias may use, with the model it runs on. */
export interface ModelUse {
  readonly registry: string;
  readonly stack: string;
  readonly prompt: string;
  readonly alias: string;
  readonly version: number;
  /** Whether the alias points to it; else it is callable besides, or what a rollback would bring back. */
  readonly live: boolean;
  /** Undefined where the ledger has no record of the version. */
  readonly digest?: string;
  /** Of the live one: tags that name its content; left out where none does. */
  readonly tags?: readonly string[];
  /** Of the live one: what callers of the alias are told to name, `arn:…:guardrail/ID:3`; left out for nothing. */
  readonly guardrail?: string;
  /** Null for a version without a model; undefined where the ledger has no record of the version. */
  readonly model?: string | null;
}

export interface ModelUses {
  readonly region: string;
  readonly uses: readonly ModelUse[];
  readonly isPartial: boolean;
}

/**
 * Which models all callable versions run on, as the ledgers recorded it: Bedrock is not asked.
 *
 * @param tags also which tags name the contents
 */
export async function modelUses(context: CommandContext, tags = false): Promise<ModelUses> {
  const { terminal } = context;
  const uses: ModelUse[] = [];
  let isPartial = false;
  let region = '';
  await terminal.progress('reading the registries', async (say) => {
    const read = async (registry: Registry) => {
      const { registryOverview } = await import('../registry-overview');
      region = await registry.clients.cloudFormation.config.region();
      return { registry, overview: await registryOverview(registry, { tags, say }) };
    };
    for await (const { registry, overview } of openRegistries(context, read)) {
      noticeUnread(registry.stack.stackName, overview.unread, terminal);
      isPartial ||= overview.unread.length > 0;
      uses.push(...(await usesIn(overview)));
    }
  });
  return { region, uses, isPartial };
}

/** Those of one registry. */
export async function usesIn({ stack, prompts }: RegistryOverview): Promise<ModelUse[]> {
  const { parameterPrefix, stackName } = stack;
  const uses: ModelUse[] = [];
  for (const { promptName, aliases } of prompts) {
    for (const state of aliases) {
      const of = { registry: parameterPrefix, stack: stackName, prompt: promptName, alias: state.alias.aliasName };
      for (const use of await usesOf(state)) uses.push({ ...of, ...use });
    }
  }
  return uses;
}

export type UseOfAlias = Pick<ModelUse, 'version' | 'live' | 'digest' | 'tags' | 'guardrail' | 'model'>;

type UsedAlias = Pick<AliasOverview, 'version' | 'callable' | 'history'> &
  Partial<Pick<AliasOverview, 'tags' | 'guardrail'>>;

/** The one that it points to first. */
export async function usesOf({ version, tags = [], guardrail, callable, history }: UsedAlias): Promise<UseOfAlias[]> {
  const versions = [...new Set([...(version === null ? [] : [version]), ...callable])];
  return Promise.all(
    versions.map(async (one) => {
      const released = history && (await releasedAs(one, history));
      const known = released && { digest: released.digest, model: released.model };
      const ofLive = { ...(tags.length > 0 && { tags }), ...(guardrail !== undefined && { guardrail }) };
      return { version: one, live: one === version, ...(one === version && ofLive), ...known };
    }),
  );
}

async function releasedAs(version: number, history: AsyncIterable<LedgerRecord>) {
  for await (const record of history) {
    const found = versionsIn(record).find((one) => one.version === version);
    if (found) return found;
  }
  return undefined;
}
