import { describe, expect, it } from 'vitest';
import {
  formatGates,
  formatGatesByAlias,
  gatesInForce,
  gateTerms,
  parseGates,
  parseGatesByAlias,
} from '../../../core/release/gate';
import type { ApprovalGate } from '../../../core/release/gates/approval';

const gate: ApprovalGate = { gate: 'approval', askedBy: 'authors', by: 'risk', count: 1, expires: 604_800 };
const legal = { ...gate, by: 'legal' };

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
