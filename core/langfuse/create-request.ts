import {
  anything,
  atLeast,
  atMost,
  boolean,
  type Check,
  either,
  fields,
  list,
  literal,
  matches,
  nullish,
  optional,
  text,
} from './check';
import { promptName } from './prompt-name';
import type { LangfuseMessage, LangfusePrompt } from './prompt-row';
import { invalidRequest } from './refusal';

/** A version that somebody wants to create. */
export interface CreateRequest {
  readonly name: string;
  readonly type: 'text' | 'chat';
  readonly prompt: LangfusePrompt;
  readonly config: unknown;
  readonly labels: readonly string[];
  /** Undefined: the tags that the prompt has. */
  readonly tags?: readonly string[];
  readonly commitMessage: string | null;
  /** Of the first protocol: whether it becomes `production`. */
  readonly isActive?: boolean;
}

const label = text(
  atLeast(1),
  atMost(36),
  matches(/^[a-z0-9_\-.]+$/, 'Label must be lowercase alphanumeric with optional underscores, hyphens, or periods'),
);

const placeholderName = matches(
  /^[a-zA-Z][a-zA-Z0-9_]*$/,
  'Placeholder name must start with a letter and contain only alphanumeric characters and underscores',
);

const isSaid = fields({ role: text(), content: text() });
const message = either(isSaid, fields({ type: literal('placeholder'), name: text(placeholderName) }));

const prompts = (isFirst: boolean): Check => {
  const rest = { config: anything, tags: nullish(list(text())) };
  const added: Record<string, Check> = isFirst ? { isActive: boolean } : { commitMessage: nullish(text(atMost(500))) };
  const of = (type: Check, prompt: Check) =>
    fields({ name: promptName, labels: optional(list(label)), type, prompt, ...rest, ...added });
  return either(of(optional(literal('text')), text()), of(literal('chat'), list(message)));
};
const current = prompts(false);
const first = prompts(true);

/** @throws Refusal with what is wrong with each field; fields it does not know are ignored */
export function readCreateRequest(body: unknown, protocol: 'v1' | 'v2'): CreateRequest {
  const issues = (protocol === 'v1' ? first : current)(body, []);
  if (issues.length > 0) throw invalidRequest(issues);
  const { name, type, prompt, config, labels, tags, commitMessage, isActive } = body as Record<string, unknown>;
  return {
    name: (name as string).trim(),
    type: type === 'chat' ? 'chat' : 'text',
    prompt: Array.isArray(prompt) ? prompt.map(withoutMore) : (prompt as string),
    config: config ?? {},
    labels: (labels as string[] | undefined) ?? [],
    tags: (tags as string[] | null) ?? undefined,
    commitMessage: protocol === 'v1' ? null : ((commitMessage as string | undefined) ?? null),
    isActive: isActive as boolean | undefined,
  };
}

/** Clients send `type: "chatmessage"` with a message; it is not kept. */
function withoutMore(message: Record<string, string>): LangfuseMessage {
  const { role = '', content = '', name = '' } = message;
  return isSaid(message, []).length === 0 ? { role, content } : { type: 'placeholder', name };
}
