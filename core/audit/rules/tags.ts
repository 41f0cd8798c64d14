import { tagPrefix } from '../../ledger/layout';
import { parseTagEntry } from '../../ledger/tag-entry';
import { addToGroup } from '../add-to-group';
import type { AuditedRegistry, AuditRule } from '../audit-rule';
import type { Report } from '../finding';
import { readVersion, type SurveyedTag } from '../ledger-survey';

type Problem = 'BadTag' | 'TagMoved' | 'TagGap';

/** A tag names one content for good from the first record of that content on. */
export const tags: AuditRule<AuditedRegistry, Problem> = {
  name: 'tags',
  reads: 'the key and the body of each entry of a tag, when S3 stored it, and the records of the contents',
  finds: {
    BadTag: 'an entry of a tag cannot be read, or says another thing than its key',
    TagMoved: 'a tag was given to another content after a record had named the one before',
    TagGap: 'entries of a tag are missing before another one of it',
  },
  run({ survey }, report) {
    const all = new Map<string, SurveyedTag[]>();
    for (const tag of survey.tags) addToGroup(all, tagPrefix(tag.address.promptId, tag.address.tag), tag);
    for (const entries of all.values()) {
      const { promptId } = (entries[0] as SurveyedTag).address;
      const records = survey.chains.filter((chain) => chain.promptId === promptId).flatMap((chain) => chain.records);
      const released = (digest: string) => records.find(({ to }) => to?.digest === digest)?.time;
      history(entries, released, report);
    }
  },
};

function history(
  entries: readonly SurveyedTag[],
  released: (digest: string) => string | undefined,
  report: Report<Problem>,
): void {
  let before: { readonly number: number; readonly digest: string | undefined } = { number: 0, digest: undefined };
  for (const { address, object } of [...entries].sort((a, b) => a.address.number - b.address.number)) {
    const { key, body } = object;
    const missing = address.number - before.number - 1;
    if (missing > 0) report('TagGap', key, `is entry ${address.number} of its tag: ${missing} before it are not there`);
    const entry = body === undefined ? undefined : parseTagEntry(key, body);
    if (body !== undefined && entry === undefined) report('BadTag', key, 'is no entry of this tag');
    const time = readVersion(object)?.time ?? '';
    const first = before.digest === undefined ? undefined : released(before.digest);
    if (entry && first !== undefined && entry.digest !== before.digest && first < time) {
      report(
        'TagMoved',
        key,
        `gives the tag to ${entry.digest} at ${time}: a record of ${first} named ${before.digest}`,
      );
    }
    before = { number: address.number, digest: entry?.digest };
  }
}
