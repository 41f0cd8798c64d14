import { lastPart } from '../core/audit/trail-event';
import { visibleLine } from '../core/text/visible-text';

/** `abc123:3` of `arn:…:guardrail/abc123:3`; empty for none. */
export function shortGuardrail(guardrail: string | undefined): string {
  return guardrail === undefined ? '' : visibleLine(lastPart(guardrail));
}
