import { RegistryError } from '../registry-error';
import { ledgerPrefix, sequenceOfKey } from './layout';
import { type Places, placesOf } from './places';
import { type LedgerRecord, parseRecord } from './record';
import { unknownFeatures } from './record-schema-2';

/** A record as it lies in the bucket. */
export interface LedgerEntry {
  readonly sequence: number;
  readonly body: string;
}

/** The bucket, as far as reading a chain needs it. */
export interface LedgerSource {
  /** Keys under the prefix in UTF-8 order, at most `limit`, from the one behind `after` on. */
  list(prefix: string, limit: number, after?: string): Promise<string[]>;
  read(key: string): Promise<string | undefined>;
}

const KEYS_AT_ONCE = 50;
/** The newest few mostly tell all that is asked; a chain that has to be read on is read faster. */
const FIRST_BODIES = 4;
const MOST_BODIES = 32;

/**
 * The chain of one alias, newest first, read page by page as it is asked for. Objects that are no records are skipped.
 *
 * @param firstBodies how many are read at once to begin with
 */
export async function* ledgerEntries(
  source: LedgerSource,
  promptId: string,
  alias: string,
  firstBodies = FIRST_BODIES,
): AsyncGenerator<LedgerEntry> {
  let atOnce = firstBodies;
  for await (const keys of recordKeys(source, ledgerPrefix(promptId, alias))) {
    for (let start = 0; start < keys.length; ) {
      const batch = keys.slice(start, start + atOnce);
      const bodies = await Promise.all(batch.map((key) => source.read(key)));
      for (const [index, key] of batch.entries()) {
        const body = bodies[index];
        if (body !== undefined) yield { sequence: sequenceOfKey(key), body };
      }
      start += batch.length;
      atOnce = Math.min(atOnce * 2, MOST_BODIES);
    }
  }
}

async function* recordKeys(source: LedgerSource, prefix: string): AsyncGenerator<string[]> {
  let page: string[] = [];
  do {
    page = await source.list(prefix, KEYS_AT_ONCE, page.at(-1));
    yield page.filter(isRecordKey);
  } while (page.length === KEYS_AT_ONCE);
}

function isRecordKey(key: string): boolean {
  try {
    return sequenceOfKey(key) > 0;
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
}

/**
 * For the way forward.
 *
 * @throws RegistryError `BadLedgerRecord` at the first that cannot be read, `RecordNeedsNewer`
 */
export async function* recordsIn(entries: AsyncIterable<LedgerEntry>): AsyncGenerator<LedgerRecord> {
  for await (const { body } of entries) yield understood(parseRecord(body));
}

/** For the way back, which a record that cannot be read must not block: one that says nothing is skipped. */
export async function* placesIn(entries: AsyncIterable<LedgerEntry>): AsyncGenerator<Places> {
  for await (const { body } of entries) {
    const places = placesOf(body);
    if (places) yield places;
  }
}

/** For who only looks: those that cannot be read are skipped. */
export async function* readableRecordsIn(entries: AsyncIterable<LedgerEntry>): AsyncGenerator<LedgerRecord> {
  for await (const { body } of entries) {
    const record = readableRecord(body);
    if (record) yield record;
  }
}

function readableRecord(body: string): LedgerRecord | undefined {
  try {
    return parseRecord(body);
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

/**
 * The record, where this version of the package can say what callers get from it on.
 *
 * @throws RegistryError `RecordNeedsNewer`
 */
export function understood(record: LedgerRecord): LedgerRecord {
  const unknown = unknownFeatures(record);
  if (unknown.length === 0) return record;
  throw new RegistryError(
    'RecordNeedsNewer',
    `expected records that this version of cdk-prompt-registry understands, found record ${record.sequence} of ${record.prompt} ${record.alias}, which needs ${unknown.join(', ')}: deploy with the version of cdk-prompt-registry that wrote it, or a newer one`,
  );
}
