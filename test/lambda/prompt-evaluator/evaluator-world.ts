import { contentDigest } from '../../../core/content/content-digest';
import type { EvaluatorSettings } from '../../../core/contract/prompt-evaluator';
import type { ModelRequest } from '../../../core/evaluation/converse-model';
import { type EvaluationSuite, suiteDigest } from '../../../core/evaluation/evaluation-suite';
import { archiveKey, ledgerKey } from '../../../core/ledger/layout';
import { type LedgerRecord, serializeRecord } from '../../../core/ledger/record';
import {
  type EvaluatorClock,
  type EvaluatorDeps,
  type EvaluatorEvent,
  promptEvaluator,
} from '../../../lambda/prompt-evaluator/handler';
import { JobStore } from '../../../lambda/prompt-evaluator/job-store';
import type { TopicMessage } from '../../../lambda/prompt-evaluator/topic-message';
import { MemoryBucket } from '../stores';

export const PROMPT_ID = 'ABCDEFGHIJ';
const ARN = `arn:aws:bedrock:us-east-1:111122223333:prompt/${PROMPT_ID}`;
export const LEDGER = 'ledger-bucket';
const OWN = 'own-bucket';
const MODEL = 'amazon.nova-pro-v1:0';
const BEGAN = Date.parse('2026-11-22T12:00:00Z');

/** The process of the function is ended here. */
export class Killed extends Error {}

export const suite: EvaluationSuite = {
  cases: [1, 2, 3, 4].map((n) => ({
    id: `case-${n}`,
    variables: { mail: `mail ${n}` },
    expected: n === 4 ? 'other' : 'refund',
    ...(n === 1 && { critical: true as const }),
  })),
  metrics: [{ name: 'sorts', check: { check: 'equals', of: 'expected' } }],
  repeats: 2,
};

export function variant(version: number) {
  return {
    name: 'main',
    templateType: 'TEXT' as const,
    templateConfiguration: { text: { text: `Sort {{mail}} (${version})`, inputVariables: [{ name: 'mail' }] } },
    modelId: MODEL,
  };
}
export const digestOf = (version: number) => contentDigest(variant(version));

export type Answering = (version: number, mail: string, call: number) => string;

/** An account with an evaluator: buckets that keep, a clock that does not wait, Lambda that tries an event again. */
export class EvaluatorWorld {
  readonly ledger = new MemoryBucket();
  readonly own = new MemoryBucket();
  readonly messages: TopicMessage[] = [];
  /** Every step outward, in order; the test's list of calls. */
  readonly calls: string[] = [];
  /** When each question was asked, and its tokens. */
  readonly asked: {
    readonly at: number;
    readonly version: number;
    readonly mail: string;
    readonly guardrailConfig?: object;
  }[] = [];
  now = BEGAN;
  /** Messages of its log. */
  readonly lines: string[] = [];
  /** Milliseconds that an answer takes. */
  latency = 1_000;
  /** Of each invocation. */
  length = 900_000;
  tokensPerMinute = 1_000_000;
  /** Ids of prompts that the evaluator measures before the usual one. */
  others: readonly string[] = [];
  /** What callers of the aliases must name. */
  guardrail: string | undefined;
  /** Of each answer. */
  tokens = 100;
  answering: Answering = (_, mail) => (mail.endsWith('4') ? 'other' : 'refund');
  /** Thrown instead of the call's answer. */
  onCall: (index: number, name: string) => void = () => {};
  private readonly timers = new Set<{ readonly at: number; readonly act: () => void }>();

  constructor() {
    for (const version of [1, 2, 3]) this.publish(version);
    this.move('PROD', 1);
    this.move('STAGING', 2);
  }

  publish(version: number): string {
    return this.publishAgain(version, version);
  }

  /** The content of a version that was deleted, under its next number. */
  publishAgain(content: number, version: number): string {
    const [key, digest] = [archiveKey(PROMPT_ID, version, digestOf(content)), digestOf(content)];
    this.ledger.objects.set(key, JSON.stringify({ schema: 1, version, digest, variant: variant(content) }));
    return key;
  }

  move(alias: string, version: number, from?: number): string {
    const chain = `${PROMPT_ID}/${alias}/`;
    const sequence = [...this.ledger.objects.keys()].filter((key) => key.includes(chain)).length + 1;
    const key = ledgerKey(PROMPT_ID, alias, sequence);
    const record: LedgerRecord = {
      schema: 1,
      registry: '/prompts/prod',
      prompt: 'sorter',
      promptId: PROMPT_ID,
      alias,
      sequence,
      kind: 'promote',
      undo: false,
      from: from === undefined ? null : { version: from, digest: digestOf(from), model: MODEL },
      to: { version, digest: digestOf(version), model: MODEL },
      withdrawn: [],
      stackId: 'stack',
      logicalId: 'id',
      requestId: `request-${sequence}`,
      operation: null,
      reason: null,
      time: new Date(BEGAN).toISOString(),
      previous: null,
    };
    this.ledger.objects.set(key, serializeRecord(record));
    return key;
  }

  /** Delivers an event and all that follow from it, each again after a failure, as Lambda does. */
  async deliver(event: EvaluatorEvent, tries = 3): Promise<void> {
    const events = [event];
    const seen = new Set(this.own.objects.keys());
    for (let next = events.shift(); next; next = events.shift()) {
      await this.invoke(next, tries);
      for (const key of this.own.objects.keys()) {
        if (key.startsWith('next/') && !seen.has(key)) events.push(objectEvent(OWN, key));
        seen.add(key);
      }
    }
  }

