import { modelIdentifier } from './model-identifier';
import type { LockedModel, LockedProfile, LockedRegion, ModelLock, ModelPrice } from './model-lock';

/** A model as a prompt reaches it. */
export interface LocatedModel {
  readonly modelId: string;
  /** Undefined where a profile leads to a model that the lock file has in no Region. */
  readonly model?: LockedModel;
  /** Id or ARN of the profile; undefined where the model is named directly. */
  readonly profile?: string;
  /** Of this route. */
  readonly price?: ModelPrice;
}

/** What a prompt's `model` leads to in a Region; undefined where the lock file does not have it there. */
export function locateModel(identifier: string, region: string, lock: ModelLock): LocatedModel | undefined {
  const here = own(lock.regions, region);
  if (here === undefined) return undefined;
  const named = modelIdentifier(identifier);
  if (named.kind === 'own') return undefined;
  if (named.kind !== 'id' && named.region !== region) return undefined;
  const profile = named.kind === 'model' ? undefined : profileOf(named.id, here);
  if (profile !== undefined) return throughProfile(profile, here, lock);
  const model = named.kind === 'id' || named.kind === 'model' ? own(here.models, named.id) : undefined;
  return model && { modelId: named.id, model, price: model.price };
}

/** Profiles of a Region that lead to a model. */
export function profilesOf(modelId: string, region: LockedRegion): string[] {
  return Object.entries(region.profiles).flatMap(([id, { model }]) => (model === modelId ? [id] : []));
}

/** An own member: ids come from files, and `constructor` is none. */
export function own<T>(members: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

/** An application profile may be named by its id alone as well. */
function profileOf(id: string, { profiles }: LockedRegion): readonly [string, LockedProfile] | undefined {
  const exact = own(profiles, id);
  if (exact) return [id, exact];
  return Object.entries(profiles).find(([arn]) => arn.endsWith(`:application-inference-profile/${id}`));
}

function throughProfile(
  [profile, { model: modelId, price }]: readonly [string, LockedProfile],
  here: LockedRegion,
  { regions }: ModelLock,
): LocatedModel {
  // A profile may lead to a model that its own Region does not have.
  const elsewhere = Object.values(regions).flatMap(({ models }) => own(models, modelId) ?? []);
  const model = own(here.models, modelId) ?? elsewhere[0];
  return { modelId, model, profile, price: price ?? model?.price };
}
