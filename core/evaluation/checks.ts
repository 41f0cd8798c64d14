import type { CheckKind } from './check-kind';
import { containsAll, containsAny, notContains } from './checks/contains';
import { equals } from './checks/equals';
import { ownFunction } from './checks/function';
import { jsonPath } from './checks/json-path';
import { jsonSchema } from './checks/json-schema';
import { judge } from './checks/judge';
import { maxLength } from './checks/max-length';
import { refusal } from './checks/refusal';
import { regex } from './checks/regex';
import { tokenF1 } from './checks/token-f1';
import { toolCall } from './checks/tool-call';

/** All kinds of checks, in the order of docs/evaluations.md. */
export const CHECK_KINDS: readonly CheckKind<never>[] = [
  equals,
  containsAll,
  containsAny,
  notContains,
  regex,
  jsonSchema,
  jsonPath,
  maxLength,
  tokenF1,
  refusal,
  toolCall,
  judge,
  ownFunction,
];

/** The kind of this name. */
export function checkKind(name: unknown): CheckKind<never> | undefined {
  return CHECK_KINDS.find((kind) => kind.name === name);
}
