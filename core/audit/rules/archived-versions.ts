import { VERSION_LIMIT } from '../../contract/bedrock-limits';
import { archiveProblem } from '../../ledger/archive-problem';
import type { AuditedRegistry, AuditRule } from '../audit-rule';
import type { Report } from '../finding';
import type { SurveyedArchive } from '../ledger-survey';

type Problem = 'TwoArchives' | 'ArchiveChanged' | 'VersionDiffers' | 'VersionGone';

/** Each archived version against its own name, and against what Bedrock holds under its number. */
export const archivedVersions: AuditRule<AuditedRegistry, Problem> = {
  name: 'archived-versions',
  reads: 'each archived version, and the version that Bedrock holds under its number',
  finds: {
    TwoArchives: 'a version has two archives: a version has one content',
    ArchiveChanged: 'an archived version is not what its key says: the content was changed',
    VersionDiffers: 'Bedrock holds another content under that number than the archive',
    VersionGone: 'Bedrock lacks a version that the registry would not have deleted',
  },
  run(audited, report) {
    const archived = new Map<string, SurveyedArchive>();
    for (const archive of audited.survey.archives) {
      const { promptId, version, object: found } = archive;
      const other = archived.get(`${promptId}:${version}`);
      if (other) {
        report(
          'TwoArchives',
          found.key,
          `is a second archive of version ${version}, next to ${other.object.key}: a version has one content`,
        );
      }
      archived.set(`${promptId}:${version}`, archive);
      const problem = found.body === undefined ? undefined : archiveProblem(archive, found.body);
      if (problem) report('ArchiveChanged', found.key, problem);
      compareWithBedrock(audited, archive, report);
    }
  },
};

function compareWithBedrock(
  { evidence, survey }: AuditedRegistry,
  { promptId, version, digest, object: { key } }: SurveyedArchive,
  report: Report<Problem>,
): void {
  const versions = evidence.held?.get(promptId);
  if (!versions) return;
  const now = versions.find((one) => one.version === version);
  if (now) {
    if (now.digest === digest) return;
    report(
      'VersionDiffers',
      `${promptId}:${version}`,
      `holds ${now.digest ?? 'a content that this command does not know'}, its archive ${key} holds ${digest}`,
    );
    return;
  }
  const standing = survey.chains.filter(
    (chain) => !chain.unread && chain.promptId === promptId && chain.records.at(-1)?.to?.version === version,
  );
  if (standing.length > 0) {
    const names = standing.map(({ alias }) => alias).join(', ');
    report(
      'VersionGone',
      `${promptId}:${version}`,
      `is not in Bedrock, and ${names} points at it: the registry never deletes such a version, so somebody else did`,
    );
    return;
  }
  const highest = Math.max(...versions.map((one) => one.version), version);
  if (highest <= VERSION_LIMIT) {
    report(
      'VersionGone',
      `${promptId}:${version}`,
      `is not in Bedrock, which never held more than ${highest} versions of this prompt: the registry deletes only to make room under ${VERSION_LIMIT}, so somebody else did`,
    );
  }
}
