import { contentDigest } from '../../core/content/content-digest';
import { isAccessError } from '../../core/contract/access-error';
import { NO_VERSION } from '../../core/contract/no-version';
import type { ReleasePlanAttribute, ReleasePlanProperties } from '../../core/contract/release-plan-resource';
import { describedDigest } from '../../core/contract/version-description';
import { placesIn, recordsIn } from '../../core/ledger/entries';
import type { Places } from '../../core/ledger/places';
import type { ReviewSource } from '../../core/ledger/review-source';
import type { ModelSource } from '../../core/models/model-facts';
import { RegistryError } from '../../core/registry-error';
import { isBack } from '../../core/release/ground';
import { newestPlace } from '../../core/release/newest-place';
import { planRelease } from '../../core/release/release-plan';
import { firstOf, replayed } from '../../core/release/replayed';
import { parseVersionTarget, type VersionTarget } from '../../core/release/version-target';
import { formatWithdrawnVersions, parseWithdrawnVersions } from '../../core/release/withdrawn-versions';
import { AliasLedger } from '../alias-ledger';
import { askAgain } from '../ask-again';
import type { Attributes } from '../attributes';
import type { BedrockPrompts } from '../bedrock-prompts';
import type { HandlerClock } from '../clock';
import type { CustomResourceEvent } from '../custom-resource-event';
import { errorCode } from '../error-code';
import type { InferenceProfiles } from '../inference-profiles';
import { KnownVersions } from '../known-versions';
import type { Log } from '../log';
import { guessedModelArns, type ModelArns, modelArns } from '../model-arns';
import type { ObjectStore } from '../object-store';
import { type Move, passage, termsOf } from '../passage';
import { type PromptAddress, promptAddress } from '../prompt-address';
import { promptDeleted } from '../prompt-deleted';
import { countProperty, optionalTextProperty, textProperty, type Untrusted } from '../property';
import { snapshotDigest, snapshotModel } from '../snapshot-digest';
import { isRollingBack, type StackOperation } from '../stack-operation';
import { callableAttributes } from './callable-attributes';

export interface PromptReleasePlanDeps {
  readonly store: ObjectStore & ReviewSource;
  readonly prompts: BedrockPrompts;
  readonly profiles: InferenceProfiles;
  readonly models: ModelSource;
  readonly stack: StackOperation;
  readonly clock: HandlerClock;
  readonly log: Log;
  /** Name of the registry: its parameter prefix. */
  readonly registry: string;
  /** Gates of the registry by the name of an alias, as JSON. */
  readonly gates: string;
}

type ReadablePrompts = Pick<BedrockPrompts, 'versions' | 'read'>;

/** On the way back no further question is asked of Bedrock once so much time has passed. */
const PATIENCE_MS = 20_000;

/**
 * Decides which version a target names, whether its gates agree, and what its callers may then use. Writes nothing, so an
 * event that somebody made up gets an answer and changes nothing.
 *
 * While the stack goes back nothing is refused and nothing that is gone stops the plan: the alias must get to where it was.
 */
