import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditExport } from '../../../core/audit/audit-export';
import type { AuditEvidence } from '../../../core/audit/evidence';
import { RolloutWorld } from '../../lambda/rollout-world';
import { ours as oursOf, ROOT, SECOND_VERIFIER, secondVerifier } from './both-verifiers';
import { gateTampers, type Tamper } from './gate-tampers';
import { agreedHistory, GATES, gatedHistory } from './gated-registry';
import { honestHistory } from './honest-registry';

/** Its files, as the package ships them. */
const SHIPPED: string[] = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).files.filter((file: string) =>
  file.startsWith('tools/'),
);

/** What it looks at: chains, objects and reviews, and of CloudTrail who wrote them. */
const JUDGED = [
  ...['JunkKey', 'DeleteMarker', 'Rewritten', 'NothingUnderMarker', 'Gap', 'BadRecord', 'WrongKey', 'WrongPrevious'],
  ...['WrongFrom', 'OtherTime', 'BadReview', 'ReviewElsewhere', 'ReviewOutOfOrder', 'ReviewGap', 'ConsentMissing'],
  ...['NotBack', 'GateGone', 'SignedByOther', 'ObjectGone', 'Unreadable'],
];

const ours = (evidence: AuditEvidence) => oursOf(evidence).filter((one) => JUDGED.includes(one.split(' ')[0] ?? ''));
let theirs: (evidence: AuditEvidence) => string[];
beforeAll(async () => {
  theirs = await secondVerifier();
});

