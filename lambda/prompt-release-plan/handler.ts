import { contentDigest } from '../../core/content/content-digest';
import { NO_VERSION } from '../../core/contract/no-version';
import type {
  ReleasePlanAttribute,
  ReleasePlanProperties,
  RolloutPlanAttribute,
} from '../../core/contract/release-plan-resource';
import { describedDigest } from '../../core/contract/version-description';
import { placesIn, recordsIn } from '../../core/ledger/entries';
import type { Places } from '../../core/ledger/places';
import type { ReleasedVersion } from '../../core/ledger/record';
import type { ReviewSource } from '../../core/ledger/review-source';
import type { ModelSource } from '../../core/models/model-facts';
import { RegistryError } from '../../core/registry-error';
import { isBack } from '../../core/release/ground';
import { newestPlace } from '../../core/release/newest-place';
import { type PlannedRelease, planRelease } from '../../core/release/release-plan';
import { firstOf, replayed } from '../../core/release/replayed';
import { isRollingOut } from '../../core/release/rollout-state';
import { parseVersionTarget, type VersionTarget } from '../../core/release/version-target';
import { formatWithdrawnVersions, parseWithdrawnVersions } from '../../core/release/withdrawn-versions';
import { alarmsOf, parseRolloutSettings } from '../../core/rollout/settings';
import { AliasLedger } from '../alias-ledger';
import { askAgain } from '../ask-again';
import type { Attributes } from '../attributes';
import type { BedrockPrompts } from '../bedrock-prompts';
import type { HandlerClock } from '../clock';
import type { AlarmStates } from '../cloudwatch-alarms';
import type { CustomResourceEvent } from '../custom-resource-event';
import { errorCode } from '../error-code';
import type { InferenceProfiles } from '../inference-profiles';
import { KnownVersions } from '../known-versions';
import type { Log } from '../log';
import type { ObjectStore } from '../object-store';
import { type Move, passage, termsOf } from '../passage';
import { type PromptAddress, promptAddress } from '../prompt-address';
import { promptDeleted } from '../prompt-deleted';
import { countProperty, optionalTextProperty, textProperty, type Untrusted } from '../property';
import { snapshotDigest, snapshotModel } from '../snapshot-digest';
import { isRollingBack, type StackOperation } from '../stack-operation';
import { callableAttributes } from './callable-attributes';
import { modelsOnTheWay } from './models-on-the-way';

export interface PromptReleasePlanDeps {
  readonly store: ObjectStore & ReviewSource;
  readonly prompts: BedrockPrompts;
  readonly profiles: InferenceProfiles;
  readonly models: ModelSource;
  readonly alarms: AlarmStates;
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
  return event.RequestType === 'Delete' ? {} : planned(event, deps);
}

async function planned(event: CustomResourceEvent, deps: PromptReleasePlanDeps): Promise<Attributes> {
  const properties: Untrusted<ReleasePlanProperties> = event.ResourceProperties;
  const promptId = textProperty(properties, 'PromptId');
  const promptName = textProperty(properties, 'PromptName');
  const aliasName = textProperty(properties, 'AliasName');
  const address = promptAddress(textProperty(properties, 'PromptArn'));
  const target = parseVersionTarget(textProperty(properties, 'Target'));
  const withdrawn = parseWithdrawnVersions(textProperty(properties, 'WithdrawnVersions'));
  const slots = countProperty(properties, 'CallableVersions');
  const settings = optionalTextProperty(properties, 'Rollout', '') || undefined;
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
    rollsOut: settings !== undefined,
    isNewTarget: event.OldResourceProperties?.Target !== properties.Target,
    versions: await existingVersions(known, target, head),
    head: head ?? null,
    history,
    callable: slots,
    withdrawn,
    goingBack,
  });

  const asked = goingBack ? null : newVersion(plan, head);
  // Only the target may refuse, and only where the alias moves to it or rolls it out from now on: what is wrong with a version that the alias leaves behind must not keep it there.
  const mayRefuse = (version: number) => !goingBack && (version === plan.version || version === asked);
  const facts = (version: number) => versionFacts(version, known, history, mayRefuse(version));
  const released = plan.version === null ? undefined : await facts(plan.version);
  const candidate = plan.candidate === undefined ? null : { version: plan.candidate, ...(await facts(plan.candidate)) };
  const endsRollout = plan.candidate === undefined && head?.rollout != null;
  const isReturn = async () => (asked === null ? endsRollout : isBack(asked, records));
  const way = { goingBack, asked, isReturn, isLate };
  const callable = await Promise.all(
    plan.callable.map(async (version) => {
      const { model } = await facts(version);
      return { version, models: await modelsOnTheWay(version, model, address, way, deps) };
    }),
  );
  const to = plan.version === null ? null : { version: plan.version, digest: '', model: null, ...released };
  const move = { promptId, promptName, aliasName, to, candidate, settings, history: records };
  if (asked !== null) await checkAlarms(move, asked, deps);
  return answer({
    ...placeAttributes(to, address),
    Revision: String((await firstOf(entries))?.sequence ?? 0),
    WithdrawnVersions: formatWithdrawnVersions(withdrawn),
    PlannedAt: String(plannedAt),
    Direction: goingBack ? 'back' : 'forward',
    Terms: goingBack ? NO_VERSION : await agreedTerms(properties, move, deps),
    ...rolloutAttributes(candidate, settings),
    ...callableAttributes(settings === undefined ? callable : callable.toSorted(newestFirst), slots, address),
  });
}

