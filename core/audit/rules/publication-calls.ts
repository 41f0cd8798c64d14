import type { AuditedTrail, AuditRule } from '../audit-rule';
import { isCovered } from '../coverage';
import type { Report } from '../finding';
import { promptOf, versionName, versionOf } from '../prompt-event';
import { levelOf, registryPrompts } from '../registry-prompts';
import { actorName, roleName, type TrailEvent } from '../trail-event';

type Problem = 'VersionByOther' | 'NotArchived' | 'PublicationGone';

/** Each call that made a version came from the publisher, and its version is archived. */
export const publicationCalls: AuditRule<AuditedTrail, Problem> = {
  name: 'publication-calls',
  reads: "CloudTrail's `CreatePromptVersion` and `DeletePrompt`, the archive, and what Bedrock holds",
  finds: {
    VersionByOther: "a version was made by somebody other than the registry's publisher",
    NotArchived: 'a version of the publisher is in Bedrock and not in the archive: the next deployment archives it',
    PublicationGone: 'a version of the publisher is neither in the archive nor in Bedrock, and no call deleted it',
  },
  run(audited, report) {
    const { evidence, survey, trail } = audited;
    const ids = registryPrompts(survey, evidence);
    const calls = trail.events.filter((event) => event.errorCode === null && ids.has(promptOf(event) ?? ''));
    const deleted = calls.filter(({ name }) => name === 'DeletePrompt').map(versionName);
    const archived = survey.archives.map(({ promptId, version }) => `${promptId}:${version}`);
    const explained = new Set([...archived, ...deleted]);
    const held =
      evidence.held &&
      new Set([...evidence.held].flatMap(([id, found]) => found?.map(({ version }) => `${id}:${version}`) ?? []));
    for (const event of calls) {
      if (event.name !== 'CreatePromptVersion') continue;
      if (evidence.publisher !== null && roleName(event.identity) !== evidence.publisher) {
        report(
          'VersionByOther',
          versionName(event),
          `was made at ${event.time} by ${actorName(event.identity)}, not by the registry's publisher`,
          { events: [event.id], ...levelOf(event, survey) },
        );
      } else if (versionOf(event) !== null && !explained.has(versionName(event)) && isCovered(audited, event.time)) {
        notArchived(event, held, report);
      }
    }
  },
};

function notArchived(event: TrailEvent, held: ReadonlySet<string> | undefined, report: Report<Problem>): void {
  const name = versionName(event);
  const events = [event.id];
  // A publisher that died before it could archive; the next deployment archives it.
  if (!held || held.has(name))
    report('NotArchived', name, `was made by the publisher at ${event.time} and is not in the archive`, {
      level: 'note',
      events,
    });
  else
    report(
      'PublicationGone',
      name,
      `was made by the publisher at ${event.time}; neither the archive nor Bedrock has it, and no call deleted it`,
      { events },
    );
}
