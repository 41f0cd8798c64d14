import type { AuditedTrail, AuditRule } from '../audit-rule';
import type { Report } from '../finding';
import { isStackExecution } from '../parameter-events';
import { promptOf, versionOf } from '../prompt-event';
import { levelOf, registryPrompts } from '../registry-prompts';
import { actorName, roleName, type TrailEvent } from '../trail-event';

type Problem = 'DraftChanged' | 'PromptDeleted' | 'VersionDeleted';

/** Drafts, prompts and versions that somebody else changed or deleted. */
export const promptChanges: AuditRule<AuditedTrail, Problem> = {
  name: 'prompt-changes',
  reads: "CloudTrail's `UpdatePrompt` and `DeletePrompt`",
  finds: {
    DraftChanged: 'a draft was changed by hand; no version changes by that',
    PromptDeleted: 'a prompt was deleted, with all its versions',
    VersionDeleted: "a version was deleted by somebody other than the registry's publisher",
  },
  run(audited, report) {
    const ids = registryPrompts(audited.survey, audited.evidence);
    for (const event of audited.trail.events) {
      const promptId = promptOf(event) ?? '';
      if (event.errorCode !== null || !ids.has(promptId)) continue;
      if (event.name === 'UpdatePrompt') draftChanged(audited, event, promptId, report);
      if (event.name === 'DeletePrompt') deleted(audited, event, promptId, report);
    }
  },
};

function draftChanged({ evidence }: AuditedTrail, event: TrailEvent, promptId: string, report: Report<Problem>): void {
  // The publisher sets types right that CloudFormation changed: docs/adr/0012-types-set-right-in-the-draft.md.
  const isPublisher = evidence.publisher !== null && roleName(event.identity) === evidence.publisher;
  if (isPublisher || isStackExecution(event, evidence.stacks)) return;
  report(
    'DraftChanged',
    `prompt ${promptId}`,
    `had its draft changed at ${event.time} by ${actorName(event.identity)}; no version changes by that`,
    { level: 'note', events: [event.id] },
  );
}

function deleted(
  { evidence, survey }: AuditedTrail,
  event: TrailEvent,
  promptId: string,
  report: Report<Problem>,
): void {
  const who = actorName(event.identity);
  const events = [event.id];
  const version = versionOf(event);
  if (version === null) {
    // A first deployment that fails takes back the prompt that it made.
    const byStack = isStackExecution(event, evidence.stacks);
    report('PromptDeleted', `prompt ${promptId}`, `was deleted at ${event.time} by ${who}, with all its versions`, {
      ...(byStack && { level: 'note' }),
      events,
    });
  } else if (evidence.publisher !== null && roleName(event.identity) !== evidence.publisher) {
    report(
      'VersionDeleted',
      `${promptId}:${version}`,
      `was deleted at ${event.time} by ${who}, not by the registry's publisher`,
      { events, ...levelOf(event, survey) },
    );
  }
}
