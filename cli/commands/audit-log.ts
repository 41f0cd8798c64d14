import { writeFile } from 'node:fs/promises';
import type { AuditLog } from '../../studio/audit-page/audit-log';
import type { GatherLogsProps } from '../audit/gather-log';
import { logsText, logText } from '../audit/log-text';
import { CliError, usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { LOCK_OPTION, lockIfReadable } from '../models/lock-file';
import { openRegistries } from '../open-registries';
import type { Registry } from '../registry';
import { AUDIT_OPTIONS } from './audit-options';

/** Of all prompts, where nobody says how far back. */
const RECENT_MS = 7 * 86_400_000;

export const auditLog: Command = {
  name: 'audit log',
  summary: 'every release, withdrawal and publication: when, what, why and who',
  positionals: ['[PROMPT]'],
  options: {
    alias: { type: 'string', value: 'ALIAS', description: 'only the releases of one alias' },
    csv: { type: 'boolean', description: 'print CSV' },
    html: { type: 'string', value: 'FILE', description: 'write a page to keep and to print: no network, no script' },
    ...LOCK_OPTION,
    ...AUDIT_OPTIONS,
    ...REGISTRY_OPTIONS,
  },
  details: [
    'Without a prompt it tells of all prompts in every registry of the account and Region, of the last 7 days unless --since ' +
      'says otherwise.',
    'WHO is the chain that CloudTrail shows, the person first: from the call that began the stack operation back through ' +
      'each AssumeRole. With cdk deploy the last one is always the deploy role of the bootstrap. Where the registry did ' +
      'not write down the operation and several fit, it says one of them, and names all.',
    'The page says until when the models of the aliases go on, as far as the lock file tells (models refresh).',
    'CloudTrail takes up to 15 minutes to deliver, and keeps 90 days. What is older is read from the files of your trail, ' +
      'with --trail-bucket.',
  ],
  examples: [
    'audit log --since 24h',
    'audit log financial-analysis --since 30d',
    'audit log financial-analysis --alias PROD --html prod.html',
    'audit log financial-analysis --since 2y --trail-bucket s3://trail-bucket --csv',
  ],
  run: async (context) => {
    const { terminal, values } = context;
    if ([values.json, values.csv, values.html].filter(Boolean).length > 1) {
      throw usageError('one of --json, --csv and --html at a time', 'leave the others out');
    }
    const [prompt] = context.positionals;
    if (prompt === undefined) return logOfAll(context);
    const log = await terminal.progress('looking at the ledger', (say) => gatherOne(context, prompt, say));
    if (typeof values.html === 'string') await writePage(context, values.html, log);
    else if (values.csv) {
      const { logCsv } = await import('../audit/log-csv');
      terminal.file(logCsv(log));
    } else if (values.json) terminal.json(log);
    else terminal.line(logText(log, terminal));
    return ExitCode.Done;
  },
};

async function gatherOne(context: CommandContext, prompt: string, say: (doing: string) => void): Promise<AuditLog> {
  const { auditScope, promptIdsNamed } = await import('../audit/audit-scope');
  const { gatherLog } = await import('../audit/gather-log');
  const props = await propsOf(context, say);
  const scope = await auditScope(context, prompt);
  return gatherLog(scope, { ...props, prompt, promptIds: await promptIdsNamed(scope, prompt) });
}

/** All prompts of each registry, or of the ledger that outlived its stack. */
async function logOfAll(context: CommandContext): Promise<ExitCode> {
  const { terminal, values, now } = context;
  if (values.html) throw usageError('a page is about one prompt', 'name it: audit log PROMPT --html FILE');
  const { auditScope, scopeOf } = await import('../audit/audit-scope');
  const { gatherLogs } = await import('../audit/gather-log');
  const all: AuditLog[] = [];
  await terminal.progress('looking at the ledger', async (say) => {
    const given = await propsOf(context, say);
    const props = { ...given, since: given.since ?? new Date(now().getTime() - RECENT_MS) };
    const show = (title: string, logs: readonly AuditLog[]) => {
      if (!values.json && !values.csv) terminal.line(`${all.length > 0 ? '\n' : ''}${logsText(title, logs, terminal)}`);
      all.push(...logs);
    };
    if (typeof values['ledger-bucket'] === 'string') {
      const scope = await auditScope(context);
      show(scope.stack?.stackName ?? `s3://${scope.bucket}`, await gatherLogs(scope, props));
      return;
    }
    const read = async (registry: Registry) => {
      const logs = await gatherLogs(await scopeOf(registry), props);
      return { stackName: registry.stack.stackName, logs };
    };
    for await (const { stackName, logs } of openRegistries(context, read)) show(stackName, logs);
  });
  if (values.csv) {
    const { logCsv } = await import('../audit/log-csv');
    terminal.file(logCsv(...all));
  } else if (values.json) terminal.json(all);
  return ExitCode.Done;
}

async function propsOf(context: CommandContext, say: (doing: string) => void): Promise<GatherLogsProps> {
  const { values, now } = context;
  const { sinceOf } = await import('../audit/span');
  const { trailPlace } = await import('../audit/trail-files');
  const since = sinceOf(values.since, now());
  const place = typeof values['trail-bucket'] === 'string' ? trailPlace(values['trail-bucket']) : undefined;
  const alias = typeof values.alias === 'string' ? values.alias : undefined;
  // Table and CSV say nothing of models.
  const lock = values.html || values.json ? await lockIfReadable(context) : undefined;
  return { alias, since, place, lock, now: now(), say };
}

async function writePage({ terminal }: CommandContext, path: string, log: AuditLog): Promise<void> {
  const { auditPage } = await import('../../studio/audit-page/audit-page');
  try {
    await writeFile(path, auditPage(log));
  } catch (cause) {
    throw new CliError({ what: `cannot write ${path}`, why: (cause as Error).message }, undefined, { cause });
  }
  terminal.notice(`wrote ${path}`);
}
