import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../core/content/canonical-json';
import { invertedKey, numberOfInvertedKey } from '../../../core/ledger/inverted-key';
import { type ChainEntry, type ChainKind, verifyLinks } from '../../../core/ledger/linked-chain';
import { recordDigest } from '../../../core/ledger/record';
import { RegistryError } from '../../../core/registry-error';

/** Steps of a rollout, which will be the second kind of chain: it begins with the digest of the record that began the plan. */
interface Step {
  readonly plan: number;
  readonly n: number;
  readonly kind: string;
  readonly previous: string | null;
}

const BEGAN = 'a'.repeat(64);
const FOLDER = 'rollouts/ABCDEFGHIJ/PROD';
const KEY = /^(rollouts\/[^/]+\/[^/]+)\/\d+\/(\d{8})\.json$/;

const STEPS: ChainKind<Step> = {
  sequenceOf: (key) => {
    const [, , digits] = KEY.exec(key) ?? [];
    if (digits === undefined) throw new RegistryError('BadLedgerKey', `expected the key of a step, found ${key}`);
    return numberOfInvertedKey(digits);
  },
  parse: (body) => {
    const step = JSON.parse(body);
    if (typeof step.n !== 'number') throw new RegistryError('BadLedgerRecord', 'expected a step');
    return step;
  },
  root: BEGAN,
  placeOf: ({ plan, n }, key) => keyOf(plan, n, KEY.exec(key)?.[1]),
  isSame: (step, other) => step.plan === other.plan,
  subject: ({ plan }) => `plan ${plan}`,
};

function keyOf(plan: number, n: number, folder = FOLDER): string {
  return `${folder}/${plan}/${invertedKey(n, 8)}.json`;
}

function chain(length: number, change: (step: Step) => Partial<Step> = () => ({})): ChainEntry[] {
  const entries: ChainEntry[] = [];
  for (let n = 1; n <= length; n++) {
    const before = entries.at(-1)?.body;
    const step = { plan: 3, n, kind: 'step', previous: before === undefined ? BEGAN : recordDigest(before) };
    entries.push({ key: keyOf(3, n), body: `${canonicalJson({ ...step, ...change(step) })}\n` });
  }
  return entries;
}

const problems = (entries: ChainEntry[]) =>
  verifyLinks(entries, STEPS).findings.map(({ sequence, problem }) => `${sequence} ${problem}`);

describe('A chain of another kind than an alias’s', () => {
  it('holds, in any order, and has no place to begin at but its own', () => {
    expect(verifyLinks(chain(4).reverse(), STEPS)).toMatchObject({
      links: [1, 2, 3, 4].map((sequence) => ({ sequence, record: { n: sequence, kind: 'step' } })),
      findings: [],
    });
  });

  it.each<[string, ChainEntry[], string[]]>([
    ['a step is gone', chain(4).filter((_, index) => index !== 1), ['3 Gap']],
    ['it begins elsewhere', chain(2, ({ n }) => (n === 1 ? { previous: null } : {})), ['1 WrongPrevious']],
    ['a step follows another one', chain(3, ({ n }) => (n === 3 ? { previous: BEGAN } : {})), ['3 WrongPrevious']],
    ['a step says another number', chain(3, ({ n }) => (n === 3 ? { n: 7 } : {})), ['3 WrongKey']],
    ['a step is of another plan', chain(3, ({ n }) => (n === 3 ? { plan: 4 } : {})), ['3 WrongKey', '3 OtherAlias']],
    ['a step is none', chain(3).map((one, index) => (index === 2 ? { ...one, body: '{}' } : one)), ['3 BadRecord']],
    ['a key is none', [...chain(1), { key: `${FOLDER}/3/x.json`, body: '{}' }], ['null BadKey']],
    ['two steps claim one number', [...chain(2), { ...(chain(2)[1] as ChainEntry) }], ['2 Fork']],
  ])('does not where %s', (_, entries, expected) => {
    expect(problems(entries)).toEqual(expected);
  });

  it('needs no rule of where a record begins, and obeys one', () => {
    const neverTwice: ChainKind<Step> = {
      ...STEPS,
      break: ({ kind }, before) => (before.some((step) => step.kind === kind) ? `is a ${kind} again` : undefined),
    };
    const halted = chain(3, ({ n }) => ({ kind: n === 2 ? 'halt' : 'step' }));
    expect(verifyLinks(halted, neverTwice).findings).toEqual([]);
    expect(verifyLinks(chain(2), neverTwice).findings).toMatchObject([
      { problem: 'WrongFrom', message: 'record 2 is a step again' },
    ]);
  });
});
