import type { Mutant } from './mutants';
import { OPERATIONS } from './plan';
import { ROLLING_OPERATIONS } from './rollouts/rolling-operations';
import type { Trouble } from './trouble';
import type { Report } from './worker';

const TROUBLES: Record<Trouble['kind'], string> = {
  none: 'seed only',
  fails: 'fails at X',
  'rollback-fails': 'and back at X',
  cancelled: 'cancelled at X',
  refused: 'nth call',
  late: 'late write',
  reviews: 'reviews',
  call: 'handler call',
};

/** Runs by operation and by step, with those that went wrong after a slash. */
export function runsTable(reports: readonly Report[]): string {
  const kinds = Object.keys(TROUBLES) as Trouble['kind'][];
  const row = (name: string, own: readonly Report[]) => {
    const cells = kinds.map((kind) => counted(own.filter(({ cell }) => cell.trouble.kind === kind)));
    const seconds = own.reduce((sum, report) => sum + report.seconds, 0) / (own.length || 1);
    return [name, ...cells, String(own.length), String(wrongOf(own)), seconds.toFixed(1)];
  };
  const rows = [
    ['operation', ...kinds.map((kind) => TROUBLES[kind]), 'runs', 'wrong', 's/run'],
    ...[...OPERATIONS, ...ROLLING_OPERATIONS].flatMap((operation) => {
      const own = reports.filter(({ cell }) => cell.operation === operation);
      return own.length > 0 ? [row(operation, own)] : [];
    }),
    row('all', reports),
  ];
  return aligned(rows);
}

export function mutantsTable(mutants: readonly Mutant[], reports: readonly Report[]): string {
  const row = (shown: string, name: string | undefined) => {
    const own = reports.filter(({ mutant }) => mutant === name);
    const first = own.find(({ wrong }) => wrong.length > 0)?.wrong[0] ?? '';
    return [shown, `${wrongOf(own)} of ${own.length}`, first.slice(0, 110)];
  };
  const rows = [
    ['mutant', 'caught by', 'for example'],
    row('(none)', undefined),
    ...mutants.map(({ name }) => row(name, name)),
  ];
  return aligned(rows, [0, 2]);
}

/** The story of one run. */
export function whatHappened({ cell, story, wrong, seconds, seed }: Report, note: string): string {
  const head = `${wrong.length > 0 ? 'WRONG' : 'ok'}  ${cell.operation}, ${JSON.stringify(cell.trouble)}, seed ${seed}, ${seconds.toFixed(1)} s  [${note}]`;
  return [head, ...story.map((line) => `    ${line}`), ...wrong.map((line) => `  ! ${line}`)].join('\n');
}

function counted(own: readonly Report[]): string {
  const wrong = wrongOf(own);
  return own.length === 0 ? '·' : `${own.length}${wrong > 0 ? `/${wrong}` : ''}`;
}

function wrongOf(own: readonly Report[]): number {
  return own.filter(({ wrong }) => wrong.length > 0).length;
}

function aligned(rows: readonly string[][], left: readonly number[] = [0]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (left.includes(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
