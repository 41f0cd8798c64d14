/** First uses of a version and how many of them failed. A key counts once for each arm and process. */
export interface FirstUses {
  readonly uses: number;
  readonly failures: number;
}

/** What happened to both versions in the same span of time: a drift that hits both says nothing against the candidate. */
export interface ArmCounts {
  readonly candidate: FirstUses;
  readonly stable: FirstUses;
}

export function sumOfArms(spans: readonly ArmCounts[]): ArmCounts {
  const sum = (arm: keyof ArmCounts, name: keyof FirstUses) =>
    spans.reduce((total, span) => total + span[arm][name], 0);
  const both = (arm: keyof ArmCounts) => ({ uses: sum(arm, 'uses'), failures: sum(arm, 'failures') });
  return { candidate: both('candidate'), stable: both('stable') };
}