export async function handlePromptReleasePlan(
  event: CustomResourceEvent,
  deps: PromptReleasePlanDeps,
): Promise<Attributes> {
  if (event.RequestType === 'Delete') return {};
  const properties: Untrusted<ReleasePlanProperties> = event.ResourceProperties;
  const promptId = textProperty(properties, 'PromptId');
  const promptName = textProperty(properties, 'PromptName');
  const aliasName = textProperty(properties, 'AliasName');
  const address = promptAddress(textProperty(properties, 'PromptArn'));
  const target = parseVersionTarget(textProperty(properties, 'Target'));
  const withdrawn = parseWithdrawnVersions(textProperty(properties, 'WithdrawnVersions'));
  const slots = countProperty(properties, 'CallableVersions');
  const plannedAt = deps.clock.now();

  const goingBack = isRollingBack(await askAgain(() => deps.stack.status(event.StackId), deps.clock));
  const isLate = () => deps.clock.now() - plannedAt > PATIENCE_MS;
  const prompts = goingBack ? forgiving(deps, isLate) : deps.prompts;
  const known = await knownVersions(promptId, promptName, goingBack, prompts);
  const entries = new AliasLedger(deps.store, promptId, aliasName).entries();
  const records = replayed(recordsIn(entries));
  const history = goingBack ? replayed<Places>(placesIn(entries)) : records;
  const head = await firstOf(history);
  const plan = await planRelease({
    promptName,
    aliasName,
    target,
    parameterId: optionalTextProperty(properties, 'TargetParameter', '') || undefined,
    versions: await existingVersions(known, target, head),
    head: head ?? null,
    history,
    callable: slots,
    withdrawn,
    goingBack,
  });

  const stands = plan.version === (head?.to?.version ?? null);
  // Only the target may refuse, and only where the alias moves to it: what is wrong with a version that the alias leaves behind must not keep it there.
  const mayRefuse = (version: number) => !goingBack && version === plan.version;
  const facts = (version: number) => versionFacts(version, known, history, mayRefuse(version));
  const released = plan.version === null ? undefined : await facts(plan.version);
  const callable = await Promise.all(
    plan.callable.map(async (version) => {
      const { model } = await facts(version);
      const ask = mayRefuse(version) && !stands ? targetModels : modelsAsKnown;
      const models = goingBack
        ? await modelsOnTheWayBack(version, model, address, isLate, deps)
        : await ask(version, model, address, deps).catch(async (error) => {
            // Nor must it keep the alias from a return: the whole history is only read where something is wrong.
            if (plan.version === null || stands || !(await isBack(plan.version, records))) throw error;
            return modelsOnTheWayBack(version, model, address, isLate, deps);
          });
      return { version, models };
    }),
  );
  const to = plan.version === null ? null : { version: plan.version, digest: '', model: null, ...released };
  const move = { promptId, promptName, aliasName, to, history: records };
  return answer({
    Version: String(plan.version ?? NO_VERSION),
    TargetArn: plan.version === null ? NO_VERSION : `${address.arn}:${plan.version}`,
    ContentDigest: released?.digest ?? '',
    ModelId: released?.model ?? '',
    Revision: String((await firstOf(entries))?.sequence ?? 0),
    WithdrawnVersions: formatWithdrawnVersions(withdrawn),
    PlannedAt: String(plannedAt),
    Direction: goingBack ? 'back' : 'forward',
    Terms: goingBack ? NO_VERSION : await agreedTerms(properties, move, deps),
    ...callableAttributes(callable, slots, address),
  });
}

/** The terms of the gates in force, once they agreed to the move. */
async function agreedTerms(
  properties: Untrusted<ReleasePlanProperties>,
  { to, ...names }: PlannedMove,
  deps: PromptReleasePlanDeps,
): Promise<string> {
  const ownGates = optionalTextProperty(properties, 'Gates', '[]');
  const followsContent = optionalTextProperty(properties, 'Follows', '') === 'content';
  const from = (await firstOf(names.history))?.to ?? null;
  await passage({ ...names, from, to, ownGates, followsContent }, deps);
  return termsOf({ aliasName: names.aliasName, ownGates }, deps);
}

type PlannedMove = Pick<Move, 'promptId' | 'promptName' | 'aliasName' | 'to' | 'history'>;

/** Holds the attributes to their contract: what the template asks for is what is answered here. */
function answer(attributes: Readonly<Record<ReleasePlanAttribute, string>>): Attributes {
  return attributes;
}

async function knownVersions(
  promptId: string,
  promptName: string,
  goingBack: boolean,
  prompts: ReadablePrompts,
): Promise<KnownVersions> {
  const listed = await prompts.versions(promptId);
  if (listed === undefined && !goingBack) throw promptDeleted(promptName, promptId);
  return new KnownVersions(prompts, promptId, listed ?? []);
}

