/** What somebody who may invoke a registry's controller asks of it; whatever says something else is a tick. */
export interface HaltRequest {
  readonly halt: {
    readonly prompt: string;
    readonly alias: string;
    /** In one line, at most 500 characters. */
    readonly reason?: string | null;
  };
}

/** What it answers. While it works for somebody else, Lambda answers 429 in its place: ask again. */
export interface HaltAnswer {
  /** `halted-before`: what was asked for had happened already. `no-rollout`: there is none to halt. */
  readonly outcome: 'halted' | 'halted-before' | 'no-rollout';
  /** Sequence number of the record that began the rollout, and number of the halt in its chain. */
  readonly plan?: number;
  readonly n?: number;
  /** The step that was served, from 0. */
  readonly step?: number;
  readonly reason?: string | null;
}
