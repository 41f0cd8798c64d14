import { beforeAll, describe, expect, it } from 'vitest';
import { consent } from '../../../core/audit/rules/consent';
import { gates } from '../../../core/audit/rules/gates';
import { reviewBodies } from '../../../core/audit/rules/review-bodies';
import { verifyEvidence } from '../../../core/audit/verify-evidence';
import { gateTampers, type Tamper } from './gate-tampers';
import { agreedHistory, GATES } from './gated-registry';
import { BUCKET } from './honest-registry';

describe('A registry with gates that was tampered with', () => {
  let tampers: Tamper[];
  beforeAll(async () => {
    tampers = await gateTampers();
  });

  it('is found clean before', async () => {
    const registry = await agreedHistory();
    const { findings } = verifyEvidence({ ...registry.evidence(), keptGates: { gates: GATES } });
    expect(findings).toEqual([]);
  });

  it('shows each of more than 40 tampers', () => {
    const found = tampers.map(({ name, finds, evidence }) => {
      const problems = verifyEvidence(evidence)
        .findings.filter(({ level }) => level === 'finding')
        .map(({ problem }) => problem);
      return problems.includes(finds) ? undefined : `${name}: expected ${finds}, found ${problems.join(', ')}`;
    });
    expect(found.filter((one) => one !== undefined)).toEqual([]);
    expect(tampers.length).toBe(68);
  });

  it('says what is wrong with an approval that came later', () => {
    const later = tampers.find(({ name }) => name === 'the approval came after the move') as Tamper;
    const [found] = verifyEvidence(later.evidence).findings.filter(({ problem }) => problem === 'ConsentMissing');
    expect(found?.message).toMatch(/^names a review that came later, at /);
  });

  it('holds a tamper for each finding of the rules about approvals', () => {
    const problems = [reviewBodies, consent, gates].flatMap(({ finds }) => Object.keys(finds));
    const shown = new Set(tampers.map(({ finds }) => finds));
    expect([...problems, 'SignedByOther', 'ReviewWithoutWrite'].filter((problem) => !shown.has(problem))).toEqual([]);
  });

  it('notes who tried to sign as another and was refused', async () => {
    const registry = await agreedHistory();
    const key = [...registry.bucket.objects.keys()].find((one) => one.includes('@risk')) ?? '';
    const mallory = { ...registry.session('risk', 'mallory'), principalId: 'AROARISK000000000001:mallory' };
    registry.record('PutObject', 's3', mallory, { bucketName: BUCKET, key }, null, { errorCode: 'AccessDenied' });
    const { findings } = verifyEvidence(registry.evidence());
    expect(findings.map(({ level, problem, object }) => ({ level, problem, object }))).toEqual([
      { level: 'note', problem: 'SigningRefused', object: key },
    ]);
  });
});
