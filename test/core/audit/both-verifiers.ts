import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { auditExport } from '../../../core/audit/audit-export';
import type { AuditEvidence } from '../../../core/audit/evidence';
import { verifyEvidence } from '../../../core/audit/verify-evidence';

export const ROOT = join(__dirname, '../../..');
export const SECOND_VERIFIER = join(ROOT, 'tools/verify-offline.mjs');

interface Shown {
  readonly problem: string;
  readonly object: string;
}

/** Problem and object of each finding of `audit verify`, once and in order. */
export function ours(evidence: AuditEvidence): string[] {
  return told(verifyEvidence(evidence).findings.filter(({ level }) => level === 'finding'));
}

/** The same of the second verifier, by what was exported and nothing else. */
export async function secondVerifier(): Promise<(evidence: AuditEvidence) => string[]> {
  const { verify } = await import(pathToFileURL(SECOND_VERIFIER).href);
  return (evidence) => {
    const files = auditExport(evidence);
    const [objects, events, renderings] = ['objects.jsonl', 'events.jsonl', 'renderings.jsonl'].map((name) =>
      (files[name] ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    );
    return told(
      verify({ about: JSON.parse(files['about.json'] ?? ''), objects, events, renderings }, evidence.keptGates),
    );
  };
}

function told(findings: readonly Shown[]): string[] {
  return [...new Set(findings.map(({ problem, object }) => `${problem} ${object}`))].sort();
}
