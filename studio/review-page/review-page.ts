import type { ContentDiff } from '../diff/content-diff';
import { DIFF_PAGE_STYLE } from '../diff-page/diff-page-style';
import { diffSections } from '../diff-page/diff-sections';
import { type Html, html, lines } from '../html';
import { page } from '../page';
import { timeElement } from '../time-element';
import { REVIEW_PAGE_STYLE } from './review-page-style';

export interface ReviewPageProps {
  readonly promptName: string;
  readonly aliasName: string;
  readonly from: number | null;
  readonly to: number;
  /** Of exactly the words that the page shows. */
  readonly digest: string;
  readonly diff: ContentDiff;
  /** What to know besides, in order: title and text. */
  readonly facts: readonly (readonly [string, string])[];
  /** What is missing; empty where the alias may move. */
  readonly missing: readonly string[];
  /** Newest first. */
  readonly thread: readonly ReviewPageEntry[];
  readonly time: Date;
}

export interface ReviewPageEntry {
  readonly person: string;
  readonly group: string;
  readonly what: string;
  /** ISO 8601. */
  readonly time: string;
  readonly comment: string;
}

/**
 * What reviewers read before they agree, as one file to keep or print: words, who asked, what is missing, what was said. It
 * has no button: an approval is signed with the reviewer's own session.
 */
export function reviewPage(props: ReviewPageProps): string {
  const { promptName, aliasName, from, to, digest, diff, facts, missing, thread, time } = props;
  const move = `${from ?? '–'} → ${to}`;
  const body = html`<header>
<h1>${promptName} ${aliasName} ${move}</h1>
<dl class="facts">
<dt>Digest</dt><dd><code>${digest}</code></dd>
${lines(facts.map(([title, text]) => html`<dt>${title}</dt><dd>${text}</dd>`))}
${lines(missing.map((text) => html`<dt>Missing</dt><dd>${text}</dd>`))}
</dl>
<p class="key">As of ${timeElement(time)}. Removed words look <del>like this</del>, added words <ins>like this</ins>.</p>
</header>
<main id="changes">
${diffSections(diff)}
${thread.length > 0 ? said(thread) : ''}
</main>`;
  const title = `${promptName} ${aliasName}: ${move}`;
  return page({
    title,
    style: html`${DIFF_PAGE_STYLE}${REVIEW_PAGE_STYLE}`,
    main: 'changes',
    skip: 'Skip to the changes',
    body,
  });
}

function said(thread: readonly ReviewPageEntry[]): Html {
  const entries = thread.map(
    ({ person, group, what, time, comment }) =>
      html`<li><strong>${person}</strong> as ${group}, ${timeElement(new Date(time))}: ${what}${comment && html`<p>${comment}</p>`}</li>`,
  );
  return html`<section aria-labelledby="said"><h2 id="said">What was said</h2>
<ul class="said">
${lines(entries)}
</ul></section>`;
}
