import type { ContentDiff } from '../diff/content-diff';
import { type Html, html } from '../html';
import { page } from '../page';
import { timeElement } from '../time-element';
import type { ContentOrigin } from './content-origin';
import { DIFF_PAGE_STYLE } from './diff-page-style';
import { diffSections } from './diff-sections';

export interface DiffPageProps {
  readonly promptName: string;
  readonly diff: ContentDiff;
  /** How the two contents came where they are, in their order. @default - nothing is said of it */
  readonly origins?: readonly ContentOrigin[];
  /** How suites came out over the second content, compared with the first. @default - nothing is said of it */
  readonly measured?: readonly string[];
  readonly time: Date;
}

/**
 * A diff as one HTML page: no network, no script at all (its own policy forbids any), light and dark, two columns where
 * there is room. Everything that comes from a prompt is escaped, control and direction characters are written out.
 */
export function diffPage({ promptName, diff, origins = [], measured = [], time }: DiffPageProps): string {
  const title = `${promptName}: ${diff.before} → ${diff.after}`;
  const body = html`<header>
<h1>${promptName}</h1>
<div class="sides">
${side('Before', diff.before, origins[0])}
${side('After', diff.after, origins[1], measured)}
</div>
<p class="key">Compared ${timeElement(time)}. Removed words look <del>like this</del>, added words <ins>like this</ins>.</p>
</header>
<main id="changes">
${diffSections(diff)}
</main>`;
  return page({ title, style: DIFF_PAGE_STYLE, main: 'changes', skip: 'Skip to the changes', body });
}

function side(
  name: 'Before' | 'After',
  label: string,
  origin: ContentOrigin | undefined,
  measured: readonly string[] = [],
): Html {
  const title = html`<h2><span class="tally">${name}</span> ${label}</h2>`;
  const { what = '', when = null, who = null, why = null } = origin ?? {};
  const facts = origin && [
    html`<dt>When</dt><dd>${what}${when === null ? ', it is not known when' : html` ${timeElement(when)}`}</dd>`,
    ...(who === null ? [] : [html`<dt>Who</dt><dd>${who}</dd>`]),
    ...(why === null ? [] : [html`<dt>Why</dt><dd>${why}</dd>`]),
    ...measured.map((text) => html`<dt>Measured</dt><dd>${text}</dd>`),
  ];
  return html`<section class="side ${name.toLowerCase()}">${title}${facts ? html`<dl>${facts}</dl>` : ''}</section>`;
}
