import { type Clock, Stopwatch } from './clock';
import type { ContentReader, PromptAnswer } from './content-reader';

/** So many questions about one version at once, then one more in so many milliseconds: an account has 10 a second. */
const BURST = 5;
const REFILL = 10_000;

/**
 * Asks Bedrock whether a version may be used. One question for all who ask at once; beyond the limit, the last answer.
 * Rejects as a `ContentReader`.
 */
export type VersionCheck = (versionArn: string) => Promise<PromptAnswer>;

export function versionCheck(clock: Clock, read: ContentReader): VersionCheck {
  const checks = new Map<string, { left: number; age: Stopwatch; isOpen: boolean; answer: Promise<PromptAnswer> }>();
  return (versionArn) => {
    const last = checks.get(versionArn);
    if (last?.isOpen) return last.answer;
    const left = Math.min(BURST, last ? last.left + last.age.elapsed() / REFILL : BURST);
    if (last && left < 1) return last.answer;
    const answer = read(versionArn);
    const check = { left: left - 1, age: new Stopwatch(clock), isOpen: true, answer };
    checks.set(versionArn, check);
    const close = () => {
      check.isOpen = false;
    };
    answer.then(close, close);
    return answer;
  };
}
