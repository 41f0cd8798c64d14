import { freeJsonOf, holdsTextOfType, sameButForTypes, withFreeJson } from '../../core/content/free-json';
import { RegistryError } from '../../core/registry-error';
import type { CustomResourceEvent } from '../custom-resource-event';
import { errorCode } from '../error-code';
import type { KnownVersions } from '../known-versions';
import { promptDeleted } from '../prompt-deleted';
import { snapshotDigest } from '../snapshot-digest';
import { isRollback } from '../stack-operation';
import type { PromptVersionDeps } from './deps';
import type { WantedVersion } from './wanted-version';

/** CloudFormation wrote the draft a moment ago, and AWS does not say that a read sees an update at once. */
const DRAFT_READS = 3;
const DRAFT_PAUSE = 2_000;

/**
 * Makes sure that the draft holds the declared content: a version is a snapshot of the draft, no matter who wrote it last.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-management-version-create.html
 *
 * CloudFormation is reported to make texts of the numbers and booleans in free JSON (coverage-roadmap #2303, #2464).
 * Where that, and nothing else, tells the draft from the declared content, it is written once with the declared types.
 */
export async function prepareDraft(
  event: CustomResourceEvent,
  wanted: WantedVersion,
  known: KnownVersions,
  deps: PromptVersionDeps,
): Promise<void> {
  const { promptId, promptName, digest } = wanted;
  const { prompts, stack, clock } = deps;
  let isWritten = false;
  for (let reads = 1; ; reads++) {
    const draft = await prompts.read(promptId, 'DRAFT');
    if (draft === undefined) throw promptDeleted(promptName, promptId);
    const found = snapshotDigest(draft);
    if (found === digest) break;
    if (!isWritten && (await setTypesRightInTime(event, draft.variant, wanted, deps))) {
      isWritten = true;
      reads = 0;
      continue;
    }
    if (reads === DRAFT_READS) throw draftChanged(wanted, found, draft.variant);
    await clock.sleep(DRAFT_PAUSE);
  }
  // A stack that turned back meanwhile may have put its old draft there before this write arrived.
  if (isWritten && isRollback(await stack.status(event.StackId))) {
    await putDraftBack(wanted, { from: digest, to: wanted.before }, known, deps);
    throw wentBack(promptName);
  }
}

/** {@link setTypesRight} where the draft lacks nothing else, and only while the stack is at this version. */
async function setTypesRightInTime(
  { StackId: stackId, LogicalResourceId: logicalId }: CustomResourceEvent,
  variant: unknown,
  wanted: WantedVersion,
  deps: PromptVersionDeps,
): Promise<boolean> {
  if (typesSetRight(variant, wanted) === undefined) return false;
  if (isRollback(await deps.stack.status(stackId))) throw wentBack(wanted.promptName);
  // An invocation that was given up may wake in another operation, whose draft is not its own to set right.
  if ((await deps.stack.wanted(stackId, logicalId)) === undefined) throw givenUp(wanted.promptName);
  return setTypesRight(wanted, deps);
}

/**
 * Writes the draft with the declared types, and answers whether it did. Looks once more just before: Bedrock has no
 * conditional update.
 */
export async function setTypesRight(wanted: WantedVersion, { prompts, log }: PromptVersionDeps): Promise<boolean> {
  const { promptId, promptName } = wanted;
  const isWritten = await prompts.rewriteDraft(promptId, (variant) => typesSetRight(variant, wanted));
  if (isWritten) log('INFO', 'types set right in the draft', { prompt: promptName, promptId });
  return isWritten;
}

/**
 * Puts the draft back to a content that a version holds, where it still is what this registry wrote. The stack puts
 * back what it wrote itself; a write of ours that arrived after that would stay. Never refuses.
 */
export async function putDraftBack(
  { promptId, writesDraft }: WantedVersion,
  { from, to }: { readonly from: string; readonly to: string | undefined },
  known: KnownVersions,
  { prompts, log }: PromptVersionDeps,
): Promise<void> {
  if (!writesDraft || to === undefined || to === from) return;
  try {
    const [version] = await known.withDigest(to);
    const snapshot = version === undefined ? undefined : await known.snapshot(version);
    const isBack = await prompts.rewriteDraft(promptId, (variant) =>
      snapshotDigest({ variant, description: '' }) === from ? snapshot?.variant : undefined,
    );
    if (isBack) log('WARN', 'draft put back', { promptId, version });
  } catch (error) {
    log('WARN', 'draft not put back', { promptId, error: errorCode(error) });
  }
}

/** The variant with the declared types; undefined where anything else differs. */
function typesSetRight(variant: unknown, { freeJson, digest }: WantedVersion): unknown {
  if (freeJson === undefined || !sameButForTypes(freeJsonOf(variant), freeJson)) return undefined;
  const changed = withFreeJson(variant, freeJson);
  return snapshotDigest({ variant: changed, description: '' }) === digest ? changed : undefined;
}

/** Errors hold digests, not the text. */
export function draftChanged(
  { promptName, digest, writesDraft }: WantedVersion,
  found: string | null,
  variant: unknown,
): RegistryError {
  const orTexts =
    !writesDraft && freeJsonOf(variant).some(holdsTextOfType)
      ? ', or CloudFormation handed numbers or booleans in its free JSON on as texts, which this registry sets right in its own prompts only'
      : '';
  return new RegistryError(
    'DraftChanged',
    `expected the draft of ${promptName} to hold the declared content ${digest}, found ${found ?? 'content this registry cannot read'}: somebody edited the draft outside the stack${orTexts}; change the prompt's description in the app, or set the draft back by hand, and deploy again`,
  );
}

function givenUp(promptName: string): RegistryError {
  return new RegistryError(
    'NotInProgress',
    `expected the stack's events to show the version of ${promptName} in progress while its draft is written, found it done or given up: deploy again`,
  );
}

function wentBack(promptName: string): RegistryError {
  return new RegistryError(
    'StackWentBack',
    `expected the stack to go forward while the draft of ${promptName} is written, found it rolling back: fix what failed, and deploy again`,
  );
}
