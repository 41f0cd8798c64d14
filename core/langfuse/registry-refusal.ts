import { Refusal } from './refusal';
import type { ServedAlias } from './served-alias';

/** What to do instead of each write. A client shows the message, so the message has the command. */
export const REFUSALS = {
  labelIsAlias: (label: string, { prompt, alias, stack }: ServedAlias, version: number) =>
    forbidden(
      `Label '${label}' is the alias ${alias} of ${prompt}. It moves with the stack ${stack} only: prompt-registry promote ${prompt} ${alias} --to ${version}`,
    ),
  labelIsNone: (label: string, { prompt, stack }: ServedAlias) =>
    forbidden(
      `Label '${label}' is no alias of ${prompt} that this key may read. Labels are aliases: the stack ${stack} defines one with prompt.addAlias(), and it moves with that stack only`,
    ),
  version: ({ prompt, alias, stack }: ServedAlias) =>
    forbidden(
      `Versions of ${prompt} are published by the stack ${stack}: change its .prompt file and deploy, then prompt-registry promote ${prompt} ${alias}`,
    ),
  newPrompt: (name: string, stack: string) =>
    forbidden(
      `'${name}' is no prompt that this key may read. Prompts are .prompt files of the app that deploys the stack ${stack}: add one there and deploy`,
    ),
  removal: ({ prompt, alias, stack }: ServedAlias) =>
    forbidden(
      `Versions of ${prompt} are never deleted by a key. The stack ${stack} takes one away from callers: prompt-registry rollback ${prompt} ${alias} --withdraw`,
    ),
} as const;

function forbidden(message: string): Refusal {
  return new Refusal('ForbiddenError', message);
}
