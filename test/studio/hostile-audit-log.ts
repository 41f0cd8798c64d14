import type { AuditLog } from '../../studio/audit-page/audit-log';
import { sampleLog } from './audit-sample';

/** Texts that would run, or change the page, where they were taken for HTML. */
export const ATTACKS = [
  '<script>window.hit=1</script>',
  '"><img src=x onerror=window.hit=1>',
  '</style><svg/onload=window.hit=1>',
  '\u202e<b>x</b>\u0000',
];

/** The same log with an attack wherever text comes from a registry or from CloudTrail. */
export function hostile(attack: string): AuditLog {
  const [row] = sampleLog.rows;
  const [head] = sampleLog.heads;
  const [model] = sampleLog.models;
  if (!row || !head || !model) throw new Error('no sample');
  const link = {
    who: attack,
    type: attack,
    sessionName: attack,
    sourceIdentity: attack,
    eventName: attack,
    eventId: attack,
    time: row.time,
  };
  const evil = { ...row, alias: attack, reason: attack, operation: attack, digest: attack, object: attack };
  return {
    ...sampleLog,
    ...{ prompt: attack, promptIds: [attack], registry: attack, bucket: attack, alias: attack, notes: [attack] },
    standings: [
      { alias: attack, move: { ...evil, person: { links: [link], end: 'person' } }, model: attack, withdrawn: [] },
    ],
    models: [{ ...model, model: attack, end: attack, successor: attack, read: attack }],
    rows: [{ ...evil, person: { links: [link], end: 'person' } }],
    heads: [{ ...head, prompt: attack, alias: attack, digest: attack }],
    findings: [{ key: attack, sequence: 1, problem: 'Gap', message: attack }],
  };
}
