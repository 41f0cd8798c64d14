import { VERSION_LIMIT } from '../../core/contract/bedrock-limits';
import { NO_VERSION } from '../../core/contract/no-version';
import type { PromptVersionAttribute } from '../../core/contract/prompt-version-resource';
import { describedDigest, versionDescription } from '../../core/contract/version-description';
import { RegistryError } from '../../core/registry-error';
import { askAgain } from '../ask-again';
import type { Attributes } from '../attributes';
import type { CustomResourceEvent } from '../custom-resource-event';
import { errorCode, isAwsError } from '../error-code';
import { originInStack, wantedForward } from '../event-origin';
import { KnownVersions } from '../known-versions';
import { promptDeleted } from '../prompt-deleted';
import { snapshotDigest } from '../snapshot-digest';
import { isRollingBack } from '../stack-operation';
import { archivedVersion, type Claim, publishToken, VersionArchive } from '../version-archive';
import type { PromptVersionDeps } from './deps';
import { draftChanged, prepareDraft, putDraftBack } from './draft';
import { heldVersions } from './held-versions';
import { makeRoom } from './make-room';
import { rememberedVersion, versionOnTheWayBack } from './version-on-the-way-back';
import { tagToClaim } from './version-tag';
import { type WantedVersion, wantedVersion } from './wanted-version';

export type { PromptVersionDeps } from './deps';

/**
 * Same content, same version: finds the version that holds the declared content, or publishes it from the draft.
 * A Delete does nothing: a version that was published may be in use, and stays.
 */
export async function handlePromptVersion(event: CustomResourceEvent, deps: PromptVersionDeps): Promise<Attributes> {
  if (event.RequestType === 'Delete') return {};
  const wanted = wantedVersion(event);
  const archive = new VersionArchive(deps.store, wanted.promptId);
  try {
    const claimTag = await tagToClaim(event, wanted, () => isGoingBack(event, deps), deps);
    const version = await findOrPublish(event, wanted, archive, deps);
    await claimTag();
    return attributes(wanted, version);
  } catch (error) {
    const goesBack = await isGoingBack(event, deps);
    // What the registry itself refuses, it refuses on the way forward only.
    if (goesBack === false || (goesBack === undefined && error instanceof RegistryError)) throw error;
    const remembered = askAgain(() => rememberedVersion(wanted, archive, deps.store), deps.clock);
    const version = await remembered.catch(() => null);
    // A release that goes forward with a version that is gone is refused by its plan.
    if (goesBack === undefined && version === null) throw error;
    deps.log('WARN', 'version remembered, not read', { promptId: wanted.promptId, error: errorCode(error) });
    return attributes(wanted, version);
  }
}

async function findOrPublish(
  event: CustomResourceEvent,
  wanted: WantedVersion,
  archive: VersionArchive,
  deps: PromptVersionDeps,
): Promise<number | null> {
  const listed = await deps.prompts.versions(wanted.promptId);
  const known = new KnownVersions(deps.prompts, wanted.promptId, listed ?? []);
  const [found] = await known.withDigest(wanted.digest);
  if (found !== undefined) {
    await archiveIfOurs(event, found, wanted, known, archive, deps);
    if (wanted.writesDraft && wanted.before !== undefined && (await isGoingBack(event, deps))) {
      if ((await originInStack(event, false, deps)) === 'refused') return found;
      await putDraftBack(wanted, { from: wanted.before, to: wanted.digest }, known, deps);
    }
    return found;
  }
  if (isRollingBack(await askAgain(() => deps.stack.status(event.StackId), deps.clock))) {
    const origin = await originInStack(event, false, deps);
    if (origin === 'refused') return askAgain(() => rememberedVersion(wanted, archive, deps.store), deps.clock);
    const publishNow = () => publish(event, wanted, known, archive, deps, { mayDelete: origin === 'taken' });
    return versionOnTheWayBack(wanted, known, archive, deps, publishNow);
  }
  if (listed === undefined) throw promptDeleted(wanted.promptName, wanted.promptId);
  const { operation } = await wantedForward(event, deps);
  await prepareDraft(event, wanted, known, deps);
  if (listed.length >= VERSION_LIMIT) {
    const held = await heldVersions(wanted, known, deps);
    await makeRoom(wanted.promptId, known, held, archive, deps.prompts, deps.log);
  }
  return publish(event, wanted, known, archive, deps, { mayDelete: true, operation });
}

