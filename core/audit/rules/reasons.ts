import { canonicalJson } from '../../content/canonical-json';
import { reasonPrefix, timeOfReasonKey } from '../../ledger/layout';
import { parseReason } from '../../release/release-reason';
import type { AuditedRegistry, AuditRule } from '../audit-rule';
import type { Report } from '../finding';
import { type LedgerSurvey, type SurveyedChain, wasRead } from '../ledger-survey';

type Problem = 'ReasonElsewhere' | 'BadReason' | 'ReasonNotGiven';

interface GivenReasons {
  /** Stack, operation and text of each. */
  readonly texts: ReadonlySet<string>;
  /** Folders with a reason that is there and could not be read. */
  readonly unread: ReadonlySet<string>;
}

/** Reasons lie where their stack and time put them, and each record's reason was given to its stack operation. */
export const reasons: AuditRule<AuditedRegistry, Problem> = {
  name: 'reasons',
  reads: 'the release reasons, and the reason in each record',
  finds: {
    ReasonElsewhere: 'a reason lies under another stack or time than it says',
    BadReason: 'an object in the folder of the reasons is not a release reason',
    ReasonNotGiven: 'a record carries a reason that nobody gave to its stack operation',
  },
  run({ survey }, report) {
    const given = givenReasons(survey, report);
    for (const chain of survey.chains) recordedReasons(chain, given, report);
  },
};

function givenReasons(survey: LedgerSurvey, report: Report<Problem>): GivenReasons {
  const texts = new Set<string>();
  const unread = new Set<string>();
  for (const object of survey.reasons) {
    const { key, body } = object;
    if (!wasRead(object)) unread.add(key.slice(0, key.lastIndexOf('/') + 1));
    if (body === undefined) continue;
    try {
      const { stackId, reason, operation, time } = parseReason(body);
      if (!key.startsWith(reasonPrefix(stackId)))
        report('ReasonElsewhere', key, `is of the stack ${stackId}, and lies under another`);
      const drift = Math.abs((timeOfReasonKey(key) ?? 0) - Date.parse(time));
      if (!(drift < 60_000)) report('ReasonElsewhere', key, `says it was given at ${time}, its key says another time`);
      texts.add(canonicalJson([stackId, operation, reason]));
    } catch {
      report('BadReason', key, 'is no reason: it is half-written or was changed');
    }
  }
  return { texts, unread };
}

function recordedReasons(
  { records, objects }: SurveyedChain,
  { texts, unread }: GivenReasons,
  report: Report<Problem>,
): void {
  for (const { reason, stackId, operation, sequence } of records) {
    if (reason === null) continue;
    if (texts.has(canonicalJson([stackId, operation, reason])) || unread.has(reasonPrefix(stackId))) continue;
    report(
      'ReasonNotGiven',
      objects.get(sequence)?.key ?? '',
      `carries a reason that was not given to its stack operation ${operation ?? '(without a token)'}`,
    );
  }
}
