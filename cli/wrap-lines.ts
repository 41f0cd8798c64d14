import { wrapStyled } from './styled-text';

/** Each line in at most `width` columns; what goes on in another line is indented as the first one was. */
export function wrapLines(text: string, width: number): string {
  if (!Number.isFinite(width)) return text;
  return text
    .split('\n')
    .map((line) => {
      const indent = (/^ */.exec(line)?.[0] ?? '').slice(0, Math.floor(width / 2));
      const wrapped = wrapStyled(line.slice(indent.length), width - indent.length, { hard: true });
      return wrapped.replaceAll(/^/gm, indent);
    })
    .join('\n');
}
