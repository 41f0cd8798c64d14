import type { LostPart } from '../../core/evaluation/foreign-cases';
import { visibleLine } from '../../core/text/visible-text';
import type { Terminal } from '../terminal';

/** What did not come along, a line each. */
export function lostText(lost: readonly LostPart[], { glyphs }: Terminal): string[] {
  return lost.map(({ where, what, fix }) => `${glyphs.note} ${visibleLine(where)}: ${visibleLine(what)}; ${fix}`);
}