  async invoke(event: EvaluatorEvent, tries = 1): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await promptEvaluator(event, this.length, this.deps({ isAlive: true }));
      } catch (error) {
        if (attempt === tries) throw error;
        this.now += 60_000;
      }
    }
  }

  reviews(): string[] {
    return [...this.ledger.objects.keys()].filter((key) => key.startsWith('reviews/'));
  }

  runs(): string[] {
    return [...this.own.objects.keys()].filter((key) => key.startsWith('runs/'));
  }

  /** What of the run and its review must not depend on how it came about. */
  outcome() {
    const reviews = this.reviews().map((key) => {
      const { rows, metrics, critical, errors, digest, live } = JSON.parse(this.ledger.objects.get(key) ?? '');
      return { key, rows, metrics, critical, errors, digest, live };
    });
    // Of a run's key the time says when its job began.
    return { reviews, runs: this.runs().map((key) => key.replace(/\d{13}-/, '')) };
  }

  private deps(process: Process): EvaluatorDeps {
    const bucket = this.watched('own', this.own, process);
    return {
      settings: this.settings(),
      suites: { [suiteDigest(suite)]: suite },
      registry: '/prompts/prod',
      signer: 'AROAEVALUATOR0000001:evaluator',
      bucket,
      jobs: new JobStore(bucket),
      ledger: this.watched('ledger', this.ledger, process),
      ledgerBucket: LEDGER,
      converse: (request) => this.converse(request, process),
      clock: this.clock(),
      tell: async (message) => {
        this.called('tell', process);
        this.messages.push(message);
      },
      log: (_, message) => void this.lines.push(message),
    };
  }

  private settings(): EvaluatorSettings {
    const { tokensPerMinute, others, guardrail } = this;
    const prompt = {
      ...{ prompt: 'sorter', promptArn: ARN, candidate: 'STAGING', live: 'PROD', suite: suiteDigest(suite) },
      ...(guardrail && { guardrail }),
    };
    const rest = { bucket: OWN, group: 'measured', roleId: 'AROAEVALUATOR0000001', topic: null };
    return {
      schema: 1,
      tokensPerMinute,
      prompts: [...others.map((id) => ({ ...prompt, prompt: id, promptArn: ARN.replace(PROMPT_ID, id) })), prompt],
      ...rest,
    };
  }

  private async converse({ modelId, promptVariables, guardrailConfig }: ModelRequest, process: Process) {
    const version = Number(modelId.split(':').at(-1));
    const mail = promptVariables?.mail?.text ?? '';
    this.called(`converse ${version} ${mail}`, process);
    await new Promise<void>((resolve) => this.at(this.latency, resolve));
    this.asked.push({ at: this.now, version, mail, ...(guardrailConfig && { guardrailConfig }) });
    const text = this.answering(version, mail, this.asked.length);
    const usage = { inputTokens: this.tokens - 10, outputTokens: 10 };
    return { output: { message: { content: [{ text }] } }, stopReason: 'end_turn', usage };
  }

  private watched(name: string, bucket: MemoryBucket, process: Process): MemoryBucket {
    return new Proxy(bucket, {
      get: (target, property) => {
        const found = Reflect.get(target, property) as unknown;
        if (typeof found !== 'function') return found;
        return async (...args: unknown[]) => {
          this.called(`${name} ${String(property)} ${String(args[0])}`, process);
          const answer = await found.apply(target, args);
          // The write was done, and nobody was told.
          if (property === 'putIfAbsent')
            this.called(`${name} ${String(property)} answered ${String(args[0])}`, process);
          return answer;
        };
      },
    });
  }

  /** Who was ended does nothing any more. */
  private called(name: string, process: Process): void {
    if (!process.isAlive) throw new Killed();
    this.calls.push(name);
    try {
      this.onCall(this.calls.length - 1, name);
    } catch (error) {
      process.isAlive = !(error instanceof Killed);
      throw error;
    }
  }

  private clock(): EvaluatorClock {
    return {
      now: () => this.now,
      random: () => 0.5,
      sleep: (milliseconds, signal) =>
        new Promise((resolve) => {
          if (signal.aborted) return resolve();
          const done = () => {
            this.timers.delete(timer);
            signal.removeEventListener('abort', done);
            resolve();
          };
          const timer = this.at(milliseconds, done);
          signal.addEventListener('abort', done);
        }),
      after: (milliseconds, act) => {
        const timer = this.at(milliseconds, act);
        return { stop: () => void this.timers.delete(timer) };
      },
    };
  }

  /** Time passes once everybody waits. */
  private at(milliseconds: number, act: () => void) {
    const timer = { at: this.now + milliseconds, act };
    this.timers.add(timer);
    setImmediate(() => this.pass());
    return timer;
  }

  private pass(): void {
    const [first] = [...this.timers].sort((a, b) => a.at - b.at);
    if (!first) return;
    this.timers.delete(first);
    this.now = Math.max(this.now, first.at);
    first.act();
    setImmediate(() => this.pass());
  }
}

/** One invocation. */
interface Process {
  isAlive: boolean;
}

export function objectEvent(bucket: string, key: string): EvaluatorEvent {
  return { source: 'aws.s3', time: '2026-11-22T12:00:00Z', detail: { bucket: { name: bucket }, object: { key } } };
}
