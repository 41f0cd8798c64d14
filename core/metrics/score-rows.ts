import type { ScoreMetrics, VersionMetrics } from './version-metrics';

/** A score of one version through one alias. */
export interface ScoreRow extends ScoreMetrics {
  readonly of: VersionMetrics;
}

/** All scores, the versions of an alias next to each other under each name. */
export function scoreRows(versions: readonly VersionMetrics[]): ScoreRow[] {
  const rows = versions.flatMap((of) => (of.scores ?? []).map((score): ScoreRow => ({ ...score, of })));
  const place = new Map(versions.map(({ alias }, index) => [alias, index]));
  const placeOf = ({ of }: ScoreRow) => place.get(of.alias) ?? 0;
  return rows.sort((a, b) => placeOf(a) - placeOf(b) || a.name.localeCompare(b.name));
}
