import { type Html, html, lines, raw } from './html';

/** One line of a plot. */
export interface PlotLine {
  readonly name: string;
  /** Time in milliseconds since 1970, ascending, and value. */
  readonly points: readonly (readonly [time: number, value: number])[];
}

export interface LinePlot {
  readonly title: string;
  readonly lines: readonly PlotLine[];
  /** What the time axis shows, in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** A value for people: `0.5 %`. */
  readonly say: (value: number) => string;
}

const WIDTH = 640;
const HEIGHT = 160;
const EDGE = { left: 8, right: 8, top: 20, bottom: 20 };
/** Looks in the style; a further line has the last one's. */
const LOOKS = 5;

/** Lines over time, with 0 in it, each with its own dashes and a mark at its end: told apart without colours. No script. */
export function linePlot({ title, lines: series, from, to, say }: LinePlot): Html {
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const highest = Math.max(0, ...values);
  const lowest = Math.min(0, ...values);
  const x = (time: number) => round(EDGE.left + ((time - from) / (to - from || 1)) * (WIDTH - EDGE.left - EDGE.right));
  const y = (value: number) =>
    round(HEIGHT - EDGE.bottom - ((value - lowest) / (highest - lowest || 1)) * (HEIGHT - EDGE.top - EDGE.bottom));
  const drawn = series.map(({ points }, index) => {
    const look = `s${Math.min(index, LOOKS - 1)}`;
    const path = points.map(([time, value]) => `${x(time)},${y(value)}`).join(' ');
    const last = points.at(-1);
    const end = last ? html`<circle class="${look}" cx="${x(last[0])}" cy="${y(last[1])}" r="3"/>` : '';
    return html`<polyline class="${look}" points="${path}"/>${end}`;
  });
  const said = series.map(({ name, points }) => {
    const last = points.at(-1);
    return `${name}: ${last ? `${say(last[1])} at the end` : 'nothing'}`;
  });
  return html`<figure class="plot">
<figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`${title}. ${said.join(', ')}`}">
<line class="axis" x1="${EDGE.left}" y1="${y(0)}" x2="${WIDTH - EDGE.right}" y2="${y(0)}"/>
<text class="tick" x="${EDGE.left}" y="14">${say(highest)}</text>${lowest < 0 ? html`<text class="tick" x="${EDGE.left}" y="${HEIGHT - 4}">${say(lowest)}</text>` : ''}
${lines(drawn)}
</svg>
<ul class="legend">
${lines(series.map(({ name }, index) => html`<li><svg class="swatch" viewBox="0 0 24 8" aria-hidden="true"><line class="s${Math.min(index, LOOKS - 1)}" x1="0" y1="4" x2="24" y2="4"/></svg> ${name}</li>`))}
</ul>
</figure>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The looks of plots: dashes besides colours, for printers and for those who see few colours. */
export const LINE_PLOT_STYLE = raw(`
.plot { margin: 1rem 0; }
.plot svg { width: 100%; height: auto; max-width: 48rem; display: block; }
.plot figcaption { font-weight: 600; }
.plot polyline, .plot line { fill: none; stroke-width: 2; stroke: var(--text); }
.plot .axis { stroke: var(--edge); stroke-width: 1; }
.plot .tick { font-size: 12px; fill: var(--faint); }
.plot circle { fill: var(--text); }
.plot .s0 { stroke: #0b62c4; } .plot circle.s0 { fill: #0b62c4; }
.plot .s1 { stroke: #b3541e; stroke-dasharray: 6 3; } .plot circle.s1 { fill: #b3541e; }
.plot .s2 { stroke: #1a7f5a; stroke-dasharray: 2 3; } .plot circle.s2 { fill: #1a7f5a; }
.plot .s3 { stroke: #8a3ffc; stroke-dasharray: 8 3 2 3; } .plot circle.s3 { fill: #8a3ffc; }
.plot .s4 { stroke: #6b6b6b; stroke-dasharray: 1 5; } .plot circle.s4 { fill: #6b6b6b; }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9rem; }
.plot svg.swatch { display: inline-block; width: 24px; height: 8px; }
@media print { .plot { break-inside: avoid; } }
`);