describe('The second verifier', () => {
  it.each(Array.from({ length: 50 }, (_, index) => index + 1))(
    'finds an honest history with gates clean: seed %i',
    async (seed) => {
      const { registry } = await gatedHistory(seed);
      expect(theirs({ ...registry.evidence(), keptGates: { gates: GATES } })).toEqual([]);
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('finds an honest history without gates clean: seed %i', async (seed) => {
    const { registry } = await honestHistory(seed);
    expect(theirs(registry.evidence())).toEqual([]);
  });

  it('knows the keys of tags and of steps of rollouts, and what is none of them, as audit verify does', async () => {
    const { registry } = await honestHistory(1);
    const evidence = registry.evidence();
    const time = new Date(evidence.now).toISOString();
    const at = (key: string) => ({ key, body: '{}', versions: [{ versionId: 'v', time, marker: false }] });
    const keys = ['tags/ABCDEFGHIJ/v1.1-alpha/99999998.json', 'rollouts/ABCDEFGHIJ/PROD/3/99999998.json'];
    expect(theirs({ ...evidence, objects: [...evidence.objects, ...keys.map(at)] })).toEqual([]);

    const junk = [
      ...[
        'tags/ABCDEFGHIJ/v1/99999999.json',
        'tags/ABCDEFGHIJ/1.0/99999998.json',
        'tags/ABCDEFGHIJ/v1..2/99999998.json',
      ],
      ...[
        'tags/ABCDEFGHIJ/none/99999998.json',
        `tags/ABCDEFGHIJ/${'v'.repeat(33)}/99999998.json`,
        'tags/v1/99999998.json',
      ],
      ...['rollouts/ABCDEFGHIJ/PROD/3/99999999.json', 'rollouts/ABCDEFGHIJ/PROD/0/99999998.json'],
      ...['rollouts/ABCDEFGHIJ/PROD/99999998.json', 'rollouts/note.txt', 'tags/ABCDEFGHIJ/v1/99999998'],
    ];
    const found = { ...evidence, objects: [...evidence.objects, ...junk.map(at)] };
    expect(theirs(found)).toEqual(junk.map((key) => `JunkKey ${key}`).sort());
    expect(theirs(found)).toEqual(ours(found));
  });

  it('judges no step of a rollout: a chain that audit verify finds broken is none to it, but what is hidden', async () => {
    const { bucket } = await new RolloutWorld().start().wait(45);
    const time = '2026-12-02T10:00:00.000Z';
    const stored = [...bucket.objects].map(([key, body]) => ({
      ...{ key, body },
      versions: [{ versionId: 'v', time: key.startsWith('ledger/') ? JSON.parse(body).time : time, marker: false }],
    }));
    const steps = stored.filter(({ key }) => key.startsWith('rollouts/'));
    expect(steps).toHaveLength(3);
    const { registry } = await honestHistory(1);
    const { trail: _, ...evidence } = registry.evidence();
    const about = { ...evidence, now: time };
    const judged = (objects: AuditEvidence['objects']) => [theirs, oursOf].map((by) => by({ ...about, objects }));
    const stepsOf = (found: string[]) => found.filter((one) => one.includes(' rollouts/'));
    expect(judged(stored).map(stepsOf)).toEqual([[], []]);
    expect(theirs({ ...about, objects: stored })).toEqual([]);

    const [newest] = steps.map(({ key }) => key).sort();
    const changed = stored.map((one) =>
      one.key === newest ? { ...one, body: one.body.replace('"step":2', '"step":7') } : one,
    );
    expect(judged(changed).map(stepsOf)).toEqual([[], expect.arrayContaining([`StepNotAllowed ${newest}`])]);
    const marker = { versionId: 'd', time, marker: true };
    const hidden = stored.map((one) => (one.key === newest ? { ...one, versions: [...one.versions, marker] } : one));
    expect(stepsOf(judged(hidden)[0] ?? [])).toEqual([`DeleteMarker ${newest}`]);
  });

  it('says of what may not be read that it was not read, and judges nothing by its absence', async () => {
    const registry = await agreedHistory();
    const keys = [...registry.bucket.objects.keys()].filter((key) => /^(ledger|reviews)/.test(key));
    for (const unread of keys) {
      const evidence = registry.evidence();
      const objects = evidence.objects.map(({ body = '', ...object }) =>
        object.key === unread ? { ...object, unreadable: 'kms:Decrypt is missing' } : { ...object, body },
      );
      const found = theirs({ ...evidence, objects });
      expect(found, unread).toEqual(ours({ ...evidence, objects }));
      expect(found, unread).toEqual([`Unreadable ${unread}`]);
    }
    expect(keys.length).toBeGreaterThan(12);
  });

  describe('of what was tampered with', () => {
    let tampers: Tamper[];
    beforeAll(async () => {
      tampers = await gateTampers();
    });

    it('comes to the same verdict as audit verify, object by object', () => {
      for (const { name, evidence } of tampers) {
        // Where a record lies at another's key, one compares it with the object there, the other with the one that it names.
        const expected =
          name === 'two records changed places' ? expect.arrayContaining(ours(evidence)) : ours(evidence);
        expect(theirs(evidence), name).toEqual(expected);
      }
    });

    it('finds all that it judges', () => {
      const found = tampers.filter(({ finds, evidence }) =>
        theirs(evidence).some((one) => one.startsWith(`${finds} `)),
      );
      expect(tampers.filter((one) => !found.includes(one)).map(({ finds }) => finds)).toEqual([
        'ReviewWithoutWrite',
        'ObjectByOther',
      ]);
      expect(found.length).toBeGreaterThan(40);
    });
  });

  describe('as a program', () => {
    const dir = mkdtempSync(join(tmpdir(), 'audit-export-'));
    afterAll(() => rmSync(dir, { recursive: true }));

    it('reads the files and exits with 0, 2 or 1, with nothing beside it but what the package ships of it', async () => {
      for (const file of SHIPPED) copyFileSync(join(ROOT, file), join(dir, basename(file)));
      const script = join(dir, basename(SECOND_VERIFIER));
      const { registry } = await gatedHistory(1);
      const files = auditExport(registry.evidence());
      for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
      expect(execFileSync(process.execPath, [script, dir], { encoding: 'utf8' })).toMatch(
        /objects, \d+ events: no findings\n$/,
      );

      writeFileSync(join(dir, 'gates.json'), JSON.stringify({ gates: { PROD: [{ ...GATES['*'][0], count: 2 }] } }));
      const stricter = spawnSync(process.execPath, [script, dir, '--gates', join(dir, 'gates.json')], {
        encoding: 'utf8',
      });
      expect([stricter.status, stricter.stdout.split(' ')[0]]).toEqual([2, 'GateGone']);

      writeFileSync(
        join(dir, 'objects.jsonl'),
        (files['objects.jsonl'] ?? '').replace('undo\\":false', 'undo\\":true'),
      );
      const changed = spawnSync(process.execPath, [script, dir], { encoding: 'utf8' });
      expect([changed.status, changed.stderr]).toEqual([
        1,
        expect.stringContaining('objects.jsonl is not the file that was exported'),
      ]);
    });
  });

  it.each(SHIPPED)('has at most 250 lines a file and imports nothing but Node.js and itself: %s', (file) => {
    const source = readFileSync(join(ROOT, file), 'utf8');
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(250);
    const imports = [...source.matchAll(/(?:from|import\(?) ?'([^']+)'/g)].map(([, name = '']) => name);
    const foreign = imports.filter((name) => !name.startsWith('node:') && !SHIPPED.includes(`tools/${basename(name)}`));
    expect(foreign).toEqual([]);
  });
});
