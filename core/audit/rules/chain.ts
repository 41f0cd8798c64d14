import type { ChainProblem } from '../../ledger/chain';
import { ledgerKey } from '../../ledger/layout';
import { recordDigest } from '../../ledger/record';
import type { AuditedRegistry, AuditRule } from '../audit-rule';
import { CLOCKS_MS } from '../clocks';
import type { KnownHead } from '../evidence';
import type { Report } from '../finding';
import { type LedgerSurvey, type SurveyedChain, wasRead } from '../ledger-survey';

type Problem = ChainProblem | 'TimeRunsBack';

/** Order, gaps, digests and continuity of each alias's records, and whether the heads are there that were noted before. */
export const chain: AuditRule<AuditedRegistry, Problem> = {
  name: 'chain',
  reads: "each alias's records, and the chain heads that an earlier audit printed",
  finds: {
    NotAsKnown: 'a record that was noted earlier is missing, or has another content',
    BadKey: 'an object of the ledger has a key that no record has',
    BadRecord: 'an object of the ledger is not a record',
    WrongKey: 'a record says that it belongs at another key',
    OtherAlias: 'a record is of another prompt or alias than the first of its chain',
    Fork: 'two records have the same sequence number',
    Gap: 'records are missing between two others',
    WrongPrevious: 'a record does not carry the digest of the record before: one of the two was changed',
    WrongFrom: 'a record does not begin at the version where the record before ended',
    NotJudged: 'a record needs a newer version of the package: its move is shown, its effect is not judged',
    TimeRunsBack: 'a record says that it is older than the record that it follows',
  },
  run({ evidence, survey }, report) {
    for (const head of evidence.knownHeads ?? []) knownHead(head, survey, report);
    for (const one of survey.chains) {
      for (const { problem, key, message } of one.findings) report(problem, key, message);
      for (const { problem, key, message } of one.notes) report(problem, key, message, { level: 'note' });
      times(one, report);
    }
  },
};

function knownHead(head: KnownHead, { chains }: LedgerSurvey, report: Report<Problem>): void {
  const { promptId, alias, sequence, digest } = head;
  const object = chains.find((one) => one.promptId === promptId && one.alias === alias)?.objects.get(sequence);
  const body = object?.body;
  if (object && !wasRead(object)) return;
  if (digest === null || (body !== undefined && recordDigest(body) === digest)) return;
  const state = body === undefined ? 'is missing' : 'has another content';
  report(
    'NotAsKnown',
    ledgerKey(promptId, alias, sequence),
    `${state}: it was noted as record ${sequence} with the digest ${digest}`,
  );
}

function times({ records, objects, alias }: SurveyedChain, report: Report<Problem>): void {
  for (const [index, { sequence, time }] of records.entries()) {
    const before = records[index - 1];
    if (!before || !(Date.parse(time) < Date.parse(before.time) - CLOCKS_MS)) continue;
    const key = objects.get(sequence)?.key ?? alias;
    report('TimeRunsBack', key, `says ${time}; record ${before.sequence}, which it follows, says ${before.time}`);
  }
}
