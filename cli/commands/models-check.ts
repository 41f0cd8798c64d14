import { visibleLine } from '../../core/text/visible-text';
import { plural } from '../../studio/plural';
import { usageError } from '../cli-error';
import { type Command, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { LOCK_OPTION } from '../models/lock-file';
import { modelListing, type UsedModel, useText } from '../models/model-listing';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';

const DEFAULT_WITHIN = '60d';
const UNIT_DAYS: Readonly<Record<string, number>> = { d: 1, w: 7, y: 365 };

export const modelsCheck: Command = {
  name: 'models check',
  summary: 'whether a model that callers use ends soon; for pipelines',
  positionals: [],
  options: {
    within: { type: 'string', value: 'SPAN', description: `how soon: 30d, 8w, 1y. Default: ${DEFAULT_WITHIN}` },
    ...LOCK_OPTION,
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Exits with 2 where a version that callers of an alias may use runs on a model that ends within that time, has ended, or ' +
      'is none that the lock file has for the Region; with 0 where none does. Models that no Region lists are not judged.',
  ],
  examples: ['models check --within 60d', 'models check --json'],
  run: async (context) => {
    const { terminal, values } = context;
    const within = daysOf(values.within ?? DEFAULT_WITHIN);
    const { models, region, read, isPartial } = await modelListing(context, true);
    const found = models.filter(({ days, problem }) => problem !== null || (days !== null && days <= within));
    const passes = found.length === 0;
    if (values.json) terminal.json({ passes, within, region, read, models: found });
    else terminal.line(checkText(found, models.length, within, terminal));
    if (!passes) return ExitCode.Differs;
    return isPartial ? ExitCode.NotAllowed : ExitCode.Done;
  },
};

function daysOf(span: unknown): number {
  const [, count, unit = ''] = /^(\d{1,4})([dwy])$/.exec(String(span)) ?? [];
  if (count !== undefined) return Number(count) * (UNIT_DAYS[unit] ?? 0);
  throw usageError(`--within ${JSON.stringify(span)} is no span of time`, 'write 30d, 8w or 1y');
}

function checkText(found: readonly UsedModel[], count: number, within: number, terminal: Terminal): string {
  const { colors, glyphs, width } = terminal;
  if (found.length === 0)
    return `${colors.green(glyphs.ok)} none of ${plural(count, 'model')} ends within ${within} days`;
  const lines = found.map(({ model, end, days, successor, problem, uses }) => {
    const what = problem ?? `${model} ends on ${end}, in ${plural(days ?? 0, 'day')}`;
    const fix = successor === null ? '' : `; its successor is ${successor}`;
    return `${colors.red(glyphs.bad)} ${visibleLine(`${what}${fix}: ${uses.map(useText).join(', ')}`)}`;
  });
  return wrapLines(lines.join('\n'), width);
}
