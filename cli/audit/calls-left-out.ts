import { evaluationCalls } from '../../core/audit/evaluation-calls';
import { plural } from '../../studio/plural';

/** Evaluations that a line names. */
const NAMED = 5;

/** Which signed evaluations CloudTrail cannot tell the calls of, and why; undefined where it can of all of them. */
export function callsLeftOut(audited: Parameters<typeof evaluationCalls>[0]): string | undefined {
  const all = evaluationCalls(audited);
  const left = all.filter(({ standing }) => standing !== 'compared');
  if (left.length === 0) return undefined;
  const keys = left.slice(0, NAMED).map(({ key, standing }) => `${key} (${standing})`);
  const more = left.length > NAMED ? ', …' : '';
  return `${left.length} of ${plural(all.length, 'signed evaluation')} not compared with renderings: ${keys.join(', ')}${more}`;
}
