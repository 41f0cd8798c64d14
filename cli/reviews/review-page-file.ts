import { writeFile } from 'node:fs/promises';
import { reviewPage } from '../../studio/review-page/review-page';
import { CliError } from '../cli-error';
import { UNICODE } from '../glyphs';
import { callersText, modelText, variableNotes } from '../release/plan-text';
import { styles } from '../styled-text';
import { type Said, saidText } from './consent';
import { runText } from './measured-run';
import { unreadOf, wordsOf } from './review-thread';
import type { ReviewedMove } from './reviewed-move';
import { unreadText } from './thread-text';

/** A page is in nobody's locale; colours are its own. */
const PLAIN = { colors: styles(false), glyphs: UNICODE };

/** Writes what a reviewer reads as one file. */
export async function writeReviewPage(path: string, move: ReviewedMove, time: Date): Promise<void> {
  const { prompt, alias, from, to, digest, diff, missing, thread, model, variables, callers } = move;
  const said = (title: string, all: readonly Said[]) => all.map((one): [string, string] => [title, saidText(one)]);
  const unread = unreadOf(thread);
  const facts: [string, string][] = [
    ['Model', modelText(model, PLAIN)],
    ...variableNotes(variables, PLAIN).map((note): [string, string] => ['Variables', note]),
    ...(callers === null ? [] : [['Callers', callersText(callers)] as [string, string]]),
    ...said('Asked', move.asked),
    ...said('Approved', move.approved),
    ...said('Rejected', move.rejected),
    ...(unread.length > 0 ? [['Not read', unreadText(unread)] as [string, string]] : []),
    ...(move.measured ?? []).map((run): [string, string] => ['Measured', runText(run)]),
    ...(move.warnings ?? []).map((warning): [string, string] => ['Note', warning]),
  ];
  const entries = thread.map((entry) => {
    const { person, group, kind, time: when } = entry;
    return { person, group, what: kind ?? 'cannot be read', time: when, comment: wordsOf(entry) };
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
