import { UNKNOWN_DIGEST } from '../../contract/digest-text';
import type { LedgerRecord } from '../../ledger/record';
import type { AuditedRegistry, AuditRule } from '../audit-rule';
import type { Report } from '../finding';
import type { SurveyedArchive, SurveyedChain } from '../ledger-survey';

type Problem = 'RecordDiffers' | 'ArchiveMissing';
type Place = NonNullable<LedgerRecord['to']>;

/** A record's version has the content of its archive, and an archive where the registry published it. */
export const recordedVersions: AuditRule<AuditedRegistry, Problem> = {
  name: 'recorded-versions',
  reads: 'the version and digest in each record, the archive, the claims, and what Bedrock holds',
  finds: {
    RecordDiffers: 'a record names another content than the archive or Bedrock has under that number',
    ArchiveMissing: 'a record names a version that the registry published, and its archive is missing',
  },
  run(audited, report) {
    const archived = new Map(audited.survey.archives.map((one) => [`${one.promptId}:${one.version}`, one]));
    for (const chain of audited.survey.chains) {
      for (const [key, to] of releasedPlaces(chain)) {
        compare(audited, chain.promptId, to, archived.get(`${chain.promptId}:${to.version}`), key, report);
      }
    }
  },
};

/** The versions that an alias was moved to, each once by every digest, with the key of the first record that did. */
function releasedPlaces({ records, objects }: SurveyedChain): [key: string, to: Place][] {
  const seen = new Set<string>();
  const places: [string, Place][] = [];
  for (const { to, sequence } of records) {
    const name = `${to?.version} ${to?.digest}`;
    if (to === null || to.digest === UNKNOWN_DIGEST || seen.has(name)) continue;
    seen.add(name);
    places.push([objects.get(sequence)?.key ?? '', to]);
  }
  return places;
}

function compare(
  { evidence, survey }: AuditedRegistry,
  promptId: string,
  { version, digest }: Place,
  archive: SurveyedArchive | undefined,
  key: string,
  report: Report<Problem>,
): void {
  const said = `released version ${version} with ${digest}`;
  if (archive) {
    if (archive.digest !== digest)
      report('RecordDiffers', key, `${said}; its archive ${archive.object.key} says otherwise`);
    return;
  }
  const now = evidence.held?.get(promptId)?.find((one) => one.version === version);
  if (now && now.digest !== digest) {
    report('RecordDiffers', key, `${said}; Bedrock holds ${now.digest} under that number`);
    return;
  }
  const claims = survey.claims.get(promptId) ?? [];
  if (claims.some((claim) => claim.digest === digest && claim.after < version)) {
    report('ArchiveMissing', key, `released version ${version}, which the registry published: its archive is missing`);
  }
}
