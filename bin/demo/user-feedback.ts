import { placeOf } from '../../core/rollout/share';
import { Unexpected } from './expectation';
import type { UserCall, UserCrowd } from './user-crowd';

/** By score: how many users say yes of each version's answers, from 0 to 1. */
export type Opinions = Readonly<Record<string, Readonly<Record<number, number>>>>;

/** Each user is asked once about an answer, and says what it thinks some time later. Who says yes is the same in every run. */
export class UserFeedback {
  private readonly asked = new Set<string>();
  private waiting: UserCall[] = [];

  constructor(
    private readonly crowd: UserCrowd,
    private readonly opinions: Opinions,
  ) {}

  ask(calls: readonly UserCall[]): void {
    const first = calls.filter(({ user }) => !this.asked.has(user));
    for (const { user } of first) this.asked.add(user);
    this.waiting.push(...first);
  }

  /** What everybody thinks who was asked before; each opinion must be counted. Answers how many users said so until now. */
  async arrive(): Promise<number> {
    const calls = this.waiting;
    this.waiting = [];
    for (const call of calls) {
      for (const [score, shares] of Object.entries(this.opinions)) {
        const isYes = placeOf(score, call.user) < (shares[call.tried.at(-1) ?? 0] ?? 0);
        if (!(await this.crowd.score(call, score, isYes))) throw new Unexpected('a score', 'counted', call);
      }
    }
    return this.asked.size;
  }
}