/**
 * A stack that goes back must not be held up by what made it turn: a missing right, an outage, a throttled API. Undefined
 * where CloudFormation does not answer.
 */
async function isGoingBack(
  event: CustomResourceEvent,
  { stack, clock, log }: PromptVersionDeps,
): Promise<boolean | undefined> {
  if (event.RequestType === 'Create') return false;
  return askAgain(() => stack.status(event.StackId), clock).then(isRollingBack, (error: unknown) => {
    log('WARN', 'stack status not read', { error: errorCode(error) });
    return undefined;
  });
}

interface Way {
  readonly mayDelete: boolean;
  /** Token of the operation that publishes; not asked for on the way back, which nothing may hold up. */
  readonly operation?: string | null;
}

async function publish(
  event: CustomResourceEvent,
  wanted: WantedVersion,
  known: KnownVersions,
  archive: VersionArchive,
  deps: PromptVersionDeps,
  way: Way,
): Promise<number> {
  const { StackId: stackId, LogicalResourceId: logicalId, RequestId: requestId } = event;
  const own = { schema: 1, promptId: wanted.promptId, digest: wanted.digest, after: known.highest } as const;
  const claim: Claim = { ...own, stackId, logicalId, requestId };
  const publisher = { stackId, ...way };
  const standing = await archive.claim(claim);
  if (standing.requestId !== requestId) {
    // A request that CloudFormation gave up on may still be about to make this version: under its token both make one.
    try {
      return await publishAs(standing, wanted, known, archive, deps, publisher);
    } catch (error) {
      // Only where that token leads to no such version; where nobody knows, another token could make a second one.
      const isNone = error instanceof RegistryError && ['VersionUnreadable', 'DraftChanged'].includes(error.code);
      if (!isNone && !isAwsError(error, 'ConflictException', 'ValidationException')) throw error;
    }
  }
  return publishAs(claim, wanted, known, archive, deps, publisher);
}

async function publishAs(
  claim: Claim,
  wanted: WantedVersion,
  known: KnownVersions,
  archive: VersionArchive,
  { prompts, registry, log }: PromptVersionDeps,
  { mayDelete, ...publisher }: Way & { readonly stackId: string },
): Promise<number> {
  const { promptId, promptName, digest, note } = wanted;
  const version = await prompts.createVersion(promptId, versionDescription(digest, note), publishToken(claim));
  const made = await prompts.read(promptId, version);
  const found = snapshotDigest(made);
  if (made === undefined) {
    throw new RegistryError(
      'VersionUnreadable',
      `expected to read back version ${version} of ${promptName}, which Bedrock just made, found none; deploy again`,
    );
  }
  if (found !== digest) {
    // Nobody can know this version yet, and its description would claim a content it does not have. A token may lead to
    // an old version, though, which somebody may use.
    if (mayDelete && version > known.highest) await prompts.deleteVersion(promptId, version);
    throw draftChanged(wanted, found, made.variant);
  }
  await archive.add(archivedVersion(registry, promptName, promptId, version, digest, made, publisher));
  log('INFO', 'published', { prompt: promptName, promptId, version, digest });
  return version;
}

/** The handler may have died between making a version and archiving it; what somebody else made is left alone. */
async function archiveIfOurs(
  event: CustomResourceEvent,
  version: number,
  { promptId, promptName, digest }: WantedVersion,
  known: KnownVersions,
  archive: VersionArchive,
  { registry, stack, log }: PromptVersionDeps,
): Promise<void> {
  const snapshot = await known.snapshot(version);
  if (snapshot === undefined || describedDigest(snapshot.description) !== digest) return;
  if ((await archive.holds(version, digest)) || !(await archive.isClaimed(version, digest))) return;
  // Not worth a wait: the next deployment finds it again.
  const shown = await stack.wanted(event.StackId, event.LogicalResourceId).catch(() => undefined);
  if (shown === undefined) return;
  await archive
    .add(archivedVersion(registry, promptName, promptId, version, digest, snapshot))
    .catch((error: unknown) => log('WARN', 'not archived', { promptId, version, error: errorCode(error) }));
}

function attributes(
  { promptArn, digest }: WantedVersion,
  version: number | null,
): Readonly<Record<PromptVersionAttribute, string>> {
  return {
    Version: String(version ?? NO_VERSION),
    VersionArn: version === null ? NO_VERSION : `${promptArn}:${version}`,
    ContentDigest: digest,
  };
}
