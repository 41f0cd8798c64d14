import { plural } from '../../studio/plural';
import type { Terminal } from '../terminal';
import type { WaitingRequests } from './waiting-requests';

/** `1 request waits for risk: financial-analysis PROD → 2`: a line for all that wait for the same groups. */
export function waitingLines({ requests, notes }: WaitingRequests, { glyphs }: Pick<Terminal, 'glyphs'>): string[] {
  const byGroups = new Map<string, string[]>();
  for (const { prompt, alias, version, waitsFor } of requests) {
    const groups = waitsFor.join(' and ');
    byGroups.set(groups, [...(byGroups.get(groups) ?? []), `${prompt} ${alias} ${glyphs.arrow} ${version}`]);
  }
  const lines = [...byGroups].map(([groups, moves]) => {
    const one = moves.length === 1;
    const what =
      groups === '' ? `${one ? 'is' : 'are'} agreed to and not released` : `${one ? 'waits' : 'wait'} for ${groups}`;
    return `${plural(moves.length, 'request')} ${what}: ${moves.join(', ')}`;
  });
  return [...lines, ...notes];
}
