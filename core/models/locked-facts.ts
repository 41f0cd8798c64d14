import { judgeModel } from './judge-model';
import { type LocatedModel, locateModel, own } from './located-model';
import { modelIdentifier } from './model-identifier';
import { daysUntil } from './model-life';
import type { ModelLock } from './model-lock';
import { modelRoute } from './model-route';

/** What the lock file says of a model that a version names. */
export interface LockedFacts {
  /** As the version names it. */
  readonly model: string;
  /** Id of the foundation model; null where the lock file does not tell. */
  readonly modelId: string | null;
  readonly route: string;
  /** Null where the lock file does not have it. */
  readonly status: 'ACTIVE' | 'LEGACY' | 'ENDED' | null;
  readonly legacy: string | null;
  readonly extended: string | null;
  readonly end: string | null;
  /** Days until the end; negative where it is over. */
  readonly days: number | null;
  readonly successor: string | null;
  /** When the Region was read, `YYYY-MM-DD`; null where the lock file does not have it, or is not there. */
  readonly read: string | null;
  /** Why a call of it fails, with the code that synthesis would give; null where none is known. */
  readonly problem: string | null;
}

export function lockedFacts(model: string, region: string, lock: ModelLock | undefined, now: Date): LockedFacts {
  const located: LocatedModel | undefined = lock && locateModel(model, region, lock);
  const facts = located?.model;
  const named = modelIdentifier(model);
  const verdict = lock && judgeModel(model, { region }, lock, now);
  return {
    model,
    modelId: located?.modelId ?? (named.kind === 'model' ? named.id : null),
    route: modelRoute(model),
    status: facts?.status ?? null,
    legacy: facts?.legacy ?? null,
    extended: facts?.extended ?? null,
    end: facts?.end ?? null,
    days: facts?.end === undefined ? null : daysUntil(facts.end, now),
    successor: facts?.successor ?? null,
    read: (lock && own(lock.regions, region)?.read) ?? null,
    problem: verdict?.is === 'wrong' ? `${verdict.code}: ${verdict.message}` : null,
  };
}
