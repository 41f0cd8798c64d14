/** How a content came where it was compared: what happened, when, who did it and why. */
export interface ContentOrigin {
  /** `promoted to PROD`, `published`, `committed`, `written`. */
  readonly what: string;
  readonly when: Date | null;
  /** A person, or why none can be named; null where nothing records one. */
  readonly who: string | null;
  readonly why: string | null;
}
