import type { AuditedTrail, AuditRule } from '../audit-rule';
import { DAY_MS } from '../clocks';
import { isCovered } from '../coverage';
import { type LedgerSurvey, readVersion, type SurveyedArchive } from '../ledger-survey';
import { promptOf, versionName, versionOf } from '../prompt-event';
import { registryPrompts } from '../registry-prompts';

/** Each archived version was made by a call. */
export const publishedVersions: AuditRule<AuditedTrail, 'PublicationWithoutEvent'> = {
  name: 'published-versions',
  reads: "the archive, the claims, and CloudTrail's `CreatePromptVersion`",
  finds: { PublicationWithoutEvent: 'a version is in the archive, and no call made it' },
  run(audited, report) {
    const { evidence, survey, trail } = audited;
    const ids = registryPrompts(survey, evidence);
    const made = trail.events.filter(
      (event) => event.name === 'CreatePromptVersion' && event.errorCode === null && ids.has(promptOf(event) ?? ''),
    );
    // A call whose version is not known may be that of any archive.
    if (made.some((event) => versionOf(event) === null)) return;
    const known = new Set(made.map(versionName));
    for (const archive of survey.archives) {
      const { promptId, version, object } = archive;
      if (known.has(`${promptId}:${version}`)) continue;
      const time = publishedAt(archive, survey);
      if (time === undefined || !isCovered(audited, time, DAY_MS)) continue;
      report(
        'PublicationWithoutEvent',
        object.key,
        `was published at ${time}; CloudTrail has no call that made version ${version}`,
      );
    }
  },
};

/** When its last claim was written, else when its archive was. */
function publishedAt({ promptId, version, digest, object }: SurveyedArchive, { claims }: LedgerSurvey) {
  const claimed = (claims.get(promptId) ?? [])
    .filter((claim) => claim.digest === digest && claim.after < version)
    .flatMap((claim) => readVersion(claim.object)?.time ?? []);
  return claimed.sort().at(-1) ?? readVersion(object)?.time;
}
