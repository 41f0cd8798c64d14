import { writeFile } from 'node:fs/promises';
import { reviewPage } from '../../studio/review-page/review-page';
import { timestamp } from '../age';
import { CliError } from '../cli-error';
import type { Said } from './consent';
import type { ReviewedMove } from './reviewed-move';

/** Writes what a reviewer reads as one file. */
export async function writeReviewPage(path: string, move: ReviewedMove, time: Date): Promise<void> {
  const { prompt, alias, from, to, digest, diff, missing, thread, model, variables, callers } = move;
  const said = (title: string, all: readonly Said[]) =>
    all.map(({ person, group, time: when, comment }): [string, string] => [
      title,
      `${person} as ${group}, ${timestamp(new Date(when))}${comment === null ? '' : `: ${comment}`}`,
    ]);
  const facts: [string, string][] = [
    ['Model', model.from === model.to ? (model.to ?? '–') : `${model.from ?? '–'} → ${model.to ?? '–'}`],
    ...variables.added.map((name): [string, string] => ['Variables', `callers must now supply ${name}`]),
    ...variables.removed.map((name): [string, string] => ['Variables', `callers need no longer supply ${name}`]),
    ...(callers === null ? [] : [['Callers', callers.join(', ') || 'nobody yet'] as [string, string]]),
    ...said('Asked', move.asked),
    ...said('Approved', move.approved),
    ...said('Rejected', move.rejected),
  ];
  const entries = thread.map(({ person, group, kind, time: when, comment, problem }) => {
    return { person, group, what: kind ?? 'cannot be read', time: when, comment: comment ?? problem ?? '' };
  });
  const html = reviewPage({
    promptName: prompt,
    aliasName: alias,
    from,
    to,
    digest,
    diff,
    facts,
    missing: missing.map(({ message }) => message),
    thread: entries,
    time,
  });
  try {
    await writeFile(path, html);
  } catch (cause) {
    throw new CliError({ what: `cannot write ${path}`, why: (cause as Error).message }, undefined, { cause });
  }
}
