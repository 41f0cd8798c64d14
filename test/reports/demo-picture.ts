/** In pixels; a character of the usual fonts of 14 pixels is 8.43 wide. */
const [LINE, CHARACTER, EDGE] = [20, 8.43, 16];

const STYLE = `
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328; white-space: pre; }
rect { fill: #f6f8fa; stroke: #d1d9e0; }
.head { font-weight: 600; } .detail { fill: #59636e; } .good { fill: #1a7f37; } .bad { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } rect { fill: #161b22; stroke: #3d444d; }
  .detail { fill: #9ca6b0; } .good { fill: #3fb950; } .bad { fill: #f85149; }
}`;

/**
 * What `npm start` prints, as an SVG for the README, in light and dark. Times, the port and the number of calls are left
 * out: they differ from run to run, and the picture must not.
 */
export function demoPicture(printed: string): string {
  const rows = [
    '$ npm start',
    ...printed
      .trimEnd()
      .split('\n')
      .map(withoutChance)
      .filter((line) => !/^\d+ chapters as stated/.test(line)),
  ];
  while (rows.at(-1) === '') rows.pop();
  const longest = Math.max(...rows.map((row) => row.length));
  const [width, height] = [Math.ceil(2 * EDGE + longest * CHARACTER), 2 * EDGE + rows.length * LINE];
  const texts = rows.map(
    (row, index) => `<text x="${EDGE}" y="${EDGE + index * LINE + 14}"${look(row)}>${markup(row)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    '<title>What npm start prints</title>',
    `<style>${STYLE}</style>`,
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...texts,
    '</svg>\n',
  ].join('\n');
}

function withoutChance(line: string): string {
  return line
    .replace(/\s+\d+\.\d s {2}(ok|NOT AS STATED)$/, '  $1')
    .replace(/(http:\/\/127\.0\.0\.1):\d+/, '$1')
    .replace(
      /\d+ calls, (\d+ errors): \d+ on version (\d+), then \d+ on version (\d+)/,
      '$1: version $2, then version $3',
    )
    .trimEnd();
}

function look(row: string): string {
  if (/^(\d|\$)/.test(row)) return ' class="head"';
  return row.startsWith(' ') ? ' class="detail"' : '';
}

function markup(row: string): string {
  return row
    .replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/ {2}ok$/, '  <tspan class="good">ok</tspan>')
    .replace(/ {2}NOT AS STATED$/, '  <tspan class="bad">NOT AS STATED</tspan>')
    .replace(/\[-(.*?)-\]/g, '<tspan class="bad">[-$1-]</tspan>')
    .replace(/\{\+(.*?)\+\}/g, '<tspan class="good">{+$1+}</tspan>');
}
