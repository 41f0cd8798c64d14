import type { AnswerStore } from '../../../core/evaluation/answer-store';
import { askedRendered, askedVersion } from '../../../core/evaluation/asked-content';
import type { ConverseModel, ModelOutput, ModelRequest } from '../../../core/evaluation/converse-model';
import type { EvaluationSuite } from '../../../core/evaluation/evaluation-suite';
import { JudgeModel } from '../../../core/evaluation/judge-model';
import type { ModelAnswer } from '../../../core/evaluation/model-answer';
import { PatientModel } from '../../../core/evaluation/patient-model';
import type { RunClock } from '../../../core/evaluation/run-clock';
import { type RunProps, runSuite } from '../../../core/evaluation/run-suite';

/** A clock on which nobody waits. */
export class ScriptedClock implements RunClock {
  time = 0;
  now = () => this.time;
  random = () => 0.5;
  sleep = async (milliseconds: number) => {
    this.time += milliseconds;
  };
}

/** Answers in memory. */
export class ScriptedAnswers implements AnswerStore {
  readonly kept = new Map<string, ModelAnswer>();
  get = async (key: string) => this.kept.get(key);
  put = async (key: string, answer: ModelAnswer) => {
    this.kept.set(key, answer);
  };
}

export const VERSION_ARN = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ';

/** What a request says to whom: the version's number, or `file`, and the text or the variables. */
export function askedFor({ modelId, promptVariables = {}, messages }: ModelRequest): { whom: string; said: string } {
  const version = /:prompt\/\w+:(\d+)$/.exec(modelId)?.[1];
  if (version)
    return {
      whom: version,
      said: Object.values(promptVariables)
        .map(({ text }) => text)
        .join(' '),
    };
  return { whom: 'file', said: messages?.map(({ content }) => content[0]?.text).join('\n') ?? '' };
}

export function output(text: string, more: Partial<ModelOutput> = {}): ModelOutput {
  return {
    output: { message: { content: [{ text }] } },
    stopReason: 'end_turn',
    usage: { inputTokens: 10, outputTokens: text.length },
    ...more,
  };
}

/** An error as the SDK throws it. */
export function serviceError(name: string, status = 400): Error {
  return Object.assign(new Error(`${name} of a script`), { name, $metadata: { httpStatusCode: status } });
}

const variantOf = (text: string) => ({
  templateType: 'TEXT' as const,
  modelId: 'amazon.nova-pro-v1:0',
  templateConfiguration: { text: { text, inputVariables: [{ name: 'word' }] } },
});

export const version = (number: number) =>
  askedVersion({
    promptName: 'echo',
    label: `:${number}`,
    variant: variantOf(`Version ${number}: {{word}}`),
    versionArn: `${VERSION_ARN}:${number}`,
    version: number,
  });

export const file = (text = 'File: {{word}}') =>
  askedRendered({ promptName: 'echo', label: 'prompts/echo.prompt', variant: variantOf(text) });

export function suiteOf(words: readonly string[], more: Partial<EvaluationSuite> = {}): EvaluationSuite {
  const cases = words.map((word, index) => ({ id: `c${index + 1}`, variables: { word }, expected: word }));
  return { cases, metrics: [{ name: 'echo', check: { check: 'contains-all', of: 'expected' } }], repeats: 3, ...more };
}

export interface ScriptedRun extends Partial<RunProps> {
  readonly suite: EvaluationSuite;
  readonly converse: ConverseModel;
  readonly clock?: ScriptedClock;
  readonly tokensPerMinute?: number;
  readonly onBusy?: (milliseconds: number) => void;
}

/** Runs a suite of version 4 against 3, where the script says nothing else. */
export function scriptedRun({ converse, clock = new ScriptedClock(), tokensPerMinute, onBusy, ...props }: ScriptedRun) {
  const signal = props.signal ?? new AbortController().signal;
  const answers = props.answers ?? new ScriptedAnswers();
  const model = new PatientModel({ converse, clock, signal, tokensPerMinute, onBusy });
  return runSuite({
    prompt: 'echo',
    candidate: version(4),
    live: version(3),
    advisory: [],
    model,
    judge: new JudgeModel(model, answers, ''),
    answers,
    atOnce: 4,
    signal,
    time: new Date('2026-12-02T09:00:00Z'),
    ...props,
  });
}
