import { contentDigest } from '../../../core/content/content-digest';
import type { LangfuseEndpointSettings } from '../../../core/contract/langfuse-endpoint';
import { archiveKey, ledgerKey } from '../../../core/ledger/layout';
import { type LedgerRecord, serializeRecord } from '../../../core/ledger/record';
import { langfuseEndpoint } from '../../../lambda/langfuse-endpoint/handler';

export const PREFIX = '/prompts/test';
export const STACK = 'Prompts-test';
const ARN = 'arn:aws:bedrock:us-east-1:111122223333:prompt';

/** Prompt ids by name. */
const IDS: Readonly<Record<string, string>> = { triage: 'TRIAGE0000', style: 'STYLE00000', other: 'OTHER00000' };

/** Langfuse's names, prompts, aliases and labels of the endpoint. */
const ALIASES: LangfuseEndpointSettings['aliases'] = [
  ['support/triage', 'triage', 'PROD', ['production'], 2],
  ['support/triage', 'triage', 'STAGING', ['staging'], 2],
  ['style', 'style', 'PROD', ['production', 'prod'], 2],
  ['style', 'style', 'EMPTY', ['empty'], 2],
  ['other', 'other', 'PROD', ['production'], 2, 'Prompts-others'],
];

export const KEYS = {
  all: { publicKey: 'pk-all', secretKey: 'sk-all-secret', read: [0, 1, 2, 3, 4] },
  staging: { publicKey: 'pk-staging', secretKey: 'sk-staging-secret', read: [1] },
  latest: { publicKey: 'pk-latest', secretKey: 'sk-latest-secret', read: [0, 2], latest: true as const },
};
export type KeyName = keyof typeof KEYS;

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON was answered, for matchers
  readonly body: any;
  readonly headers: Record<string, string>;
}

/** What Parameter Store answers a second: https://docs.aws.amazon.com/general/latest/gr/ssm.html */
const SSM_RATE = 40;
/** Two tries of two seconds, as the function has its SDK. */
const SDK_PATIENCE = 4_000;

function throttled(): Error {
  return Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
}

/** A registry in memory, with a function over it, a clock, and everything that the function wrote. */
export class RegistryWorld {
  now = 1_800_000_000_000;
  readonly objects = new Map<string, string>();
  readonly parameters = new Map<string, string>();
  readonly secrets = new Map<string, { AWSCURRENT?: SecretVersion; AWSPREVIOUS?: SecretVersion }>();
  readonly log: string[] = [];
  readonly metrics: object[] = [];
  readonly ssmCalls: number[] = [];
  readonly secretCalls: number[] = [];
  ssmFailure?: Error;
  /** SSM and Secrets Manager take calls and answer none. */
  ssmHangs = false;
  secretsHang = false;
  secretsFailure?: Error;
  throttle: [number, number] = [1e9, 1e9];
  ttl = 5_000;
  private endpoint = this.instance();

  constructor() {
    for (const [name, { secretKey, publicKey }] of Object.entries(KEYS)) {
      const text = JSON.stringify({ publicKey, secretKey });
      this.secrets.set(`arn:${name}`, { AWSCURRENT: { text, createdAt: 0 } });
    }
    this.publish('triage', 1, 'Sort {{ticket}}.');
    this.publish('triage', 2, 'Sort {{ticket}} well.', 'better');
    this.publish('triage', 3, 'Sort {{ticket}} best.');
    this.publish('triage', 4, 'Unreleased {{ticket}}.');
    this.publish('style', 1, 'Be kind.');
    this.publish('other', 7, 'Other.');
    this.release('triage', 'PROD', [1, 2]);
    this.release('triage', 'STAGING', [3]);
    this.release('style', 'PROD', [1]);
    this.release('other', 'PROD', [7]);
    this.parameters.set(`${PREFIX}/style/EMPTY`, 'none');
  }

  publish(prompt: string, version: number, text: string, note = ''): void {
    const promptId = IDS[prompt] as string;
    const inputVariables = [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => ({ name }));
    const variant = {
      name: 'default',
      templateType: 'TEXT',
      templateConfiguration: { text: { text, inputVariables } },
      modelId: 'amazon.nova-lite-v1:0',
      inferenceConfiguration: { text: { temperature: 0.20000000298023224, maxTokens: 300 } },
    };
    const digest = contentDigest(variant);
    const description = `${digest} ${note}`.trim();
    const archived = { schema: 1, registry: PREFIX, prompt, promptId, version, digest, description, variant };
    this.objects.set(archiveKey(promptId, version, digest), `${JSON.stringify(archived)}\n`);
  }

