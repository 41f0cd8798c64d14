import { promptOf, versionOf } from './prompt-event';
import type { CallableSpan } from './release-log';
import { actorName, type TrailEvent } from './trail-event';

/** Whether an alias's callers were to use the version when they did. */
export type UsageStanding = 'callable' | 'not callable then' | 'never callable' | 'draft';

export interface PrincipalUse {
  /** ARN of the role or user. */
  readonly principal: string;
  /** Null for the draft. */
  readonly version: number | null;
  readonly first: string;
  readonly last: string;
  readonly count: number;
  /** Calls that IAM refused; not in `count`. */
  readonly refused: number;
  /** The worst of all its calls. */
  readonly standing: UsageStanding;
}

/** Policies are widened before the record is written, IAM takes its time to spread, and clocks differ. */
const AROUND_MS = 10 * 60_000;
const WORST: readonly UsageStanding[] = ['callable', 'not callable then', 'never callable', 'draft'];

/** Counts who rendered what, event by event: memory grows with principals and versions, not with calls. */
export class PromptUsage {
  private readonly uses = new Map<string, { -readonly [K in keyof PrincipalUse]: PrincipalUse[K] }>();
  private readonly ever: ReadonlySet<number>;

  constructor(
    private readonly promptIds: ReadonlySet<string>,
    private readonly spans: readonly CallableSpan[],
  ) {
    this.ever = new Set(spans.flatMap(({ versions }) => versions));
  }

  /** Takes notice of one event; of others than rendering this prompt, none. */
  add(event: TrailEvent): void {
    if (event.name !== 'RenderPrompt' || !this.promptIds.has(promptOf(event) ?? '')) return;
    const version = versionOf(event);
    const principal = event.identity.roleArn ?? actorName(event.identity);
    const key = `${principal} ${version}`;
    const { time } = event;
    const use = this.uses.get(key) ?? {
      principal,
      version,
      first: time,
      last: time,
      count: 0,
      refused: 0,
      standing: 'callable' as UsageStanding,
    };
    this.uses.set(key, use);
    if (event.errorCode !== null) {
      use.refused += 1;
      return;
    }
    if (use.count === 0 || time < use.first) use.first = time;
    if (use.count === 0 || time > use.last) use.last = time;
    use.count += 1;
    const standing = this.standing(version, Date.parse(time));
    if (WORST.indexOf(standing) > WORST.indexOf(use.standing)) use.standing = standing;
  }

  /** The most used first. */
  list(): PrincipalUse[] {
    return [...this.uses.values()].sort((a, b) => b.count - a.count || a.principal.localeCompare(b.principal));
  }

  private standing(version: number | null, at: number): UsageStanding {
    if (version === null) return 'draft';
    if (!this.ever.has(version)) return 'never callable';
    const was = this.spans.some(
      ({ from, to, versions }) => at >= from - AROUND_MS && at <= to + AROUND_MS && versions.includes(version),
    );
    return was ? 'callable' : 'not callable then';
  }
}
