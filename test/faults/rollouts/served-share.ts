/** The parameters of PROD, as a reader finds them, and what they say of the candidate. */
export interface Served {
  readonly plan: number;
  readonly n: number;
  readonly step: number;
  readonly at: string;
  readonly until: string;
  /** ARN of the candidate's version. */
  readonly candidate: string;
  /** Percent of the keys that get it at this moment. */
  readonly share: number;
}

interface PlanValue {
  readonly plan: number;
  readonly to: string;
  readonly steps: readonly number[];
}

type ProgressValue = Omit<Served, 'candidate' | 'share'> & { readonly state: 'step' | 'halt' };

function parsed<T>(text: string | undefined): T | null {
  return text === undefined || text === 'none' ? null : (JSON.parse(text) as T);
}

export const planOf = (text: string | undefined) => parsed<PlanValue>(text);
export const progressOf = (text: string | undefined) => parsed<ProgressValue>(text);

/** What `docs/pointer.md` tells readers in other languages to do. Undefined where nobody may get the candidate. */
export function servedBy(plan: PlanValue | null, progress: ProgressValue | null, now: number): Served | undefined {
  if (!plan || !progress || progress.plan !== plan.plan || progress.state !== 'step') return undefined;
  if (now >= Date.parse(progress.until)) return undefined;
  const step = now < Date.parse(progress.at) ? progress.step - 1 : progress.step;
  return { ...progress, candidate: plan.to, share: plan.steps[step] ?? 0 };
}
