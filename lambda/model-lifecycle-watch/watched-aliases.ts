import { USUAL_CALLABLE, type WatchSettings } from '../../core/contract/model-lifecycle-watch';
import { type LedgerSource, ledgerEntries, recordsIn } from '../../core/ledger/entries';
import { FOLDERS, promptPrefix } from '../../core/ledger/layout';
import type { LedgerRecord } from '../../core/ledger/record';
import { versionsIn } from '../../core/ledger/versions-in';
import { firstOf, replayed } from '../../core/release/replayed';
import { callableVersions } from '../../core/release/standing';

/** The ledger, as far as all of its chains are read. */
export interface WatchedLedger extends LedgerSource {
  /** Names of the folders right under the prefix. */
  folders(prefix: string): Promise<string[]>;
}

/** A version that callers of an alias may use. */
export interface WatchedVersion {
  readonly prompt: string;
  readonly promptId: string;
  readonly alias: string;
  readonly version: number;
  /** Whether the alias points to it; else a rollback would bring it back. */
  readonly live: boolean;
  /** As the version names it. */
  readonly model: string;
}

export interface WatchedAliases {
  readonly versions: readonly WatchedVersion[];
  /** A sentence for each alias whose ledger cannot be read. */
  readonly unread: readonly string[];
}

/**
 * All that callers may use, as the ledger says: every move of an alias is a record, and a removed alias has one that says so.
 *
 * One chain that cannot be read hides no other. @throws what S3 answers where nothing can be read at all
 */
export async function watchedAliases(ledger: WatchedLedger, settings: WatchSettings): Promise<WatchedAliases> {
  const versions: WatchedVersion[] = [];
  const unread: string[] = [];
  for (const promptId of await ledger.folders(FOLDERS.ledger)) {
    for (const alias of await ledger.folders(promptPrefix('ledger', promptId))) {
      try {
        versions.push(...(await callableIn(ledger, promptId, alias, settings)));
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        unread.push(`What ${alias} of the prompt ${promptId} runs on cannot be read: ${why}`);
      }
    }
  }
  return { versions, unread };
}

async function callableIn(ledger: WatchedLedger, promptId: string, alias: string, { callable }: WatchSettings) {
  const history = replayed(recordsIn(ledgerEntries(ledger, promptId, alias)));
  const head = await firstOf(history);
  if (!head?.to) return [];
  const { prompt, withdrawn, to } = head;
  const size = callable[`${prompt}/${alias}`] ?? USUAL_CALLABLE;
  const found: WatchedVersion[] = [];
  for (const version of await callableVersions({ target: to.version, history, size, withdrawn })) {
    const model = await modelOf(version, history);
    if (model !== null) found.push({ prompt, promptId, alias, version, live: version === to.version, model });
  }
  return found;
}

/** Null for a version without a model. */
async function modelOf(version: number, history: AsyncIterable<LedgerRecord>): Promise<string | null> {
  for await (const record of history) {
    const found = versionsIn(record).find((one) => one.version === version);
    if (found) return found.model;
  }
  throw new Error(`no record tells the model of version ${version}`);
}
