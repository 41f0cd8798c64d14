import { isDeepStrictEqual } from 'node:util';
import type { Properties } from './operation-events';

/** The properties of an alias that are attributes of its plan. */
const FROM_THE_PLAN = [
  'Version',
  'VersionArn',
  'ContentDigest',
  'ModelId',
  'WithdrawnVersions',
  'Revision',
  'PlannedAt',
  'Direction',
];

export interface AttributesOnTheWayBack {
  /** As they were before the release, as the plan answers now, or neither: some of each, or something else. */
  readonly kind: 'stored' | 'fresh' | 'mixed';
  readonly shown: string;
}

/**
 * Which attributes of the plan an alias got when it was put back.
 *
 * @param before its properties before the release
 * @param forward those that the release gave it; an event on the way back may still show them, and then tells nothing
 * @param back what its events showed on the way back
 */
export function attributesOnTheWayBack(
  before: Properties,
  forward: Properties,
  back: readonly Properties[],
): AttributesOnTheWayBack | undefined {
  const telling = back.map(planned).filter((found) => !isDeepStrictEqual(found, planned(forward)));
  const [wanted] = telling;
  if (wanted === undefined) return undefined;
  const shown = (names: readonly string[]) => names.map((name) => `${name} ${wanted[name]}`).join(', ');
  const mixed = { kind: 'mixed', shown: shown(FROM_THE_PLAN) } as const;
  if (telling.some((other) => !isDeepStrictEqual(other, wanted))) return mixed;
  const plan = `${shown(['Direction', 'PlannedAt'])}; before the release ${before.PlannedAt}, with it ${forward.PlannedAt}`;
  if (isDeepStrictEqual(wanted, planned(before))) return { kind: 'stored', shown: plan };
  const sameTarget = ['Version', 'VersionArn', 'ContentDigest', 'ModelId'].every(
    (name) => wanted[name] === before[name],
  );
  const isFresh = wanted.Direction === 'back' && Number(wanted.PlannedAt) > Number(forward.PlannedAt) && sameTarget;
  return isFresh ? { kind: 'fresh', shown: plan } : mixed;
}

function planned(properties: Properties): Properties {
  return Object.fromEntries(FROM_THE_PLAN.map((name) => [name, properties[name]]));
}