  /** Writes the records of these releases, and the pointer. */
  release(prompt: string, alias: string, versions: readonly number[], withdrawn: readonly number[] = []): void {
    const promptId = IDS[prompt] as string;
    const at = (version: number | undefined) =>
      version === undefined ? null : { version, digest: `pd1:${'0'.repeat(64)}`, model: null };
    versions.forEach((version, index) => {
      const record: LedgerRecord = {
        schema: 1,
        registry: PREFIX,
        prompt,
        promptId,
        alias,
        sequence: index + 1,
        kind: 'promote',
        undo: false,
        from: at(versions[index - 1]),
        to: at(version),
        withdrawn: index === versions.length - 1 ? withdrawn : [],
        stackId: 'arn:stack',
        logicalId: 'Alias',
        requestId: String(index),
        operation: null,
        reason: null,
        time: '2026-11-29T00:00:00.000Z',
        previous: index === 0 ? null : 'a'.repeat(64),
      };
      this.objects.set(ledgerKey(promptId, alias, index + 1), serializeRecord(record));
    });
    this.parameters.set(`${PREFIX}/${prompt}/${alias}`, `${ARN}/${promptId}:${versions.at(-1)}`);
  }

  /** A new instance of the function takes the requests from here on. */
  restart(): void {
    this.endpoint = this.instance();
  }

  /** @param made what makes it, such as the same function out of a bundle */
  instance(made = langfuseEndpoint) {
    return made({
      settings: {
        schema: 1,
        stack: STACK,
        aliases: ALIASES,
        keys: Object.entries(KEYS).map(([name, { publicKey, read, ...rest }]) => ({
          name,
          publicKey,
          secretArn: `arn:${name}`,
          read,
          latest: 'latest' in rest ? rest.latest : undefined,
        })),
        ttl: this.ttl,
        grace: 3_600_000,
        modelPrefix: '',
        throttle: this.throttle,
      },
      parameterPrefix: PREFIX,
      parameters: async (names, patience = SDK_PATIENCE) => {
        if (this.ssmCalls.filter((at) => at > this.now - 1_000).length >= SSM_RATE) throw throttled();
        this.ssmCalls.push(this.now);
        if (this.ssmFailure) throw this.ssmFailure;
        if (this.ssmHangs) this.hang(patience);
        return new Map(
          names.flatMap((name) => (this.parameters.has(name) ? [[name, this.parameters.get(name) ?? '']] : [])),
        );
      },
      archive: {
        list: async (prefix, limit, after = '') =>
          [...this.objects.keys()]
            .filter((key) => key.startsWith(prefix) && key > after)
            .toSorted()
            .slice(0, limit),
        read: async (key) => {
          const body = this.objects.get(key);
          return body === undefined ? undefined : { body, writtenAt: '2026-11-28T10:00:00.000Z' };
        },
      },
      secrets: async (arn, stage, patience = SDK_PATIENCE) => {
        this.secretCalls.push(this.now);
        if (this.secretsFailure) throw this.secretsFailure;
        if (this.secretsHang) this.hang(patience);
        return this.secrets.get(arn)?.[stage];
      },
      clock: { now: () => this.now },
      random: () => 0.5,
      log: (level, message, fields) => void this.log.push(JSON.stringify({ level, message, ...fields })),
      metric: (line) => void this.metrics.push(line),
    });
  }

  private hang(patience: number): never {
    this.now += patience;
    throw Object.assign(new Error('Request aborted'), { name: 'AbortError' });
  }

  async ask(
    method: string,
    path: string,
    key: KeyName | { publicKey: string; secretKey: string } = 'all',
    body?: unknown,
  ): Promise<Answer> {
    const { publicKey, secretKey } = typeof key === 'string' ? KEYS[key] : key;
    const authorization = `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
    return this.send(method, path, { authorization }, body === undefined ? undefined : JSON.stringify(body));
  }

  async send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
    const [rawPath = '', rawQueryString = ''] = path.split('?');
    const answered = await this.endpoint({
      version: '2.0',
      rawPath: `/api/public${rawPath}`,
      rawQueryString,
      headers,
      body,
      isBase64Encoded: false,
      requestContext: { stage: '$default', http: { method } },
    });
    const text = answered.body;
    return { status: answered.statusCode, headers: answered.headers, body: text === '' ? undefined : JSON.parse(text) };
  }
}

interface SecretVersion {
  readonly text: string;
  readonly createdAt: number;
}
