import { checkTag } from '../../core/contract/tag';
import { ledgerEntries } from '../../core/ledger/entries';
import { promptPrefix, tagKey } from '../../core/ledger/layout';
import { type NewestTagEntry, newestTagEntry, serializeTagEntry } from '../../core/ledger/tag-entry';
import { RegistryError } from '../../core/registry-error';
import type { CustomResourceEvent } from '../custom-resource-event';
import { errorCode } from '../error-code';
import { originInStack, wantedForward } from '../event-origin';
import type { ObjectStore } from '../object-store';
import type { PromptVersionDeps } from './deps';
import type { WantedVersion } from './wanted-version';

/** Others may claim the same tag at the same time: each claim that came first is looked at anew. */
const ATTEMPTS = 5;

/**
 * Writes down that the tag names the wanted content, once that is published. A tag is taken for good by the first ledger
 * record of its content; until then the stack that published it may give it to another.
 *
 * @throws RegistryError `TagTaken`
 */
export type ClaimTag = () => Promise<void>;

/**
 * Looks whether the wanted content may have its tag, before anything is published.
 *
 * @throws RegistryError `TagTaken`, `InvalidTag`
 */
export async function tagToClaim(
  event: CustomResourceEvent,
  wanted: WantedVersion,
  isGoingBack: () => Promise<boolean | undefined>,
  deps: PromptVersionDeps,
): Promise<ClaimTag> {
  const { tag } = wanted;
  const nothing = async () => undefined;
  if (tag === '') return nothing;
  const isBack = await isGoingBack();
  if (isBack !== false) return () => tagOnTheWayBack(event, wanted, isBack, deps);
  checkTag(tag);
  const newest = await newestTagEntry(deps.store, wanted.promptId, tag);
  if (newest?.entry?.digest === wanted.digest) return nothing;
  await refuseTaken(event, wanted, newest, deps.store);
  return async () => {
    await wantedForward(event, deps);
    await claim(event, wanted, newest, deps);
  };
}

/** What is back where it was has its tag back as well, unless something keeps it from that: going back is never blocked. */
async function tagOnTheWayBack(
  event: CustomResourceEvent,
  wanted: WantedVersion,
  isBack: true | undefined,
  deps: PromptVersionDeps,
): Promise<void> {
  const { promptId, tag } = wanted;
  try {
    const newest = await newestTagEntry(deps.store, promptId, tag);
    if (newest === undefined || newest.entry?.digest === wanted.digest || isBack === undefined) return;
    if ((await originInStack(event, false, deps)) !== 'taken') return;
    await refuseTaken(event, wanted, newest, deps.store);
    await claim(event, wanted, newest, deps);
  } catch (error) {
    deps.log('WARN', 'tag not given back', { promptId, tag, error: errorCode(error) });
  }
}

async function claim(
  event: CustomResourceEvent,
  wanted: WantedVersion,
  seen: NewestTagEntry | undefined,
  { store, registry, log }: PromptVersionDeps,
): Promise<void> {
  const { promptId, promptName: prompt, tag, digest } = wanted;
  const body = serializeTagEntry({ schema: 1, tag, registry, prompt, promptId, digest, stackId: event.StackId });
  let newest = seen;
  for (let attempt = 1; ; attempt++) {
    const number = (newest?.number ?? 0) + 1;
    if ((await store.putIfAbsent(tagKey({ promptId, tag, number }), body)) === 'written') {
      log('INFO', 'tagged', { prompt, promptId, tag, digest });
      return;
    }
    newest = await newestTagEntry(store, promptId, tag);
    if (newest?.entry?.digest === digest) return;
    await refuseTaken(event, wanted, newest, store);
    if (attempt === ATTEMPTS) throw taken(wanted, 'it is given to other contents at the same time: deploy again');
  }
}

/** @throws RegistryError `TagTaken` */
async function refuseTaken(
  { StackId }: CustomResourceEvent,
  wanted: WantedVersion,
  newest: NewestTagEntry | undefined,
  store: ObjectStore,
): Promise<void> {
  const { promptId, tag } = wanted;
  if (newest === undefined) {
    const alike = await otherCasing(store, promptId, tag);
    if (alike) throw taken(wanted, `${alike} is there, which only differs in upper and lower case: ${ANOTHER}`);
    return;
  }
  const { entry } = newest;
  if (entry === undefined) {
    throw taken(
      wanted,
      `nobody can read what it names (${tagKey({ promptId, tag, number: newest.number })}): ${ANOTHER}`,
    );
  }
  const record = await recordOf(store, promptId, entry.digest);
  if (record !== undefined) {
    throw taken(
      wanted,
      `it names ${entry.digest}, which record ${record.sequence} of ${record.alias} released: ${ANOTHER}`,
    );
  }
  if (entry.stackId !== StackId) {
    throw taken(wanted, `it names ${entry.digest}, which the stack ${entry.stackId} published: ${ANOTHER}`);
  }
}

const ANOTHER = 'give this content another tag, or leave the tag out';

function taken({ promptName, tag, digest }: WantedVersion, why: string): RegistryError {
  return new RegistryError('TagTaken', `the tag ${tag} of prompt ${promptName} cannot name ${digest}: ${why}`);
}

/** Two tags that only differ so would be taken for each other. */
async function otherCasing(store: ObjectStore, promptId: string, tag: string): Promise<string | undefined> {
  const tags = await store.folders(promptPrefix('tags', promptId));
  return tags.find((other) => other !== tag && other.toLowerCase() === tag.toLowerCase());
}

/** The newest record of any alias that names the content, whatever it says of it, also one that nobody can parse. */
async function recordOf(
  store: ObjectStore,
  promptId: string,
  digest: string,
): Promise<{ readonly alias: string; readonly sequence: number } | undefined> {
  for (const alias of await store.folders(promptPrefix('ledger', promptId))) {
    for await (const { body, sequence } of ledgerEntries(store, promptId, alias)) {
      if (body.includes(digest)) return { alias, sequence };
    }
  }
  return undefined;
}
