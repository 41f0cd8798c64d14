import type { RegistryErrorCode } from '../registry-error-codes';
import { didYouMean } from '../text/did-you-mean';
import { type LocatedModel, locateModel, own, profilesOf } from './located-model';
import { type ModelIdentifier, modelIdentifier } from './model-identifier';
import { daysUntil, hasEnded } from './model-life';
import type { LockedModel, LockedRegion, ModelLock } from './model-lock';

/** Where a prompt's model is called from. */
export interface ModelPlace {
  readonly region: string;
  /** Undefined where it is not known. */
  readonly account?: string;
}

export type ModelVerdict =
  | { readonly is: 'sound' }
  | { readonly is: 'wrong'; readonly code: RegistryErrorCode; readonly message: string }
  | { readonly is: 'noted'; readonly note: ModelNote; readonly message: string }
  /** Nothing is known of it, for good reason. */
  | { readonly is: 'unjudged'; readonly why: string };

export type ModelNote = 'modelEnds' | 'modelInExtendedAccess' | 'modelLegacy';

/** From how many days before a model's end a prompt on it is warned of. */
export const DAYS_OF_WARNING = 180;

/** What IAM reads as a pattern or a variable: such a model would open every model to the callers. */
const WILDCARD = /[*?$]/;

/**
 * What the lock file knows against a model. At most one thing: the gravest.
 *
 * Lifecycles: https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle.html
 */
export function judgeModel(identifier: string, place: ModelPlace, lock: ModelLock, now: Date): ModelVerdict {
  if (WILDCARD.test(identifier)) {
    return wrong('UnsupportedModel', `a model id without *, ? and $`, `${identifier}, a pattern`, 'name one model');
  }
  const named = modelIdentifier(identifier);
  if (named.kind === 'own') return { is: 'unjudged', why: identifier };
  const here = own(lock.regions, place.region);
  if (here === undefined) {
    const why = `${identifier}: the lock file has no Region ${place.region}; run prompt-registry models refresh --region ${place.region}`;
    return { is: 'unjudged', why };
  }
  const elsewhere = ofElsewhere(named, place);
  if (elsewhere) return elsewhere;
  if (named.kind === 'application-profile' && !isAccountRead(named.account, here)) {
    const why = `${identifier}: the lock file has no application profiles of account ${named.account}; run prompt-registry models refresh with its credentials`;
    return { is: 'unjudged', why };
  }
  const located = locateModel(identifier, place.region, lock);
  return located ? judgeLocated(identifier, located, here, now) : notHere(named, place, here, lock, now);
}

function ofElsewhere(named: ModelIdentifier, { region, account }: ModelPlace): ModelVerdict | undefined {
  if (named.kind === 'id' || named.kind === 'own') return undefined;
  if (named.region !== region) {
    const [code, what] =
      named.kind === 'model' ? (['NoSuchModel', 'a model'] as const) : (['ProfileNotHere', 'a profile'] as const);
    return wrong(code, `${what} of ${region}`, `${named.id} of ${named.region}`, 'write its id in place of the ARN');
  }
  if (named.kind === 'model' || account === undefined || named.account === account) return undefined;
  const found = `${named.id} of account ${named.account}`;
  const fix = 'Bedrock shares profiles with nobody, so name one of this account, or define it here';
  return wrong('ProfileNotHere', `a profile of account ${account}`, found, fix);
}

function isAccountRead(account: string, { profiles }: LockedRegion): boolean {
  return Object.keys(profiles).some((profile) => {
    const named = modelIdentifier(profile);
    return named.kind === 'application-profile' && named.account === account;
  });
}

