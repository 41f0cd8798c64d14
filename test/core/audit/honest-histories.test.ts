import { describe, expect, it } from 'vitest';
import type { LedgerObject } from '../../../core/audit/evidence';
import { surveyLedger } from '../../../core/audit/ledger-survey';
import { releaseLog } from '../../../core/audit/release-log';
import { StackOperations } from '../../../core/audit/stack-operations';
import { verifyEvidence } from '../../../core/audit/verify-evidence';
import { HonestRegistry, honestHistory, seeded } from './honest-registry';

const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);

describe('An honest history', () => {
  const seen = new Set<string>();
  let records = 0;

  it.each(SEEDS)('made by the real handlers is found clean: seed %i', async (seed) => {
    const { registry, what } = await honestHistory(seed);
    const { findings, survey } = verifyEvidence(registry.evidence());
    expect(findings.map(({ problem, object, message }) => `${problem} ${object} ${message}`)).toEqual([]);
    for (const one of what) seen.add(one);
    for (const record of survey.chains.flatMap((chain) => chain.records)) {
      records += 1;
      seen.add(record.kind);
      if (record.undo) seen.add('undo');
      if (record.reason !== null) seen.add('reason');
    }
  });

  it('is found clean where the ledger was listed before a release and the parameters after it', async () => {
    const registry = new HonestRegistry(seeded(1));
    const release = (PROD: string, token: string) =>
      registry.deploy({ stack: 'Prompts', text: `text ${PROD}`, targets: { STAGING: PROD, PROD }, token });
    await release('1', 'token-1');
    const { objects, now } = registry.evidence();
    registry.time += 2 * 3_600_000;
    await release('2', 'token-2');
    await release('1', 'token-3');
    await release('2', 'token-4');
    const { findings } = verifyEvidence({ ...registry.evidence(), objects, now });
    expect(findings.filter(({ check }) => check === 'parameters')).toEqual([]);
  });

  it('was one of many kinds', () => {
    const kinds = ['promote', 'rollback', 'withdraw', 'remove', 'abandon', 'undo', 'reason'];
    expect([...seen].sort()).toEqual(
      [...kinds, 'failed', 'no token', 'pruned', 'removed', 'second stack', 'withdrawal'].sort(),
    );
    expect(records).toBeGreaterThan(1000);
  });
});

describe('The log of an honest history', () => {
  /** As a package wrote it that did not name the publisher. */
  const older = ({ body, ...object }: LedgerObject): LedgerObject => {
    const { stackId: _, operation: __, ...rest } = JSON.parse(body ?? '{}');
    return { ...object, body: object.key.startsWith('versions/') && 'variant' in rest ? JSON.stringify(rest) : body };
  };

  it.each(SEEDS.slice(0, 20))(
    'names whoever began the operation, or several of them, never another: seed %i',
    async (seed) => {
      const { registry } = await honestHistory(seed);
      const { objects, trail } = registry.evidence();
      const operations = new StackOperations(trail?.events ?? []);
      const covered = { from: trail?.from ?? '', to: trail?.to ?? '' };
      for (const archives of [objects, objects.map(older)]) {
        const rows = releaseLog({ survey: surveyLedger(archives), operations, issuers: new Map(), covered });
        const named = rows.filter(({ person, object }) => {
          const chains = person.end === 'one of' ? person.among : [person];
          expect(chains.flatMap(({ links }) => links.map(({ eventId }) => eventId))).toContain(
            registry.begunBy.get(object),
          );
          return person.end !== 'one of';
        });
        expect(named.length / rows.length).toBeGreaterThan(0.5);
      }
    },
  );
});
