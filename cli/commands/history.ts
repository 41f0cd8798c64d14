import type { ChainFinding } from '../../core/ledger/chain';
import type { LedgerRecord } from '../../core/ledger/record';
import { visibleLine } from '../../core/text/visible-text';
import { timestamp } from '../age';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { table } from '../table';
import type { Terminal } from '../terminal';
import { wrapLines } from '../wrap-lines';

export interface AliasHistory {
  readonly alias: string;
  /** Oldest first. */
  readonly records: readonly LedgerRecord[];
  /** What is wrong with the chain; empty where it holds. */
  readonly findings: readonly ChainFinding[];
  /** Records that a newer version of the command would say more about. */
  readonly notes: readonly ChainFinding[];
}

export const history: Command = {
  name: 'history',
  summary: 'every release of an alias as the ledger has it, newest first',
  positionals: ['PROMPT', '[ALIAS]'],
  options: {
    limit: { type: 'string', short: 'n', value: 'N', description: 'only the newest N' },
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Each record carries the digest of the one before; the chain is verified on the way. A record marked undone was ' +
      'written while CloudFormation rolled a release back.',
  ],
  examples: ['history financial-analysis', 'history financial-analysis PROD -n 5'],
  run: async (context) => {
    const { terminal } = context;
    const histories = await terminal.progress('reading the ledger', () => read(context));
    if (context.values.json) terminal.json(histories);
    else terminal.line(histories.map((one) => historyText(one, terminal, limit(context))).join('\n\n'));
    return ExitCode.Done;
  },
};

async function read({
  positionals: [promptName = '', aliasName],
  openRegistry,
}: CommandContext): Promise<AliasHistory[]> {
  const registry = await openRegistry(promptName);
  const prompt = await registry.prompt(promptName);
  const aliases = aliasName === undefined ? prompt.aliases : [registry.alias(prompt, aliasName)];
  return Promise.all(
    aliases.map(async (alias) => {
      const { records, findings, notes } = await registry.reader.ledger(prompt.promptId, alias.aliasName);
      return { alias: alias.aliasName, records, findings, notes };
    }),
  );
}

function limit({ values }: CommandContext): number {
  const count = Number(values.limit ?? Number.POSITIVE_INFINITY);
  return count >= 1 ? count : Number.POSITIVE_INFINITY;
}

/** One alias's timeline. */
export function historyText(
  { alias, records, findings, notes }: AliasHistory,
  terminal: Terminal,
  count: number,
): string {
  const { colors, glyphs } = terminal;
  const chain =
    findings.length === 0
      ? colors.green('chain ok')
      : colors.red(`chain broken: ${findings.length} finding${findings.length === 1 ? '' : 's'}`);
  const place = (version: LedgerRecord['to']) => String(version?.version ?? glyphs.none);
  const rows = [...records]
    .reverse()
    .slice(0, count)
    .map((record) => [
      `#${record.sequence}`,
      timestamp(new Date(record.time)),
      record.undo ? colors.yellow(`${record.kind} (undone)`) : record.kind,
      `${place(record.from)} ${glyphs.arrow} ${place(record.to)}`,
      record.withdrawn.join(', '),
      visibleLine(record.reason ?? ''),
      visibleLine(record.operation ?? ''),
    ]);
  const body =
    rows.length > 0
      ? table(['', 'TIME', 'RELEASE', 'VERSION', 'WITHDRAWN', 'REASON', 'OPERATION'], rows, terminal)
      : 'never released';
  return [
    `${colors.bold(alias)}  ${chain}`,
    body,
    ...findings.map(({ problem, message }) =>
      wrapLines(colors.red(`${glyphs.bad} ${problem}: ${visibleLine(message)}`), terminal.width),
    ),
    ...notes.map(({ message }) => wrapLines(colors.yellow(`${glyphs.note} ${visibleLine(message)}`), terminal.width)),
  ].join('\n');
}
