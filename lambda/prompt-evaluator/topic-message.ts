import type { EvaluationJob } from './evaluation-job';
import type { Worsening } from './worse';

/** What a topic gets: no text of a case, a prompt or an answer, only ids and counts. */
export interface TopicMessage {
  /** At most 100 characters of ASCII: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
  readonly subject: string;
  readonly text: string;
}

const SUBJECT_LENGTH = 100;
/** Ids that a message names; the others are in the run. */
const MOST_NAMED = 20;

export function worseMessage(job: EvaluationJob, { critical, metrics }: Worsening, runAt: string): TopicMessage {
  const { prompt, alias, candidate, live } = job;
  const isDaily = job.kind === 'daily';
  const what = isDaily ? `${prompt} ${alias} (:${candidate.version})` : `${prompt} :${candidate.version}`;
  const than = isDaily ? 'its own last run' : `what ${alias} stands on${live ? ` (:${live.version})` : ''}`;
  const title = metrics.length > 0 ? `${what} is worse than ${than}` : `${what} fails critical cases`;
  const lines = [
    `${title}. Nothing was moved.`,
    ...(critical.length > 0 ? [`Critical cases that fail: ${named(critical)}`] : []),
    ...metrics.map(
      ({ name, cases, now, before, lost }) =>
        `${name}: ${before} of ${cases} cases passed, now ${now}. No longer: ${named(lost)}`,
    ),
    `Model: ${candidate.model ?? 'unknown'}. Suite: ${job.suite}. Run: ${runAt}`,
  ];
  return { subject: subject(title), text: lines.join('\n') };
}

export function stoppedMessage({ prompt, alias, candidate, suite }: EvaluationJob, reason: string): TopicMessage {
  const title = `${prompt} :${candidate.version} could not be evaluated`;
  const text = `${title} for ${alias}: ${reason}. Nothing was signed and nothing was moved. Suite: ${suite}`;
  return { subject: subject(title), text };
}

function named(ids: readonly string[]): string {
  const more = ids.length - MOST_NAMED;
  return `${ids.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function subject(title: string): string {
  const ascii = title.replace(/[^ -~]/g, '?');
  return ascii.length > SUBJECT_LENGTH ? `${ascii.slice(0, SUBJECT_LENGTH - 3)}...` : ascii;
}
