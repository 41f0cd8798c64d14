import { describe, expect, it } from 'vitest';
import type { ModelFacts } from '../../../core/models/model-facts';
import {
  formatGates,
  formatGatesByAlias,
  gatesInForce,
  gateTerms,
  parseGates,
  parseGatesByAlias,
} from '../../../core/release/gate';
import type { ApprovalGate } from '../../../core/release/gates/approval';
import type { ModelGate } from '../../../core/release/gates/model';
import { judge } from '../../../core/release/judge';

const gate: ApprovalGate = { gate: 'approval', askedBy: 'authors', by: 'risk', count: 1, expires: 604_800 };
const legal = { ...gate, by: 'legal' };

describe('A model gate', () => {
  const gate = { gate: 'model', endsAfter: 2_592_000, among: ['us.amazon.nova-pro-v1:0'] } as const;
  const facts = {
    id: 'us.amazon.nova-pro-v1:0',
    model: 'amazon.nova-pro-v1:0',
    status: 'ACTIVE',
    ends: null,
    read: '',
  };
  const profile = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc';
  const verdict = (of: ModelGate, model: Partial<ModelFacts>) => {
    const target = { version: 1, digest: 'pd1:' };
    const props = {
      promptName: 'p',
      aliasName: 'PROD',
      target,
      live: null,
      gates: [of],
      reviews: [],
      now: Date.UTC(2026, 11, 1),
    };
    const { refusals, warnings = [] } = judge({ ...props, model: { ...facts, ...model } });
    return { codes: refusals.map(({ code }) => code), warnings };
  };

  it('travels as canonical JSON', () => {
    const text = '[{"among":["us.amazon.nova-pro-v1:0"],"endsAfter":2592000,"gate":"model"}]';
    expect(formatGates([gate])).toBe(text);
    expect(parseGates(text)).toEqual([gate]);
  });

  it.each([
    { ...gate, endsAfter: -1 },
    { ...gate, endsAfter: 1.5 },
    { ...gate, endsAfter: 3 * 365 * 86_400 },
    { ...gate, among: [] },
    { ...gate, among: ['a', 'a'] },
    { ...gate, among: ['amazon.*'] },
    { ...gate, among: ['a b'] },
    { ...gate, among: [1 as unknown as string] },
    { ...gate, among: Array.from({ length: 21 }, (_, index) => `m${index}`) },
    { ...gate, prompts: ['x'] },
  ])('is refused: %j', (wrong) => {
    expect(() => parseGates(formatGates([wrong]))).toThrow(expect.objectContaining({ code: 'InvalidGate' }));
  });

  it.each<[string, Partial<ModelFacts>, string[]]>([
    ['what it names', {}, []],
    ['its ARN', { id: `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${facts.id}` }, []],
    ['the same model by another route', { id: 'amazon.nova-pro-v1:0' }, ['ModelNotAmong']],
    ['another geography', { id: 'eu.amazon.nova-pro-v1:0' }, ['ModelNotAmong']],
    ['an application profile of another model', { id: profile, model: 'amazon.nova-lite-v1:0' }, ['ModelNotAmong']],
    [
      'a model of one’s own',
      { id: 'arn:aws:bedrock:us-east-1:1:provisioned-model/x', status: 'OWN' },
      ['ModelNotAmong'],
    ],
    ['an end in exactly 30 days', { ends: '2026-12-31T00:00:00.000Z' }, ['ModelEnds']],
    ['an end a second later', { ends: '2026-12-31T00:00:01.000Z' }, []],
    ['an end that is over', { ends: '2020-01-01T00:00:00.000Z' }, ['ModelEnds']],
    ['what Bedrock does not have', { status: 'UNKNOWN', model: null }, ['NoSuchModel']],
  ])('judges %s', (_, model, codes) => {
    expect(verdict(gate, model).codes).toEqual(codes);
  });

  it('takes an application profile for the model that it leads to', () => {
    const plain = { ...gate, among: ['amazon.nova-pro-v1:0'] };
    expect(verdict(plain, { id: profile }).codes).toEqual([]);
    expect(verdict(plain, { id: 'us.amazon.nova-pro-v1:0' }).codes).toEqual(['ModelNotAmong']);
    expect(verdict({ ...gate, among: [profile] }, { id: profile, model: 'x' }).codes).toEqual([]);
  });

  it.each(['LEGACY', 'UNREAD', 'OWN'])('lets %s through with a warning', (status) => {
    expect(verdict({ gate: 'model' }, { status })).toEqual({
      codes: [],
      warnings: [expect.stringContaining('us.amazon.nova-pro-v1:0')],
    });
  });
});

describe('The gates of an alias', () => {
  it('travel as canonical JSON', () => {
    const text = '[{"askedBy":"authors","by":"risk","count":1,"expires":604800,"gate":"approval"}]';
    expect(formatGates([gate])).toBe(text);
    expect(parseGates(text)).toEqual([gate]);
    expect(gateTerms([gate])).toBe('tm1:a2900da8e91faea003f0aab19ed558273bd726a345453e08878ce45d403d65de');
    expect(parseGatesByAlias(formatGatesByAlias({ '*': [gate], STAGING: [] }))).toEqual({ '*': [gate], STAGING: [] });
  });

  it('are those of the registry for its name, an exact name before *, and its own', () => {
    const ofRegistry = { '*': [gate], STAGING: [], PROD: [legal] };
    expect(gatesInForce(ofRegistry, 'CANARY')).toEqual([gate]);
    expect(gatesInForce(ofRegistry, 'STAGING')).toEqual([]);
    expect(gatesInForce(ofRegistry, 'PROD')).toEqual([legal]);
    expect(gatesInForce(ofRegistry, 'PROD', [gate])).toEqual([legal, gate]);
    expect(gatesInForce(ofRegistry, 'PROD', [{ ...legal }])).toEqual([legal]);
    expect(gatesInForce({}, 'PROD')).toEqual([]);
    expect(gatesInForce({}, 'constructor')).toEqual([]);
  });

  it('may be of a kind that is not known yet: it is the judge who refuses it', () => {
    expect(parseGates('[{"gate":"model","among":["x"]}]')).toEqual([{ gate: 'model', among: ['x'] }]);
  });

  it.each([
    'x',
    '{}',
    '[1]',
    '[null]',
    '[{}]',
    '[{"gate":1}]',
    '[{"gate":"approval"}]',
    formatGates([{ ...gate, count: 0 }]),
    formatGates([{ ...gate, count: 6 }]),
    formatGates([{ ...gate, count: 1.5 }]),
    formatGates([{ ...gate, expires: 59 }]),
    formatGates([{ ...gate, expires: 91 * 86_400 }]),
    formatGates([{ ...gate, signature: 'key' } as ApprovalGate]),
  ])('are refused: %s', (text) => {
    expect(() => parseGates(text)).toThrow(expect.objectContaining({ code: 'InvalidGate' }));
  });

  it.each(['Risk', '1', 'a/b', '', 'x'.repeat(32)])('name groups: not %j', (by) => {
    expect(() => parseGates(formatGates([{ ...gate, by }]))).toThrow(expect.objectContaining({ code: 'InvalidGroup' }));
  });
});
