import { type Html, html } from './html';
import { PAGE_STYLE } from './page-style';

export interface Page {
  readonly title: string;
  /** What it has besides the look of all pages. */
  readonly style: Html;
  /** Id of the main part, for those who jump over the header. */
  readonly main: string;
  /** What the link to it says. */
  readonly skip: string;
  readonly body: Html;
}

/** One page to keep: no network and no script at all, which its own policy forbids. */
export function page({ title, style, main, skip, body }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>${title}</title>
<style>${PAGE_STYLE}${style}</style>
</head>
<body>
<a class="skip" href="#${main}">${skip}</a>
${body}
</body>
</html>
`.toString();
}