/**
 * Bedrock on the way back: what cannot be read, for want of a right or in an outage, counts as gone, and the ledger's
 * memory stands in. What made a stack turn must not keep it from getting home. One question that hangs takes 46 s; after
 * that nothing more is asked, so that the plan ends within its Lambda time-out.
 */
function forgiving({ prompts, clock, log }: PromptReleasePlanDeps, isLate: () => boolean): ReadablePrompts {
  const unread = (error: unknown) => {
    log('WARN', 'not read on the way back', { error: errorCode(error) });
    return undefined;
  };
  const ask = async <T>(read: () => Promise<T>) => (isLate() ? undefined : askAgain(read, clock).catch(unread));
  return {
    versions: (promptId) => ask(() => prompts.versions(promptId)),
    read: (promptId, version) => ask(() => prompts.read(promptId, version)),
  };
}

/** Digests as the descriptions claim them, for the errors; where one decides, as the versions' content says. */
async function existingVersions(known: KnownVersions, target: VersionTarget, head: Places | undefined) {
  const described = known.listed.map(({ version, description }) => ({ version, digest: describedDigest(description) }));
  if (target.kind !== 'digest') return described;
  const standing = head?.to?.digest === target.digest ? head.to.version : undefined;
  const matching = await known.withDigest(target.digest, standing);
  return described.map(({ version, digest }) => ({
    version,
    digest: matching.includes(version) ? target.digest : digest === target.digest ? null : digest,
  }));
}

/** Digest and model of a version; of one that is gone, as the ledger remembers them. */
async function versionFacts(
  version: number,
  known: KnownVersions,
  history: AsyncIterable<Places>,
  mayRefuse: boolean,
): Promise<{ digest: string; model: string | null }> {
  const snapshot = known.has(version) ? await known.snapshot(version) : undefined;
  if (snapshot === undefined) {
    const remembered = await newestPlace(history, (place) => place.version === version);
    return { digest: remembered?.digest ?? '', model: remembered?.model ?? null };
  }
  const digest = mayRefuse ? contentDigest(snapshot.variant) : (snapshotDigest(snapshot) ?? '');
  return { digest, model: snapshotModel(snapshot) };
}

async function targetModels(
  version: number,
  model: string | null,
  address: PromptAddress,
  { profiles }: PromptReleasePlanDeps,
): Promise<ModelArns> {
  try {
    return await modelArns(model, address, profiles);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    throw new RegistryError(error.code, `version ${version}: ${error.message}`, { cause: error });
  }
}

/**
 * The models of a version that may not refuse. A guess stands in only where Bedrock has answered: callers of the version left
 * behind must not lose rights to an outage of a minute.
 */
async function modelsAsKnown(
  version: number,
  model: string | null,
  address: PromptAddress,
  { profiles, log }: PromptReleasePlanDeps,
): Promise<ModelArns> {
  try {
    return await modelArns(model, address, profiles);
  } catch (error) {
    if (!(error instanceof RegistryError) && !isAccessError(error)) throw error;
    return guessed(version, model, address, error, log);
  }
}

/** @param isLate whether there is no more time to ask */
async function modelsOnTheWayBack(
  version: number,
  model: string | null,
  address: PromptAddress,
  isLate: () => boolean,
  { profiles, clock, log }: PromptReleasePlanDeps,
): Promise<ModelArns> {
  if (isLate()) return guessedModelArns(model, address);
  return askAgain(() => modelArns(model, address, profiles), clock).catch((error: unknown) =>
    guessed(version, model, address, error, log),
  );
}

function guessed(version: number, model: string | null, address: PromptAddress, error: unknown, log: Log): ModelArns {
  log('WARN', 'model guessed from its id', { version, model, error: errorCode(error) });
  return guessedModelArns(model, address);
}
