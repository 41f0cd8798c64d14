import { type LockedFacts, lockedFacts } from '../../core/models/locked-facts';
import type { CommandContext } from '../command';
import { lockIfThere, lockPath, readLock } from './lock-file';
import { type ModelUse, modelUses } from './model-uses';

/** A model with everything that runs on it. */
export interface UsedModel extends LockedFacts {
  readonly uses: readonly ModelUse[];
}

export interface ModelListing {
  readonly region: string;
  /** When the Region was read; null where the lock file does not have it. */
  readonly read: string | null;
  readonly models: readonly UsedModel[];
  /** Versions of which no record tells the model. */
  readonly unknown: readonly ModelUse[];
  /** All callable versions. */
  readonly uses: readonly ModelUse[];
  readonly isPartial: boolean;
}

/** All models that callable versions run on: those that end first come first. */
export async function modelListing(context: CommandContext, needsLock: boolean): Promise<ModelListing> {
  const path = lockPath(context.values);
  const lock = needsLock ? await readLock(path) : await lockIfThere(path);
  const { region, uses, isPartial } = await modelUses(context);
  const byModel = new Map<string, ModelUse[]>();
  for (const use of uses) {
    if (typeof use.model !== 'string') continue;
    byModel.set(use.model, [...(byModel.get(use.model) ?? []), use]);
  }
  const now = context.now();
  const models = [...byModel].map(([model, own]) => ({ ...lockedFacts(model, region, lock, now), uses: own }));
  return {
    region,
    read: lock?.regions[region]?.read ?? null,
    models: models.sort((a, b) => (a.days ?? Infinity) - (b.days ?? Infinity) || (a.model < b.model ? -1 : 1)),
    unknown: uses.filter(({ model }) => model === undefined),
    uses,
    isPartial,
  };
}

/** `financial-analysis PROD :3`, a callable one that is not live in brackets. */
export function useText({ prompt, alias, version, live }: ModelUse): string {
  return live ? `${prompt} ${alias} :${version}` : `(${prompt} ${alias} :${version})`;
}
