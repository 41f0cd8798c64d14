import { describe, expect, it } from 'vitest';
import { keyKind, parseStepKey, stepKey } from '../../../core/ledger/layout';
import type { ChainEntry } from '../../../core/ledger/linked-chain';
import { recordDigest } from '../../../core/ledger/record';
import { parseStep, type RolloutStep, serializeStep, verifySteps } from '../../../core/ledger/rollout-step';

const BEGAN = 'a'.repeat(64);
const ADDRESS = { promptId: 'ABCDEFGHIJ', alias: 'PROD', plan: 3 };

const FIRST: RolloutStep = {
  schema: 1,
  plan: 3,
  n: 1,
  kind: 'step',
  step: 0,
  at: '2026-12-02T09:02:00.000Z',
  by: 'controller',
  reason: null,
  evidence: {},
  time: '2026-12-02T09:00:30.000Z',
  previous: BEGAN,
};

/** Two steps and a halt. */
function chain(change: (step: RolloutStep) => Partial<RolloutStep> = () => ({})): ChainEntry[] {
  const entries: ChainEntry[] = [];
  for (const [index, kind] of (['step', 'step', 'halt'] as const).entries()) {
    const previous = entries.length > 0 ? recordDigest(entries.at(-1)?.body ?? '') : BEGAN;
    const step: RolloutStep = { ...FIRST, n: index + 1, kind, step: Math.min(index, 1), previous };
    entries.push({ key: stepKey({ ...ADDRESS, n: index + 1 }), body: serializeStep({ ...step, ...change(step) }) });
  }
  return entries;
}

const problems = (entries: ChainEntry[]) =>
  verifySteps(entries, BEGAN).findings.map(({ sequence, problem }) => `${sequence} ${problem}`);

describe('A step of a rollout', () => {
  it('is written as it was from the first', () => {
    const evidence = { errors: { n1: 53, k1: 9, n0: 990, k0: 11, e: 41.2 } };
    expect(serializeStep({ ...FIRST, n: 2, kind: 'halt', by: 'request', reason: 'complaints', evidence })).toBe(
      `{"at":"2026-12-02T09:02:00.000Z","by":"request","evidence":{"errors":{"e":41.2,"k0":11,"k1":9,"n0":990,"n1":53}},"kind":"halt","n":2,"plan":3,"previous":"${BEGAN}","reason":"complaints","schema":1,"step":0,"time":"2026-12-02T09:00:30.000Z"}\n`,
    );
  });

  it('is read as it was written, whatever a newer controller adds', () => {
    const body = serializeStep({ ...FIRST, evidence: { uses: 120, alarms: ['arn:aws:cloudwatch:…'] } });
    expect(serializeStep(parseStep(body))).toBe(body);
    expect(parseStep(body.replace('{', '{"added":1,'))).toMatchObject({ n: 1 });
  });

  it.each([
    ['kind', 'hold'],
    ['n', 0],
    ['plan', '3'],
    ['step', -1],
    ['by', 'somebody'],
    ['at', 'soon'],
    ['previous', null],
    ['schema', 2],
    ['evidence', null],
    ['evidence', { uses: -1 }],
    ['evidence', { errors: { n1: 1 } }],
  ])('is refused with a %s of %j', (name, value) => {
    const body = JSON.stringify({ ...FIRST, [name]: value });
    expect(() => parseStep(body)).toThrow(expect.objectContaining({ code: 'BadLedgerRecord' }));
    expect(() => parseStep('half')).toThrow(expect.objectContaining({ code: 'BadLedgerRecord' }));
  });

  it('lies under its plan, where no other key does', () => {
    const key = stepKey({ ...ADDRESS, n: 2 });
    expect(key).toBe('rollouts/ABCDEFGHIJ/PROD/3/99999997.json');
    expect(parseStepKey(key)).toEqual({ ...ADDRESS, n: 2 });
    expect(keyKind(key)).toBe('step');
    const foreign = ['/0/99999998', '/03/99999998', '/3/99999999', '/3/9999999', '/~/99999998', '/3/x/99999998'];
    expect(foreign.map((end) => keyKind(`rollouts/ABCDEFGHIJ/PROD${end}.json`))).toEqual(foreign.map(() => null));
    expect(() => stepKey({ ...ADDRESS, n: 0 })).toThrow(expect.objectContaining({ code: 'BadLedgerKey' }));
  });
});

describe('The steps of a rollout', () => {
  it('hold from the record that began it to a halt, in any order', () => {
    expect(verifySteps(chain().reverse(), BEGAN)).toMatchObject({ links: [{}, {}, {}], findings: [] });
  });

  it.each<[string, ChainEntry[], string[]]>([
    ['one that is missing', chain().filter((_, index) => index !== 1), ['3 Gap']],
    ['one of another plan', chain(({ n }) => (n === 3 ? { plan: 4 } : {})), ['3 WrongKey', '3 OtherAlias']],
    ['one under another number', chain(({ n }) => (n === 3 ? { n: 4 } : {})), ['3 WrongKey']],
    ['a skipped step', chain(({ n }) => (n === 2 ? { step: 2 } : {})), ['2 WrongFrom']],
    ['a step back', chain(({ n }) => (n === 2 ? { step: 0 } : {})), ['2 WrongFrom']],
    ['a beginning in the middle', chain(({ n }) => (n === 1 ? { step: 1 } : {})), ['1 WrongFrom', '2 WrongFrom']],
    ['a step after a halt', chain(({ n }) => ({ kind: n === 2 ? 'halt' : 'step', step: n - 1 })), ['3 WrongFrom']],
    ['another beginning', chain(({ n }) => (n === 1 ? { previous: 'b'.repeat(64) } : {})), ['1 WrongPrevious']],
    ['what is no step', [...chain().slice(0, 2), { key: chain()[2]?.key ?? '', body: 'half' }], ['3 BadRecord']],
  ])('show %s', (_name, entries, found) => {
    expect(problems(entries)).toEqual(found);
  });
});
