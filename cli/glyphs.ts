/** Signs that the command's own text uses; prompt text is never changed by them. */
export interface Glyphs {
  readonly arrow: string;
  readonly ellipsis: string;
  readonly none: string;
  readonly ok: string;
  readonly bad: string;
  readonly note: string;
  readonly dot: string;
  readonly line: string;
  readonly bar: string;
  readonly spinner: readonly string[];
}

/** For a terminal that shows them, and for pages. */
export const UNICODE: Glyphs = {
  arrow: '→',
  ellipsis: '…',
  none: '–',
  ok: '✔',
  bad: '✖',
  note: '•',
  dot: '·',
  line: '─',
  bar: '│',
  spinner: [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'],
};

const ASCII: Glyphs = {
  arrow: '->',
  ellipsis: '...',
  none: '-',
  ok: 'ok',
  bad: 'x',
  note: '*',
  dot: '-',
  line: '-',
  bar: '|',
  spinner: [...'|/-\\'],
};

/** The signs for a locale: POSIX takes the first of these three variables that is set. */
export function glyphsFor(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): Glyphs {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const isUtf8 =
    /utf-?8/i.test(locale) || (platform === 'win32' && locale === '') || (platform === 'darwin' && locale === '');
  return isUtf8 ? UNICODE : ASCII;
}

/** Our own typographic signs in text that comes from elsewhere in this package, as the glyphs have them. */
export function inGlyphs(text: string, glyphs: Glyphs): string {
  return glyphs === UNICODE ? text : text.replaceAll('…', '...').replaceAll('→', '->').replaceAll('–', '-');
}
