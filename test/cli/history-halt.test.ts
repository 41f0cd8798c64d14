import { expect, it } from 'vitest';
import { type AliasHistory, historyText } from '../../cli/history-text';
import type { Person } from '../../core/audit/release-log';
import type { LedgerRecord } from '../../core/ledger/record';
import type { RolloutStep } from '../../core/ledger/rollout-step';
import { fakeTerminal } from './fake-terminal';

const AT = '2026-11-29T16:40:00.000Z';
const dana: Person = {
  links: [],
  end: 'one of',
  among: [{ links: [{ who: 'arn:aws:sts::111122223333:assumed-role/OnCall/x', sessionName: 'dana' }], end: 'top' }],
} as unknown as Person;

function shown(by: RolloutStep['by'], reason: string, person: Person | undefined): string {
  const halt = { n: 2, plan: 1, kind: 'halt', step: 0, at: AT, time: AT, by, reason, evidence: {} };
  const record = { sequence: 1, time: AT, kind: 'rollout', from: null, to: null, withdrawn: [], rollout: null };
  const history = {
    ...{ alias: 'PROD', version: null, records: [record as unknown as LedgerRecord], findings: [], notes: [] },
    ...{ steps: { 1: [halt as unknown as RolloutStep] }, ...(person && { haltedBy: { 1: person } }) },
  } as unknown as AliasHistory;
  const { terminal } = fakeTerminal(undefined, { NO_COLOR: '1' });
  return historyText(history, { since: undefined, count: 9 }, Object.assign(Object.create(terminal), { width: 400 }));
}

it.each<[string, RolloutStep['by'], string, Person | undefined, string | undefined]>([
  ['asked for, with a trail', 'request', 'complaints', dana, 'asked for, by perhaps role/OnCall as dana'],
  ['asked for, without one', 'request', 'complaints', undefined, 'asked for, --trail-bucket tells by whom'],
  ['found, with a trail', 'controller', 'the parameter said so', dana, ' asked for, by perhaps role/OnCall as dana'],
  ['found, without one', 'controller', 'the parameter said so', undefined, 'perhaps asked for, --trail-bucket tells'],
  ['found, where nobody called', 'controller', 'the parameter said so', { links: [], end: 'controller' }, undefined],
  ['the controller’s own', 'controller', 'alarm Slow is in ALARM', undefined, undefined],
])('The history of a halt that was %s says who asked', (_, by, reason, person, expected) => {
  const text = shown(by, reason, person);
  expect(text).toContain(reason);
  if (expected === undefined) expect(text).not.toContain('asked for');
  else expect(text).toContain(expected);
});
