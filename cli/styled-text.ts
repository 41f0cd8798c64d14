import { randomBytes } from 'node:crypto';
import pc from 'picocolors';
import stringWidth from 'string-width';
import wrapAnsi, { type Options } from 'wrap-ansi';
import { visibleText } from '../core/text/visible-text';

export type Colors = ReturnType<typeof pc.createColors>;

/**
 * Stands for the escape character in what this command styles, until it is written. No text from elsewhere can hold it, so
 * the escape characters of such text are known, and written out.
 */
const ESCAPE = `\u{f0000}${randomBytes(12).toString('hex')}`;

/** Styles for text that `printable` writes. */
export function styles(enabled: boolean): Colors {
  const colors = pc.createColors(enabled);
  if (!colors.isColorSupported) return colors;
  const entries = Object.entries(colors).map(([name, style]) => [
    name,
    typeof style === 'function' ? (text: string) => pending(style(printable(String(text)))) : style,
  ]);
  return Object.fromEntries(entries) as Colors;
}

/** Text as a terminal gets it: our styles, and what nobody sees written out. */
export function printable(text: string): string {
  return text.split(ESCAPE).map(visibleText).join('\x1b');
}

/** Text in lines of `width` columns. */
export function wrapStyled(text: string, width: number, options?: Options): string {
  return pending(wrapAnsi(printable(text), width, options));
}

/** Columns that a text takes. */
export function styledWidth(text: string): number {
  return stringWidth(printable(text));
}

function pending(text: string): string {
  return text.replaceAll('\x1b', ESCAPE);
}
