import type { ConverseModel } from '../../core/evaluation/converse-model';
import { DEFAULT_MARGIN } from '../../core/evaluation/verdict';
import { usageError } from '../cli-error';
import type { CommandContext } from '../command';
import { clientsOf } from '../open-registries';

/** Bedrock takes some hundred calls a minute of most models; more at once would only be throttled. */
const AT_ONCE = 8;

/** How a suite is run. */
export interface EvaluateOptions {
  readonly promptName: string;
  readonly candidate: string;
  readonly against: string | undefined;
  /** A share: 0.1 are ten points. */
  readonly margin: number;
  readonly only: string | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly atOnce: number;
  /** Where contents are asked, empty for Bedrock. */
  readonly route: string;
  /** Opens the way to the model, when the first question is to be asked. */
  converse(): Promise<ConverseModel>;
}

export function evaluateOptions(context: CommandContext): EvaluateOptions {
  const { values, positionals } = context;
  const text = (name: string) => values[name] as string | undefined;
  const [endpoint, model] = [text('endpoint'), text('model')];
  if (model !== undefined && endpoint === undefined)
    throw usageError('--model is a model at an --endpoint', 'the model in Bedrock stands in the prompt itself');
  let converse: Promise<ConverseModel> | undefined;
  return {
    promptName: positionals[0] ?? '',
    candidate: text('candidate') ?? 'file',
    against: text('against'),
    margin: marginOf(text('margin')),
    only: text('only'),
    tokensPerMinute: count('tokens-per-minute', text('tokens-per-minute')),
    atOnce: count('at-once', text('at-once')) ?? AT_ONCE,
    route: endpoint === undefined ? '' : [endpoint, model].filter(Boolean).join(' '),
    converse: () => {
      converse ??= openModel(context, endpoint, model);
      return converse;
    },
  };
}

async function openModel(context: CommandContext, endpoint: string | undefined, model: string | undefined) {
  if (endpoint !== undefined) {
    const { openAiModel } = await import('./openai-model');
    return openAiModel(endpoint, model);
  }
  const { bedrockModel } = await import('./bedrock-model');
  return bedrockModel(await clientsOf(context));
}

/** A share, from `--margin` in points. */
export function marginOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_MARGIN;
  const found = Number(text);
  if (found > 0 && found <= 50) return found / 100;
  throw usageError(
    `expected points above 0, at most 50, in --margin, found ${text}`,
    'write --margin 5 for five points of a hundred',
  );
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const found = Number(text);
  if (Number.isSafeInteger(found) && found > 0) return found;
  throw usageError(`expected a whole number above 0 in --${name}, found ${text}`, `write --${name} 20000`);
}
