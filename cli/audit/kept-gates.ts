import { readFile } from 'node:fs/promises';
import type { KeptGates } from '../../core/audit/evidence';
import { object } from '../../core/audit/trail-event';
import { parseGatesByAlias } from '../../core/release/gate';
import { CliError } from '../cli-error';
import { ExitCode } from '../exit-code';

/**
 * The gates that an auditor keeps apart from the registry's stack.
 *
 * @throws CliError for a file that says none
 */
export async function keptGates(path: string): Promise<KeptGates> {
  try {
    const found = object(JSON.parse(await readFile(path, 'utf8')));
    const unknown = Object.keys(found).filter((name) => name !== 'gates' && name !== 'since');
    if (found.gates === undefined || unknown.length > 0) {
      throw new Error(`expected gates and perhaps since, found ${Object.keys(found).join(', ') || 'neither'}`);
    }
    const gates = parseGatesByAlias(JSON.stringify(found.gates));
    if (found.since === undefined) return { gates };
    if (typeof found.since !== 'string' || Number.isNaN(Date.parse(found.since))) {
      throw new Error(`expected a date like 2026-12-01 as since, found ${JSON.stringify(found.since)}`);
    }
    return { gates, since: new Date(found.since).toISOString() };
  } catch (cause) {
    throw new CliError(
      {
        what: `${path} keeps no gates`,
        why: (cause as Error).message,
        fix: 'write {"since": "2026-12-01", "gates": {"PROD": [{"gate": "approval", …}]}}; audit verify --help shows one whole',
      },
      ExitCode.Usage,
      { cause },
    );
  }
}
