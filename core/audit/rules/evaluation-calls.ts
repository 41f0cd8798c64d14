import type { AuditedTrail, AuditRule } from '../audit-rule';
import { type CallsOfSide, type EvaluationCalls, evaluationCalls } from '../evaluation-calls';

/** What an evaluation says was answered was asked: CloudTrail has a rendering of each. */
export const evaluationCallsMade: AuditRule<AuditedTrail, 'CallsMissing'> = {
  name: 'evaluation-calls',
  reads:
    "how many questions each signed evaluation says that its versions answered, and their renderings by the signer's role in the trail's files",
  finds: {
    CallsMissing:
      'a signed evaluation has more answers than the role of its signer had renderings of that version while the suite ran: its counts cannot come from answers of that version. A note where the review is of before questions were counted, and cases may ask the same',
  },
  run(audited, report) {
    for (const one of evaluationCalls(audited)) {
      const missing = one.sides.filter(({ answers, renderings }) => renderings < answers);
      if (missing.length === 0) continue;
      const isProof = one.isCounted || missing.some(({ renderings }) => renderings === 0);
      report(
        'CallsMissing',
        one.key,
        `${missing.map((side) => text(side, one)).join('; ')}: its counts cannot come from those versions`,
        isProof ? {} : { level: 'note' },
      );
    }
  },
};

function text({ side, versions, answers, renderings }: CallsOfSide, { role, since, until }: EvaluationCalls): string {
  const which = side === 'candidate' ? 'what it is about' : 'what it compared with';
  return `says that version ${versions.join(' or ')}, ${which}, answered ${answers} questions; from ${since} to ${until} the trail has ${renderings} renderings of it by ${role} that no other evaluation needs`;
}