function placeAttributes(to: ReleasedVersion | null, { arn }: PromptAddress) {
  return {
    Version: String(to?.version ?? NO_VERSION),
    TargetArn: to === null ? NO_VERSION : `${arn}:${to.version}`,
    ContentDigest: to?.digest ?? '',
    ModelId: to?.model ?? '',
  };
}

/** The version that callers get from now on, all of them or those of a rollout; null where the alias brings none. */
function newVersion({ version, candidate }: PlannedRelease, head: Places | undefined): number | null {
  if (candidate !== undefined) return isRollingOut(head, version, candidate) ? null : candidate;
  return version === (head?.to?.version ?? null) ? null : version;
}

/** So that what a settled rollout turns round, target and the version before, leaves the callers' policy as it is. */
function newestFirst(a: { readonly version: number }, b: { readonly version: number }): number {
  return b.version - a.version;
}

function rolloutAttributes(
  candidate: ReleasedVersion | null,
  settings: string | undefined,
): Readonly<Partial<Record<RolloutPlanAttribute, string>>> {
  if (settings === undefined) return {};
  return {
    Candidate: String(candidate?.version ?? NO_VERSION),
    CandidateDigest: candidate?.digest ?? '',
    CandidateModel: candidate?.model ?? '',
  };
}

/**
 * An alarm that is in ALARM already would halt the rollout before anybody got the candidate, and one that is not there guards
 * nothing. Asked when a rollout begins and never again: no alarm keeps an alias from going back.
 */
async function checkAlarms(
  { promptName, aliasName, candidate, settings = '' }: PlannedMove,
  asked: number,
  { alarms, clock }: PromptReleasePlanDeps,
): Promise<void> {
  if (candidate?.version !== asked) return;
  const guards = alarmsOf(parseRolloutSettings(settings));
  if (guards.length === 0) return;
  const states = await askAgain(() => alarms.states(guards), clock);
  const wrong = guards.flatMap((arn) => {
    const state = states.get(arn);
    return state === undefined ? `${arn}, which does not exist` : state === 'ALARM' ? `${arn} in ALARM` : [];
  });
  if (wrong.length === 0) return;
  throw new RegistryError(
    'GuardInAlarm',
    `alias ${aliasName} of prompt ${promptName} cannot begin to roll out version ${candidate?.version}: expected alarms that are not in ALARM, found ${wrong.join('; ')}; nothing was moved; begin again when they are OK, or move the alias at once`,
  );
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
  return termsOf({ aliasName: names.aliasName, ownGates, settings: names.settings }, deps);
}

type PlannedMove = Pick<Move, 'promptId' | 'promptName' | 'aliasName' | 'to' | 'candidate' | 'settings' | 'history'>;

/** Holds the attributes to their contract: what the template asks for is what is answered here. */
function answer(attributes: AnsweredAttributes): Attributes {
  return attributes;
}

type AnsweredAttributes = Readonly<Record<Exclude<ReleasePlanAttribute, RolloutPlanAttribute>, string>> &
  Readonly<Partial<Record<RolloutPlanAttribute, string>>>;

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
  const places = target.kind === 'rollout' ? [target.stable, target.candidate] : [target];
  let versions = known.listed.map(({ version, description }) => ({ version, digest: describedDigest(description) }));
  for (const place of places) {
    if (place.kind !== 'digest') continue;
    const standing = [head?.to, head?.rollout?.candidate].find((one) => one?.digest === place.digest)?.version;
    const matching = await known.withDigest(place.digest, standing);
    versions = versions.map(({ version, digest }) => ({
      version,
      digest: matching.includes(version) ? place.digest : digest === place.digest ? null : digest,
    }));
  }
  return versions;
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
