import { canonicalJson } from '../../content/canonical-json';
import { reviewsPrefix } from '../../ledger/layout';
import type { PassedReview } from '../../ledger/record-schema-2';
import { evaluationIn, type SignedReview, signedReview } from '../../ledger/review';
import type { Gate } from '../../release/gate';
import { isModelGate } from '../../release/gates/model';
import { judge } from '../../release/judge';
import { lastLeftAmong } from '../../release/last-left';
import { addToGroup } from '../add-to-group';
import type { AuditedRegistry, AuditRule } from '../audit-rule';
import type { Report } from '../finding';
import { type LedgerSurvey, readVersion, type SurveyedReview, wasRead } from '../ledger-survey';
import { type Agreed, type RecordedMove, recordedMoves, undoneToElsewhere } from '../moves';

type Problem = 'ConsentMissing' | 'NotBack';

/** A handler judges and writes within its 3 minutes; what was said meanwhile it may have seen or not. */
const HANDLER_MS = 3 * 60_000;

/** Each move was let through as its record says: judged once more, by the reviews that are there. */
export const consent: AuditRule<AuditedRegistry, Problem> = {
  name: 'consent',
  reads: 'what each record says that its move passed by, its model, the reviews, and the records before it',
  finds: {
    ConsentMissing:
      'a move was not agreed to as its record says: a review is missing or another one, came too late, had expired, was by too few people, somebody had rejected, or its model was none that the gate lets through',
    NotBack:
      'a record says that its move went back to what was agreed before, or that it undid a release, and it did not',
  },
  run({ survey }, report) {
    const reviews = reviewsByContent(survey);
    for (const chain of survey.chains) {
      for (const move of recordedMoves(chain)) judgeMove(move, reviews, report);
      for (const { sequence, to } of undoneToElsewhere(chain)) {
        const key = chain.objects.get(sequence)?.key ?? '';
        report('NotBack', key, `says that it undoes a release: the alias never stood on version ${to?.version} before`);
      }
    }
  },
};

type ReviewsByContent = ReadonlyMap<string, readonly SurveyedReview[]>;

function reviewsByContent({ reviews }: LedgerSurvey): ReviewsByContent {
  const found = new Map<string, SurveyedReview[]>();
  for (const review of reviews) addToGroup(found, reviewsPrefix(review.address), review);
  return found;
}

function judgeMove(move: RecordedMove, reviews: ReviewsByContent, report: Report<Problem>): void {
  const { record, target, key, back } = move;
  const { passed } = record;
  if (!passed) return;
  if (passed.how === 'back') {
    if (back?.sequence === passed.to) return;
    const found = back ? `it went back to that of record ${back.sequence}` : 'it went forward';
    report('NotBack', key, `says that it went back to the place of record ${passed.to}: ${found}`);
    return;
  }
  if (passed.how === 'carried') {
    if (!move.agreed) report('ConsentMissing', key, `says that record ${passed.plan} agreed to it, which did not`);
    return;
  }
  const { promptId, alias, registry } = record;
  const ofContent = reviews.get(reviewsPrefix({ promptId, alias, digest: target.digest })) ?? [];
  if (ofContent.some(({ object }) => !wasRead(object))) return;
  const signed = ofContent.flatMap(({ object: { key: at, body }, object }) => {
    const time = new Date(readVersion(object)?.time ?? '');
    return body === undefined || Number.isNaN(time.getTime())
      ? []
      : (signedReview({ key: at, body, time }, registry) ?? []);
  });
  const wrong =
    namedWrong(passed, signed, move.stored) ?? modelWrong(passed, target) ?? disagreement(passed, signed, move);
  if (wrong !== undefined) report('ConsentMissing', key, wrong);
}

/** What is wrong with a review that the record names. */
function namedWrong({ reviews }: Agreed, signed: readonly SignedReview[], at: string): string | undefined {
  for (const { key, sha256, time, kind, metrics } of reviews) {
    const found = signed.find((review) => review.key === key);
    if (!found) return `names a review that is not there: ${key}`;
    if (kind !== undefined && found.review?.kind !== kind) return `names as ${kind} a review that is none: ${key}`;
    if (!isCounted(found, metrics)) return `names other counts than the review holds: ${key}`;
    if (found.sha256 !== sha256) return `names a review whose content is another one now: ${key}`;
    if (Date.parse(found.time) !== Date.parse(time)) {
      return `names a review of ${time}, which S3 has since ${found.time}: ${key}`;
    }
    if (Date.parse(time) > Date.parse(at)) return `names a review that came later, at ${time}: ${key}`;
  }
  return undefined;
}

/** What is wrong with the model that the record names. */
function modelWrong({ gates, model }: Agreed, target: RecordedMove['target']): string | undefined {
  if (!target.model || !(gates as readonly Gate[]).some(isModelGate)) return undefined;
  if (model === null) return `says nothing about its model ${target.model}, for which it had a gate`;
  return model.id === target.model ? undefined : `says what ${model.id} is, and went to a version on ${target.model}`;
}

function isCounted({ review }: SignedReview, metrics: PassedReview['metrics']): boolean {
  return metrics === undefined || canonicalJson(metrics) === canonicalJson(evaluationIn(review)?.metrics ?? null);
}

/** Why nothing that the handler may have seen when it judged lets the move through. */
function disagreement({ gates, reviews, model }: Agreed, signed: readonly SignedReview[], move: RecordedMove) {
  const { record, target, older, stored } = move;
  const at = Date.parse(stored);
  const oldestFirst = [...signed].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
  const until = (time: number) => oldestFirst.filter((review) => Date.parse(review.time) <= time);
  const named = new Set(reviews.map(({ key }) => key));
  const before = until(at - HANDLER_MS);
  const meanwhile = until(at).slice(before.length);
  const seen = [
    [...before, ...meanwhile.filter(({ key }) => named.has(key))],
    ...meanwhile.map((_, index) => [...before, ...meanwhile.slice(0, index + 1)]),
  ];
  const oldest = Date.parse(oldestFirst[0]?.time ?? record.time);
  const leftAt = lastLeftAmong(target, older, oldest);
  const facts = {
    promptName: record.prompt,
    aliasName: record.alias,
    target,
    live: record.from?.digest ?? null,
    gates: gates as readonly Gate[],
    model: model ? { ...model, model: model.model ?? null } : undefined,
    leftAt,
    now: at - HANDLER_MS,
  };
  const refusal = (those: readonly SignedReview[]) => judge({ ...facts, reviews: those }).refusals[0];
  const own = refusal(signed.filter(({ key }) => named.has(key)));
  if (own) return `names reviews that do not agree to version ${target.version}: ${own.code}: ${own.message}`;
  const refusals = seen.map(refusal);
  if (refusals.includes(undefined)) return undefined;
  const [first] = refusals;
  return `could not move to version ${target.version}: ${first?.code}: ${first?.message}`;
}
