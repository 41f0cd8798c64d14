import { endText } from '../../core/models/end-text';
import { visibleLine } from '../../core/text/visible-text';
import { type Command, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { LOCK_OPTION, lockPath } from '../models/lock-file';
import { type ModelListing, modelListing, type UsedModel, useText } from '../models/model-listing';
import { table } from '../table';
import type { Terminal } from '../terminal';

export const modelsList: Command = {
  name: 'models list',
  summary: 'which prompts and aliases run on which model, and until when',
  positionals: [],
  options: { ...LOCK_OPTION, ...REGISTRY_OPTIONS },
  details: [
    'Versions, with their models, are those that callers may use, as the ledgers have them: (in brackets) those that no ' +
      'alias points to, which a rollback would bring back. Ends are those in the lock file.',
  ],
  examples: ['models list', 'models list --json --stack Prompts-prod'],
  run: async (context) => {
    const { terminal, values } = context;
    const listing = await modelListing(context, true);
    const { region, read, models, unknown } = listing;
    if (values.json) terminal.json({ region, read, models, unknown });
    else terminal.line(listText(listing, lockPath(values), terminal));
    return listing.isPartial ? ExitCode.NotAllowed : ExitCode.Done;
  },
};

function listText({ region, read, models, unknown, uses }: ModelListing, path: string, terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  if (uses.length === 0) return 'no alias points to a version';
  const rows = models.flatMap((model) =>
    model.uses.map((use, index) => [
      ...(index === 0 ? [visibleLine(model.model), statusText(model), endText(model)] : ['', '', '']),
      visibleLine(useText(use)),
    ]),
  );
  return [
    read === null
      ? `${colors.yellow(glyphs.note)} ${path} has no Region ${region}: prompt-registry models refresh --region ${region}`
      : `${region}, read on ${read}`,
    ...(rows.length > 0 ? [table(['MODEL', 'STATUS', 'ENDS', 'USED BY'], rows, terminal)] : []),
    ...models.flatMap(({ problem }) => (problem ? [`${colors.red(glyphs.bad)} ${visibleLine(problem)}`] : [])),
    ...unknown.map((use) => `${colors.yellow(glyphs.note)} no record tells the model of ${visibleLine(useText(use))}`),
  ].join('\n');
}

function statusText({ status, extended, days }: UsedModel): string {
  if (status === null) return 'unknown';
  if (days !== null && days <= 0) return 'ENDED';
  return extended === null || status === 'ACTIVE' ? status : `${status}, extended access from ${extended}`;
}
