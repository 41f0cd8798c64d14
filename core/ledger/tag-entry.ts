import { canonicalJson } from '../content/canonical-json';
import { isDigest } from '../contract/digest-text';
import { fieldsOf } from './body-fields';
import { parseTagKey, tagPrefix } from './layout';

/** What a tag names from then on, until a newer entry says otherwise. */
export interface TagEntry {
  readonly schema: 1;
  readonly tag: string;
  /** Parameter prefix of the registry. */
  readonly registry: string;
  readonly prompt: string;
  readonly promptId: string;
  /** Content digest, `pd1:…`. */
  readonly digest: string;
  /** The stack that published the content under this tag: until the content is released, it alone may move the tag. */
  readonly stackId: string;
}

/** The newest entry of a tag as it lies in the bucket; `entry` is undefined where nobody can read it. */
export interface NewestTagEntry {
  readonly number: number;
  readonly entry: TagEntry | undefined;
}

/** The bytes of an entry. */
export function serializeTagEntry(entry: TagEntry): string {
  return `${canonicalJson(entry)}\n`;
}

/** Undefined for a body that is none, or that says another thing than its key. */
export function parseTagEntry(key: string, body: string | undefined): TagEntry | undefined {
  const address = parseTagKey(key);
  const { schema, tag, registry, prompt, promptId, digest, stackId } = fieldsOf(body);
  if (schema !== 1 || !isDigest(digest) || address?.tag !== tag || address?.promptId !== promptId) return undefined;
  if (typeof registry !== 'string' || typeof prompt !== 'string' || typeof stackId !== 'string') return undefined;
  return { schema, tag: String(tag), registry, prompt, promptId: String(promptId), digest, stackId };
}

/** The bucket, as far as reading a tag needs it. */
export interface TagSource {
  /** Keys under the prefix in UTF-8 order, at most `limit`, from the one behind `after` on. */
  list(prefix: string, limit: number, after?: string): Promise<string[]>;
  read(key: string): Promise<string | undefined>;
}

const KEYS_AT_ONCE = 50;

/** What a tag names now: its newest entry. Undefined where nothing was ever published under it. */
export async function newestTagEntry(
  source: TagSource,
  promptId: string,
  tag: string,
): Promise<NewestTagEntry | undefined> {
  let page: string[] = [];
  do {
    page = await source.list(tagPrefix(promptId, tag), KEYS_AT_ONCE, page.at(-1));
    for (const key of page) {
      const address = parseTagKey(key);
      if (address) return { number: address.number, entry: parseTagEntry(key, await source.read(key)) };
    }
  } while (page.length === KEYS_AT_ONCE);
  return undefined;
}
