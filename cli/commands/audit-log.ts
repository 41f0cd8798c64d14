import { writeFile } from 'node:fs/promises';
import type { AuditLog } from '../../studio/audit-page/audit-log';
import { logText } from '../audit/log-text';
import { CliError, usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { AUDIT_OPTIONS } from './audit-options';

export const auditLog: Command = {
  name: 'audit log',
  summary: 'every release, withdrawal and publication: when, what, why and who',
  positionals: ['PROMPT'],
  options: {
    alias: { type: 'string', value: 'ALIAS', description: 'only the releases of one alias' },
    csv: { type: 'boolean', description: 'print CSV' },
    html: { type: 'string', value: 'FILE', description: 'write a page to keep and to print: no network, no script' },
    ...AUDIT_OPTIONS,
    ...REGISTRY_OPTIONS,
  },
  details: [
    'WHO is the chain that CloudTrail shows, the person first: from the call that began the stack operation back through ' +
      'each AssumeRole. With cdk deploy the last one is always the deploy role of the bootstrap. Where the registry did ' +
      'not write down the operation and several fit, it says one of them, and names all.',
    'CloudTrail takes up to 15 minutes to deliver, and keeps 90 days. What is older is read from the files of your trail, ' +
      'with --trail-bucket.',
  ],
  examples: [
    'audit log financial-analysis --since 30d',
    'audit log financial-analysis --alias PROD --html prod.html',
    'audit log financial-analysis --since 2y --trail-bucket s3://trail-bucket --csv',
  ],
  run: async (context) => {
    const { terminal, values } = context;
    if ([values.json, values.csv, values.html].filter(Boolean).length > 1) {
      throw usageError('one of --json, --csv and --html at a time', 'leave the others out');
    }
    const log = await terminal.progress('looking at the ledger', (say) => gather(context, say));
    if (typeof values.html === 'string') await writePage(context, values.html, log);
    else if (values.csv) {
      const { logCsv } = await import('../audit/log-csv');
      terminal.file(logCsv(log));
    } else if (values.json) terminal.json(log);
    else terminal.line(logText(log, terminal));
    return ExitCode.Done;
  },
};

async function gather(context: CommandContext, say: (doing: string) => void): Promise<AuditLog> {
  const { positionals, values, now } = context;
  const { auditScope, promptIdsNamed } = await import('../audit/audit-scope');
  const { gatherLog } = await import('../audit/gather-log');
  const { sinceOf } = await import('../audit/span');
  const { trailPlace } = await import('../audit/trail-files');
  const since = sinceOf(values.since, now());
  const place = typeof values['trail-bucket'] === 'string' ? trailPlace(values['trail-bucket']) : undefined;
  const scope = await auditScope(context);
  const [prompt = ''] = positionals;
  const promptIds = await promptIdsNamed(scope, prompt);
  const alias = typeof values.alias === 'string' ? values.alias : undefined;
  return gatherLog(scope, { prompt, promptIds, alias, since, place, now: now(), say });
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
