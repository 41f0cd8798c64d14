import { canonicalJson } from '../content/canonical-json';
import type { PromptBlock, PromptVariantContent } from '../content/prompt-content';
import { filledText, type TextParts, textParts } from '../content/text-parts';
import { list, object, text } from './trail-event';

/** What a request holds that the version that it names does not. */
export type AddedPart = 'messages' | 'tool results' | 'system' | 'tools' | 'output format' | 'request fields';

export type ContentVerdict =
  | { readonly verdict: 'as released' }
  | { readonly verdict: 'added'; readonly what: readonly AddedPart[] }
  | { readonly verdict: 'cannot tell'; readonly why: string };

/** A block of a conversation that says something: of the version a text to fill in, of the log what stands there. */
interface Said<Block> {
  readonly role: string;
  readonly block: Block;
}

/** Shorter pieces of a version's text stand in many a text. */
const TELLING = 8;

const AS_RELEASED: ContentVerdict = { verdict: 'as released' };

/**
 * Compares a logged request with the version that it is of.
 *
 * AWS does not document whether the log of a call with a prompt shows the request as it was sent, where all its messages
 * are the caller's, or as the model got it, where the version's own come first. Both are read; what is neither is not
 * judged. Bedrock itself refuses `system`, `toolConfig`, `inferenceConfig` and `additionalModelRequestFields` with a prompt
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
 */
export class ReleasedContent {
  private readonly messages: readonly Said<TextParts>[];
  private readonly system: readonly Said<TextParts>[];
  private readonly tools: ReadonlyMap<string, string>;
  private readonly requestFields: string | undefined;

  constructor({ templateConfiguration, additionalModelRequestFields }: PromptVariantContent) {
    const { text: single, chat } = templateConfiguration;
    const variables = (single ?? chat).inputVariables ?? [];
    const ready = (role: string, blocks: readonly PromptBlock[] = []) =>
      blocks.flatMap(({ text: source }) =>
        source === undefined ? [] : [{ role, block: textParts(source, variables, true) }],
      );
    this.messages = single
      ? ready('user', [{ text: single.text }])
      : chat.messages.flatMap(({ role, content }) => ready(role, content));
    this.system = ready('system', chat?.system);
    const specs = (chat?.toolConfiguration?.tools ?? []).flatMap(({ toolSpec }) => toolSpec ?? []);
    this.tools = new Map(specs.map((spec) => [spec.name, canonicalJson(spec)]));
    this.requestFields =
      additionalModelRequestFields === undefined ? undefined : canonicalJson(additionalModelRequestFields);
  }

  /** Whether the model may ask for tools, whose results the caller then has to send. */
  get hasTools(): boolean {
    return this.tools.size > 0;
  }

  /**
   * @param body `inputBodyJson`
   * @param isNamed whether the record itself names the version; a claim of the caller's metadata may be wrong
   */
  judge(body: unknown, operation: string, isNamed: boolean): ContentVerdict {
    if (body === undefined) return { verdict: 'cannot tell', why: 'what was sent is not in the log' };
    const request = object(body);
    if (operation.startsWith('InvokeModel')) {
      const isBare = Object.keys(request).every((name) => name === 'promptVariables');
      return isBare ? AS_RELEASED : { verdict: 'cannot tell', why: "InvokeModel's body is in the model's own format" };
    }
    const conversation = this.compareMessages(request);
    const parts = [
      conversation,
      this.compareSystem(request),
      this.compareTools(request),
      ...this.compareOthers(request),
    ];
    const added = parts.flatMap((part) => (Array.isArray(part) ? part : []));
    const isOfVersion = isNamed || 'promptVariables' in request || this.isShown(request);
    if (added.length > 0 && isOfVersion) return { verdict: 'added', what: [...new Set(added)].sort() };
    if (added.length > 0) return { verdict: 'cannot tell', why: "nothing but the caller's own word names the version" };
    if (parts.includes('other'))
      return { verdict: 'cannot tell', why: "the log shows the version's text in another form" };
    return AS_RELEASED;
  }

  /** What of the conversation is not the version's; `other` where that cannot be told. */
  private compareMessages(request: Record<string, unknown>): AddedPart[] | 'other' {
    const shown = conversationIn(request);
    // A version with nothing but a system text leaves the conversation to its callers.
    if (shown.length === 0 || this.messages.length === 0) return [];
    const values = valuesOf(request);
    if (begins(shown, this.messages, values)) return shown.slice(this.messages.length).map(partOf);
    if (resembles(shown, this.messages)) return 'other';
    // Without values the version's own text has to be recognised, to know that it is not there.
    const isRecognised = this.messages.some(({ block }) => telling(block).length > 0);
    return values !== undefined || isRecognised ? shown.map(partOf) : 'other';
  }

