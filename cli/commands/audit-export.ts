import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plural } from '../../studio/plural';
import type { NotRun } from '../audit/gather-evidence';
import { CliError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { AUDIT_OPTIONS } from './audit-options';

export const auditExport: Command = {
  name: 'audit export',
  summary: 'the ledger with its reviews and their events as files, to verify offline',
  positionals: ['DIR', '[PROMPT]'],
  options: { ...AUDIT_OPTIONS, ...REGISTRY_OPTIONS },
  details: [
    'Writes three files into a new folder: objects.jsonl (every object of the ledger with its versions and its body), ' +
      'events.jsonl (what CloudTrail says), about.json (of which registry, when, and the SHA-256 of the two).',
    'tools/verify-offline.mjs of this package verifies them with Node.js alone, and with none of the code of this command: ' +
      'node node_modules/cdk-prompt-registry/tools/verify-offline.mjs DIR --gates FILE. To run it elsewhere, copy ' +
      'verify-offline-gates.mjs with it. Who wrote each review it can tell only where --trail-bucket was given.',
    'The files hold prompt texts and comments. Exits with 1 where a part could not be read.',
  ],
  examples: [
    'audit export evidence-2026-12',
    'audit export evidence financial-analysis --since 2y --trail-bucket trail',
  ],
  run: async (context) => {
    const { terminal, values, positionals } = context;
    const [dir = ''] = positionals;
    await checkIsNew(dir);
    const { files, objects, events, notRun } = await terminal.progress('looking at the ledger', (say) =>
      gather(context, say),
    );
    await mkdir(dir, { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
    const left = notRun.filter(({ check }) => EXPORTED.includes(check));
    if (values.json) terminal.json({ dir, files: Object.keys(files), objects, events, notRun: left });
    else {
      terminal.line(`${plural(objects, 'object')} and ${plural(events, 'event')} in ${dir}`);
      for (const { check, why } of left) terminal.line(`not looked at: ${check}: ${why}`);
    }
    return left.some(({ failed }) => failed) ? ExitCode.Failed : ExitCode.Done;
  },
};

/** Of what else an audit reads nothing is exported. */
const EXPORTED: readonly NotRun['check'][] = ['objects', 'versions of objects', 'CloudTrail', 'trail files', 'trails'];

async function gather({ positionals, values, now, ...context }: CommandContext, say: (doing: string) => void) {
  const { auditScope, promptIdsNamed } = await import('../audit/audit-scope');
  const { gatherEvidence } = await import('../audit/gather-evidence');
  const { sinceOf } = await import('../audit/span');
  const { trailPlace } = await import('../audit/trail-files');
  const { EventHistory } = await import('../audit/event-history');
  const { awsNow } = await import('../audit/aws-clock');
  const { auditExport: exported } = await import('../../core/audit/audit-export');
  const since = sinceOf(values.since, now()) ?? EventHistory.begin(now());
  const place = typeof values['trail-bucket'] === 'string' ? trailPlace(values['trail-bucket']) : undefined;
  const scope = await auditScope({ positionals, values, now, ...context });
  const [, promptName] = positionals;
  const promptIds = promptName === undefined ? undefined : await promptIdsNamed(scope, promptName);
  const { evidence, notRun } = await gatherEvidence(scope, {
    promptIds,
    since,
    say,
    now: awsNow(scope.clients, now()),
    ...(place && { trailPlace: place }),
  });
  const { objects, trail } = evidence;
  return { files: exported(evidence), objects: objects.length, events: trail?.events.length ?? 0, notRun };
}

/** @throws CliError for a folder in which something is: files of two exports must not mix */
async function checkIsNew(dir: string): Promise<void> {
  const found = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new CliError({ what: `cannot write into ${dir}`, why: error.message }, ExitCode.Usage, { cause: error });
  });
  if (found.length > 0) {
    throw new CliError(
      { what: `${dir} holds ${plural(found.length, 'file')}`, fix: 'name a folder that is new or empty' },
      ExitCode.Usage,
    );
  }
}
