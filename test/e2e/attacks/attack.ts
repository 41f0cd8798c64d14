/** One leaf of the tree: who tries what, and how it ends. */
export interface Attack {
  readonly attack: string;
  /** A code, AWS's refusal, a finding of the audit; `moved` or `written` where it succeeds. */
  readonly ends: string;
  /** Where it succeeds: what docs/approvals.md says of it. */
  readonly limit?: string;
}

export const attack = (name: string, ends: string, limit?: string): Attack => ({
  attack: name,
  ends,
  ...(limit && { limit }),
});