function notHere(
  named: Exclude<ModelIdentifier, { kind: 'own' }>,
  { region }: ModelPlace,
  here: LockedRegion,
  lock: ModelLock,
  now: Date,
): ModelVerdict {
  const { id } = named;
  const modelId = profiledModel(named, lock);
  if (modelId !== undefined) {
    const present = profilesOf(modelId, here).join(', ');
    const fix = present
      ? `set one of ${region}: ${present}`
      : `${region} has none to ${modelId}: use another model, or run prompt-registry models refresh if it is new`;
    return wrong('ProfileNotHere', `an inference profile of ${region}`, id, fix);
  }
  const alive = Object.keys(here.models).filter((name) => !hasEnded(here.models[name] as LockedModel, now));
  const nearest = didYouMean(id, [...alive, ...Object.keys(here.profiles)]);
  const hint = nearest === undefined ? 'correct it' : `did you mean ${nearest}? Correct it`;
  const fix = `${hint}, or run prompt-registry models refresh if it is new`;
  return wrong('NoSuchModel', `a model or inference profile of ${region}, read on ${here.read}`, id, fix);
}

/** The model behind what is, or looks like, a profile that this Region does not have. */
function profiledModel(named: Exclude<ModelIdentifier, { kind: 'own' }>, { regions }: ModelLock): string | undefined {
  const { kind, id } = named;
  if (kind === 'model') return undefined;
  if (kind === 'application-profile') return id;
  for (const { profiles, models } of Object.values(regions)) {
    const profile = own(profiles, id);
    if (profile) return profile.model;
    const [, modelId = ''] = /^[a-z-]{2,8}\.(.+\..+)$/.exec(id) ?? [];
    if (own(models, modelId)) return modelId;
  }
  return undefined;
}

function judgeLocated(identifier: string, located: LocatedModel, here: LockedRegion, now: Date): ModelVerdict {
  const { modelId, model, profile } = located;
  if (model === undefined) return { is: 'sound' };
  const name = profile === undefined || identifier === modelId ? identifier : `${identifier} (${modelId})`;
  const successor = model.successor === undefined ? '' : `, such as its successor ${model.successor}`;
  if (hasEnded(model, now)) {
    const when = model.end === undefined ? '' : ` on ${model.end}`;
    return wrong('ModelEnded', 'a model that answers', `${name}, which ended${when}`, `set another model${successor}`);
  }
  if (model.text === false) {
    return wrong('UnsupportedModel', 'a model that answers with text', `${name}, which does not`, 'set another model');
  }
  if (profile === undefined && model.onDemand === false) {
    const profiles = profilesOf(modelId, here).join(', ');
    const fix = profiles ? `set one of ${profiles}` : `this Region has none to it: set another model`;
    return wrong('ModelNeedsProfile', 'an inference profile, through which alone the model answers', name, fix);
  }
  return noted(name, model, now) ?? { is: 'sound' };
}

function noted(name: string, model: LockedModel, now: Date): ModelVerdict | undefined {
  const { status, end, extended, legacy } = model;
  const days = end === undefined ? Number.POSITIVE_INFINITY : daysUntil(end, now);
  const ends = end === undefined ? '' : `, ends on ${end}, in ${days} day${days === 1 ? '' : 's'}`;
  const since = legacy === undefined ? '' : ` since ${legacy}`;
  const isExtended = extended !== undefined && new Date(extended) <= now;
  const successor = model.successor === undefined ? '' : `; its successor is ${model.successor}`;
  const fix = `set another model${successor}, or acknowledge this warning`;
  const say = (note: ModelNote, what: string): ModelVerdict => ({
    is: 'noted',
    note,
    message: `the model ${name} ${what}: ${fix}`,
  });
  const access = `is in extended access since ${extended}, at another price${ends}`;
  const isLegacy = `is LEGACY${since}${ends}; accounts that do not use it for 15 to 30 days lose it`;
  if (days <= DAYS_OF_WARNING) {
    if (isExtended) return say('modelEnds', access);
    return say('modelEnds', status === 'LEGACY' ? isLegacy : ends.slice(2));
  }
  if (isExtended) return say('modelInExtendedAccess', access);
  return status === 'LEGACY' ? say('modelLegacy', isLegacy) : undefined;
}

function wrong(code: RegistryErrorCode, expected: string, found: string, fix: string): ModelVerdict {
  return { is: 'wrong', code, message: `expected ${expected}, found ${found}: ${fix}` };
}
