import { createHash } from 'node:crypto';
import type { ContentBlock, StopReason, Tool } from '@aws-sdk/client-bedrock-runtime';
import { AwsError } from '../aws-error';

/** What was said so far, as the model gets it. */
export interface ModelTurn {
  readonly speaker: 'system' | 'user' | 'assistant';
  /** Its text blocks, joined by line breaks. */
  readonly text: string;
}

/** One call of a scripted model. */
export interface ModelCall {
  readonly modelId: string;
  /** ARN of the prompt version that was called, if it was one. */
  readonly prompt?: string;
  /** How often this model was called with these turns before. */
  readonly repeat: number;
  readonly tools: readonly Tool[];
  /** From 0 to below 1, by the seed, the model, the turns and the repeat: the order of calls changes nothing. */
  random(): number;
}

/** A text, or more: what is left out is counted as for a text. */
export type ModelAnswer =
  | string
  | {
      readonly text?: string;
      /** Instead of `text`: texts and calls of tools. */
      readonly content?: readonly ContentBlock[];
      /** @default tool_use where a tool is called, else end_turn */
      readonly stopReason?: StopReason;
      readonly inputTokens?: number;
      readonly outputTokens?: number;
      readonly latencyMs?: number;
    };

export type ModelFunction = (turns: readonly ModelTurn[], call: ModelCall) => ModelAnswer;

export interface ModelScript {
  readonly answer: ModelFunction;
  /** Answers that come out otherwise: the share of them, from 0 to 1, chosen by the seed. */
  readonly flaky?: { readonly share: number; readonly answer: ModelFunction };
  /** Share of the calls that are refused with ThrottlingException, chosen by the seed; a repetition has another fate. */
  readonly throttled?: number;
  /** Tokens of input and output within a minute of the endpoint's clock, after which calls are refused. @default any number */
  readonly tokensPerMinute?: number;
}

/** Models by id, of the model itself or of the profile that is called. */
export type ScriptedModels = Readonly<Record<string, ModelFunction | ModelScript>>;

export interface ScriptedCall {
  readonly modelId: string;
  readonly prompt?: string;
  readonly turns: readonly { readonly speaker: string; readonly text: string }[];
  readonly tools?: readonly Tool[];
  readonly time: Date;
}

/** Answers for the models that a test wrote; the others echo. */
export class ModelScripts {
  private readonly models: Map<string, ModelFunction | ModelScript>;
  private readonly repeats = new Map<string, number>();
  private readonly refusals = new Map<string, number>();
  private readonly spent = new Map<string, { readonly at: number; readonly tokens: number }[]>();

  constructor(
    models: ScriptedModels = {},
    private readonly seed = 0,
  ) {
    this.models = new Map(Object.entries(models));
  }

  /** From now on; without a script the model echoes again. */
  set(modelId: string, script: ModelFunction | ModelScript | undefined): void {
    if (script) {
      this.models.set(modelId, script);
    } else {
      this.models.delete(modelId);
    }
  }

  has(modelId: string): boolean {
    return this.models.has(modelId);
  }

  /** Throws ThrottlingException, and what the script throws. */
  answer({ modelId, prompt, turns, tools = [], time }: ScriptedCall) {
    const found = this.models.get(modelId) as ModelFunction | ModelScript;
    const script = typeof found === 'function' ? { answer: found } : found;
    const asked = JSON.stringify([modelId, turns]);
    this.refuse(modelId, script, asked, time);
    const repeat = take(this.repeats, asked);
    const random = randomFrom(`${this.seed}/${asked}/${repeat}`);
    const isFlaky = random() < (script.flaky?.share ?? 0);
    const answer = (isFlaky && script.flaky?.answer) || script.answer;
    const said = answer(turns as readonly ModelTurn[], { modelId, prompt, repeat, tools, random });
    const made = madeAnswer(said, turns);
    this.spent.get(modelId)?.push({ at: time.getTime(), tokens: made.usage.totalTokens });
    return made;
  }

  private refuse(modelId: string, script: ModelScript, asked: string, time: Date): void {
    const { throttled = 0, tokensPerMinute } = script;
    const random = throttled > 0 && randomFrom(`${this.seed}/${asked}/refused/${take(this.refusals, asked)}`);
    if (random && random() < throttled) {
      throw throttling('Too many requests, please wait before trying again.');
    }
    if (tokensPerMinute !== undefined) {
      const recent = (this.spent.get(modelId) ?? []).filter(({ at }) => at > time.getTime() - 60_000);
      this.spent.set(modelId, recent);
      if (recent.reduce((sum, { tokens }) => sum + tokens, 0) >= tokensPerMinute) {
        throw throttling('Too many tokens, please wait before trying again.');
      }
    }
  }
}

function madeAnswer(said: ModelAnswer, turns: ScriptedCall['turns']) {
  const given = typeof said === 'string' ? { text: said } : said;
  const content = [...(given.content ?? [{ text: given.text ?? '' }])];
  const isTool = content.some(({ toolUse }) => toolUse !== undefined);
  const inputTokens = given.inputTokens ?? tokens(turns.map(({ text }) => text).join('\n'));
  const outputTokens =
    given.outputTokens ?? tokens(content.map((block) => block.text ?? JSON.stringify(block)).join(''));
  return {
    output: { message: { role: 'assistant' as const, content } },
    stopReason: given.stopReason ?? (isTool ? ('tool_use' as const) : ('end_turn' as const)),
    usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
    metrics: { latencyMs: given.latencyMs ?? 10 + outputTokens },
  };
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html */
function throttling(message: string): AwsError {
  return new AwsError('ThrottlingException', 429, message);
}

/** Gives the count and raises it. */
function take(counts: Map<string, number>, key: string): number {
  const count = counts.get(key) ?? 0;
  counts.set(key, count + 1);
  return count;
}

/** Numbers that depend on the text alone. */
function randomFrom(text: string): () => number {
  let n = 0;
  return () => {
    const digest = createHash('sha256').update(`${text}/${n}`).digest();
    n += 1;
    return digest.readUInt32BE(0) / 2 ** 32;
  };
}

/** About four characters a token. */
function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}
