import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvidence, LedgerObject } from '../../../core/audit/evidence';
import { verifyEvidence } from '../../../core/audit/verify-evidence';
import { ledgerKey } from '../../../core/ledger-key';
import { PROMPT_ID } from '../../lambda/events';
import { HonestRegistry, seeded } from './honest-registry';

/** PROD goes 1, 2, each a deployment with a token and a reason, half a day apart. */
async function honest(): Promise<HonestRegistry> {
  const registry = new HonestRegistry(seeded(7));
  for (const [index, prod] of ['none', '1', '2'].entries()) {
    registry.pass(40_000);
    await registry.deploy({
      ...{ stack: 'Prompts', token: `exec-${index}`, reason: `because ${index}`, text: `text ${index}` },
      targets: { PROD: prod },
    });
  }
  registry.pass(86_400);
  return registry;
}

const problems = (evidence: AuditEvidence) =>
  verifyEvidence(evidence).findings.map(({ level, problem, object }) => `${level} ${problem} ${object}`);

const unread = ({ body: _, ...object }: LedgerObject): LedgerObject => object;

describe('What is no crime', () => {
  let evidence: AuditEvidence;
  beforeAll(async () => {
    evidence = (await honest()).evidence();
  });

  it('is a reason that could not be read', () => {
    const objects = evidence.objects.map((one) => (one.key.startsWith('reasons/') ? unread(one) : one));
    expect(problems({ ...evidence, objects })).toEqual([]);
  });

  it('is a record that could not be read, whether or not it was noted before', () => {
    const { heads } = { heads: [{ promptId: PROMPT_ID, alias: 'PROD', sequence: 2, digest: 'f'.repeat(64) }] };
    for (const pattern of [/^ledger\//, /\/PROD\/99999998\.json$/, /\/PROD\/99999997\.json$/]) {
      const objects = evidence.objects.map((one) => (pattern.test(one.key) ? unread(one) : one));
      const knownHeads = heads.filter(() => pattern.test(ledgerKey(PROMPT_ID, 'PROD', 2)));
      expect(problems({ ...evidence, objects, knownHeads })).toEqual([]);
    }
  });
});
