import type { Evaluation } from '../ledger/review';
import type { AuditedTrail } from './audit-rule';
import { CLOCKS_MS, DAY_MS } from './clocks';
import { signedEvaluations } from './evaluation-rows';
import { DELIVERY_MS } from './evidence';
import { type RenderingEvidence, roleIdOf } from './renderings';
import { isOfTrails } from './trail-name';

/** A file of a trail may come later than most do. */
const LATE_MS = 3_600_000;
/** A run that says that it took longer says so of others' calls. */
const LONGEST_RUN_MS = 7 * DAY_MS;
const TURNS = ['StartLogging', 'StopLogging', 'DeleteTrail'];
const TRAIL_CHANGES = [...TURNS, 'UpdateTrail', 'PutEventSelectors'];

/** Whether the trail can tell about the calls of an evaluation, and if not, why. */
export type CallsStanding =
  | 'compared'
  | 'not yet delivered'
  | 'older than what was read'
  | 'the trail was stopped or changed then'
  | 'the trail has no rendering of the prompt until then';

/** What an evaluation says that one of its versions answered, and what CloudTrail has of it. */
export interface CallsOfSide {
  readonly side: 'candidate' | 'live';
  readonly versions: readonly number[];
  readonly answers: number;
  /** Renderings by the signer's role while the run was under way, without those that another evaluation needs. */
  readonly renderings: number;
}

export interface EvaluationCalls {
  readonly key: string;
  readonly role: string;
  readonly standing: CallsStanding;
  readonly since: string;
  readonly until: string;
  /** Whether the run counted its questions. Where not, cases that ask the same are counted as many. */
  readonly isCounted: boolean;
  readonly sides: readonly CallsOfSide[];
}

type Calls = Pick<AuditedTrail, 'evidence' | 'survey' | 'trail'>;

interface Claim {
  readonly key: string;
  readonly pool: string;
  readonly versions: readonly number[];
  readonly from: number;
  readonly to: number;
  left: number;
}

/** Each signed evaluation with the renderings that its answers must have made; nothing where no renderings were read. */
export function evaluationCalls({ evidence, survey, trail }: Calls): EvaluationCalls[] {
  const { renderings } = trail;
  if (!renderings) return [];
  const versionsOf = versionsByDigest(survey);
  const claims: Claim[] = [];
  const found = signedEvaluations(survey).map(({ key, signer, evaluation, stored }) => {
    const role = roleIdOf(signer);
    const span = spanOf(evaluation, stored);
    const standing = standingOf(span, evaluation.promptId, { evidence, trail }, renderings);
    const sides = standing === 'compared' ? needsOf(evaluation, versionsOf) : [];
    const made = sides.map(({ versions, answers }) => {
      const pool = `${role} ${evaluation.promptId}`;
      return { key, pool, versions, from: span.from - CLOCKS_MS, to: span.to + CLOCKS_MS, left: answers };
    });
    claims.push(...made);
    const [since, until] = [span.from, span.to].map((time) => new Date(time).toISOString()) as [string, string];
    return { key, role, standing, since, until, isCounted: evaluation.questions !== undefined, sides, made };
  });
  assign(claims, renderings);
  return found.map(({ sides, made, ...one }) => ({
    ...one,
    sides: sides.map((side, at) => ({ ...side, renderings: side.answers - (made[at]?.left ?? 0) })),
  }));
}

/**
 * Gives each rendering to one evaluation that may have made it, of several to the one that was signed first: so they are
 * enough for all of them wherever they can be.
 */
function assign(claims: readonly Claim[], { renderings }: RenderingEvidence): void {
  const firstSigned = [...claims].sort((a, b) => a.to - b.to);
  const calls = renderings.flatMap(({ role, promptId, version, times }) =>
    times.map((time) => ({ pool: `${role} ${promptId}`, version, at: Date.parse(time) })),
  );
  for (const { pool, version, at } of calls.sort((a, b) => a.at - b.at)) {
    const claim = firstSigned.find(
      (one) => one.left > 0 && one.pool === pool && one.versions.includes(version) && one.from <= at && at <= one.to,
    );
    if (claim) claim.left -= 1;
  }
}

function spanOf({ time, questions }: Evaluation, stored: string): { from: number; to: number } {
  const to = Date.parse(stored);
  // Nothing else says how long a run of before took.
  const since = questions ? Date.parse(questions.since) : Math.min(Date.parse(time), to) - 2 * DAY_MS;
  return { from: Math.max(Math.min(since, to), to - LONGEST_RUN_MS), to };
}

function standingOf(
  { from, to }: { from: number; to: number },
  promptId: string,
  { evidence, trail }: Pick<Calls, 'evidence' | 'trail'>,
  { first }: RenderingEvidence,
): CallsStanding {
  if (to > Math.min(Date.parse(trail.to), Date.parse(evidence.now) - LATE_MS)) return 'not yet delivered';
  if (from < Date.parse(trail.from)) return 'older than what was read';
  if (!isSteady({ from, to }, { evidence, trail })) return 'the trail was stopped or changed then';
  const begins = first[promptId];
  const isTaken = begins !== undefined && Date.parse(begins) <= to + CLOCKS_MS;
  return isTaken ? 'compared' : 'the trail has no rendering of the prompt until then';
}

/** Whether the trail logged all the while, and took the same events. */
function isSteady({ from, to }: { from: number; to: number }, { evidence, trail }: Pick<Calls, 'evidence' | 'trail'>) {
  const changes = trail.events
    .filter((event) => event.source === 'cloudtrail.amazonaws.com' && event.errorCode === null)
    .filter((event) => TRAIL_CHANGES.includes(event.name) && isOfTrails(event, evidence))
    .map(({ name, time }) => ({ name, at: Date.parse(time) }))
    .filter(({ at }) => at <= to + DELIVERY_MS)
    .sort((a, b) => a.at - b.at);
  const isStopped = ['StopLogging', 'DeleteTrail'].includes(
    changes.findLast(({ name }) => TURNS.includes(name))?.name ?? '',
  );
  return !isStopped && changes.every(({ at }) => at < from - DELIVERY_MS);
}

/** How many answers each version gave at least. An answer that is missing or could not be judged may be of either side. */
function needsOf(
  { digest, version, baseline, cases, errors, promptId, questions }: Evaluation,
  versionsOf: (promptId: string, digest: string) => number[],
): Omit<CallsOfSide, 'renderings'>[] {
  const least = Math.max(0, cases - errors);
  const candidate = versionsOf(promptId, digest);
  const named = candidate.length > 0 ? candidate : version === null ? [] : [version];
  const live = baseline === null || baseline === digest ? [] : versionsOf(promptId, baseline);
  return [
    { side: 'candidate' as const, versions: named, answers: questions?.candidate ?? least },
    { side: 'live' as const, versions: live, answers: questions?.live ?? least },
  ].filter(({ versions, answers }) => versions.length > 0 && answers > 0);
}

/** Numbers that a content was published under, as the archive has them. */
function versionsByDigest({ archives }: Calls['survey']) {
  return (promptId: string, digest: string): number[] =>
    archives.filter((one) => one.promptId === promptId && one.digest === digest).map(({ version }) => version);
}
