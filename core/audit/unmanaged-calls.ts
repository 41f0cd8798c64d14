import { modelCall } from './model-call';
import type { CallableSpan } from './release-log';
import { type TrailEvent, text } from './trail-event';

/** What somebody called who holds a policy of callers: a model by itself, a draft, a version that no alias allowed then. */
export type UnmanagedKind = 'model' | 'draft' | 'version' | 'other prompt';

export interface UnmanagedCall {
  readonly principal: string;
  /** As the caller sent it. */
  readonly modelId: string;
  readonly kind: UnmanagedKind;
  readonly first: string;
  readonly last: string;
  readonly count: number;
  /** Calls that were refused; not in `count`. */
  readonly refused: number;
}

/** Policies are widened before the record is written, IAM takes its time to spread, and clocks differ. */
const AROUND_MS = 10 * 60_000;

/**
 * Counts calls of models by holders of the callers' policies that name no callable version: IAM allows them by rights of
 * another origin. Memory grows with principals and models, not with calls.
 *
 * Blind to what stands behind a released prompt: messages that a caller adds, and what its variables hold.
 */
export class UnmanagedCalls {
  private readonly found = new Map<string, { -readonly [K in keyof UnmanagedCall]: UnmanagedCall[K] }>();
  /** Calls that were looked at: all by holders. */
  calls = 0;

  /**
   * @param holders names of roles and users
   * @param spans by id of a prompt: what its aliases allowed, and when
   */
  constructor(
    private readonly holders: ReadonlySet<string>,
    private readonly spans: ReadonlyMap<string, readonly CallableSpan[]>,
  ) {}

  add(event: TrailEvent): void {
    const call = modelCall(event);
    if (call === undefined || !this.holders.has(call.name)) return;
    this.calls += 1;
    const { principal, modelId, promptId, version } = call;
    const kind = this.kindOf(promptId, version, Date.parse(event.time));
    if (kind === undefined) return;
    const key = `${principal} ${modelId} ${kind}`;
    const { time } = event;
    const one = this.found.get(key) ?? { principal, modelId, kind, first: time, last: time, count: 0, refused: 0 };
    this.found.set(key, one);
    if (time < one.first) one.first = time;
    if (time > one.last) one.last = time;
    if (text(event.errorCode) === null) one.count += 1;
    else one.refused += 1;
  }

  /** The most frequent first. */
  list(): UnmanagedCall[] {
    return [...this.found.values()].sort(
      (a, b) => b.count - a.count || a.principal.localeCompare(b.principal) || a.modelId.localeCompare(b.modelId),
    );
  }

  private kindOf(promptId: string | null, version: number | null, at: number): UnmanagedKind | undefined {
    if (promptId === null) return 'model';
    const spans = this.spans.get(promptId);
    if (spans === undefined) return 'other prompt';
    if (version === null) return 'draft';
    const was = spans.some(
      ({ from, to, versions }) => at >= from - AROUND_MS && at <= to + AROUND_MS && versions.includes(version),
    );
    return was ? undefined : 'version';
  }
}