  /** Whether the conversation begins with the version's own. */
  private isShown(request: Record<string, unknown>): boolean {
    return this.messages.length > 0 && begins(conversationIn(request), this.messages, valuesOf(request));
  }

  private compareSystem(request: Record<string, unknown>): AddedPart[] | 'other' {
    const shown = spoken('system', request.system);
    if (shown.length === 0) return [];
    if (begins(shown, this.system, valuesOf(request))) {
      return shown.length > this.system.length ? ['system'] : [];
    }
    return resembles(shown, this.system) ? 'other' : ['system'];
  }

  private compareTools(request: Record<string, unknown>): AddedPart[] | 'other' {
    const shown = list(object(request.toolConfig).tools).flatMap((tool) => object(tool).toolSpec ?? []);
    const names = shown.map((spec) => text(object(spec).name) ?? '');
    if (names.some((name) => !this.tools.has(name))) return ['tools'];
    return shown.every((spec, index) => this.tools.get(names[index] ?? '') === safely(spec)) ? [] : 'other';
  }

  private compareOthers({ outputConfig, additionalModelRequestFields: fields }: Record<string, unknown>) {
    const other: (AddedPart[] | 'other')[] = [];
    if (outputConfig !== undefined) other.push(['output format']);
    const isEmpty = fields === undefined || fields === null || safely(fields) === '{}';
    if (!isEmpty && this.requestFields === undefined) other.push(['request fields']);
    else if (!isEmpty && this.requestFields !== safely(fields)) other.push('other');
    return other;
  }
}

/** Blocks but for cache points, which say nothing. */
function spoken(role: string, content: unknown): Said<Record<string, unknown>>[] {
  const blocks = list(content).map(object);
  return blocks.filter((block) => block.cachePoint === undefined).map((block) => ({ role, block }));
}

function partOf({ block }: Said<Record<string, unknown>>): AddedPart {
  return block.toolUse !== undefined || block.toolResult !== undefined ? 'tool results' : 'messages';
}

function conversationIn({ messages }: Record<string, unknown>): Said<Record<string, unknown>>[] {
  return list(messages).flatMap((message) => {
    const { role, content } = object(message);
    return spoken(text(role) ?? '', content);
  });
}

/** Undefined where the log does not show them. */
function valuesOf({ promptVariables }: Record<string, unknown>): Record<string, string> | undefined {
  if (promptVariables === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(object(promptVariables)).map(([name, value]) => [name, String(object(value).text ?? '')]),
  );
}

/** Whether what is shown begins with the version's own, filled in with these values or with any. */
function begins(
  shown: readonly Said<Record<string, unknown>>[],
  own: readonly Said<TextParts>[],
  values: Record<string, string> | undefined,
): boolean {
  return own.every(({ role, block }, index) => {
    const found = shown[index];
    const said = found && typeof found.block.text === 'string' ? found.block.text.trim() : undefined;
    if (said === undefined || found?.role !== role) return false;
    return values === undefined ? fits(said, block) : said === filledText(block, values).trim();
  });
}

/** Whether a text may be a template with any values: its fixed pieces stand there in order, the first and last at the ends. */
function fits(said: string, parts: TextParts): boolean {
  const pieces = parts.filter((_, index) => index % 2 === 0);
  const [first = '', last = ''] = [pieces[0]?.trimStart(), pieces.at(-1)?.trimEnd()];
  if (pieces.length === 1) return said === first.trimEnd();
  let at = said.startsWith(first) ? first.length : -1;
  for (const piece of pieces.slice(1, -1)) {
    const found = at < 0 ? -1 : said.indexOf(piece, at);
    at = found < 0 ? -1 : found + piece.length;
  }
  return at >= 0 && said.endsWith(last) && said.length - last.length >= at;
}

/** Whether pieces of the version's own text stand in what is shown. */
function resembles(shown: readonly Said<Record<string, unknown>>[], own: readonly Said<TextParts>[]): boolean {
  const all = shown.map(({ block }) => text(block.text) ?? '');
  return own.some(({ block }) => telling(block).some((piece) => all.some((said) => said.includes(piece))));
}

/** Fixed pieces that a text of the version can be known by; one without variables stands there whole. */
function telling(parts: TextParts): string[] {
  const fixed = parts.filter((_, index) => index % 2 === 0).map((part) => part.trim());
  return fixed.filter(({ length }) => length >= (parts.length === 1 ? 1 : TELLING));
}

/** Null for what no canonical JSON can be made of. */
function safely(value: unknown): string | null {
  try {
    return canonicalJson(value);
  } catch {
    return null;
  }
}
