import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DescribeStackResourcesCommand, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { CdkCli } from '../../bin/demo/cdk-cli';
import { RegistryReader } from '../../cli/registry-reader';
import { contentDigest } from '../../core/content/content-digest';
import type { LedgerRecord } from '../../core/ledger/record';
import { parsePromptFile } from '../../core/prompt-file/prompt-file';
import type { LiveAccount } from './live-account';
import type { LiveNames } from './live-names';
import { OperationEvents } from './operation-events';
import { allEvents } from './stack-inventory';

export interface LiveSettings {
  /** Model of the prompts that are run. */
  readonly model: string;
  /** A `global.` inference profile. */
  readonly globalModel: string;
  /** Seconds that a release waits between policies and record. */
  readonly propagation: number;
  /** The same where it is to be given up meanwhile: longer than CloudFormation takes to go back. */
  readonly longWait: number;
}

/** What the registry's prompt holds. */
export interface Content {
  readonly model: string;
  readonly word: string;
}

export interface DeployChoice {
  readonly failing?: 'true' | 'beside';
  readonly propagation?: number;
  /** Deploys the application's stack too. */
  readonly consumer?: boolean;
}

export interface Deployment {
  readonly succeeded: boolean;
  readonly events: OperationEvents;
  readonly output: string;
}

const ALIASES = ['STAGING', 'PROD'] as const;

/** The disposable registry, deployed when a check first needs it by the real `cdk`, and what can be seen of it. */
export class Stage {
  readonly scratch = mkdtempSync(join(tmpdir(), 'prompt-registry-live-'));
  /** What both aliases point to while nothing is tried out. */
  readonly base: Content;
  private readonly cdk: CdkCli;
  private deployed?: Promise<void>;

  constructor(
    readonly account: LiveAccount,
    readonly names: LiveNames,
    readonly settings: LiveSettings,
    readonly signal: AbortSignal,
    readonly say: (text: string) => void,
  ) {
    this.base = { model: settings.model, word: 'base' };
    this.cdk = new CdkCli({ AWS_REGION: account.region }, join(this.scratch, 'cdk.out'));
    mkdirSync(join(this.scratch, 'prompts'));
  }

  dispose(): void {
    rmSync(this.scratch, { recursive: true, force: true });
  }

  /** Deploys both stacks, once; every check that needs them fails if that fails. */
  ready(): Promise<void> {
    this.deployed ??= (async () => {
      const { succeeded, events, output } = await this.deploy(this.base, { consumer: true });
      if (succeeded) return;
      const why = events.failures().join('\n') || output.trim().split('\n').slice(-6).join('\n');
      throw new Error(`the disposable registry could not be deployed: ${why}`);
    })();
    return this.deployed;
  }

  /** `cdk deploy` with this content, and PROD on it. */
  async deploy(content: Content, { failing, propagation, consumer }: DeployChoice = {}): Promise<Deployment> {
    const { names, account, settings, signal } = this;
    signal.throwIfAborted();
    const file = `${names.prompt()}.prompt`;
    const source = promptFile(content);
    writeFileSync(join(this.scratch, 'prompts', file), source);
    const digest = contentDigest(parsePromptFile(source, file).variant);
    const context = {
      ...{ env: names.id, disposable: true, promptsDir: join(this.scratch, 'prompts'), failing },
      propagation: propagation ?? settings.propagation,
    };
    this.say(`cdk deploy ${names.registryStack}${failing ? ', which is to fail' : ''}`);
    const known = new Set((await this.eventsSoFar()).map(({ EventId }) => EventId));
    const stacks = consumer ? [names.registryStack, names.consumerStack] : [names.registryStack, '--exclusively'];
    const { code, output } = await this.cdk.run(
      [
        ...['deploy', ...stacks, '--require-approval', 'never', ...account.cdkArguments],
        ...Object.entries(context).flatMap(([name, value]) => (value === undefined ? [] : ['-c', `${name}=${value}`])),
        ...['--parameters', `${names.registryStack}:${names.prodParameter}=${digest}`],
      ],
      () => {},
      signal,
    );
    signal.throwIfAborted();
    const events = (await this.eventsSoFar()).filter(({ EventId }) => !known.has(EventId));
    return { succeeded: code === 0, events: new OperationEvents(events), output };
  }

  /** A deployment that must fail at the resource that is made for it. */
  async fail(content: Content, choice: DeployChoice): Promise<OperationEvents> {
    const { succeeded, events, output } = await this.deploy(content, choice);
    const failures = events.failures();
    if (succeeded) throw new Error('expected cdk deploy to fail, it succeeded');
    if (failures.length === 0) throw new Error(`cdk deploy failed before CloudFormation began: ${output.trim()}`);
    const other = failures.filter((failure) => !failure.startsWith('FailsOnPurpose'));
    if (other.length > 0) throw new Error(`the deployment failed where it was not meant to: ${other.join('; ')}`);
    return events;
  }

  async stack(): Promise<Stack | undefined> {
    const command = new DescribeStacksCommand({ StackName: this.names.registryStack });
    return (await this.account.clients.cloudFormation.send(command)).Stacks?.[0];
  }

  /** Physical id of the one resource of this type. */
  async resource(StackName: string, type: string): Promise<string> {
    const command = new DescribeStackResourcesCommand({ StackName });
    const { StackResources = [] } = await this.account.clients.cloudFormation.send(command);
    const found = StackResources.find(({ ResourceType }) => ResourceType === type)?.PhysicalResourceId;
    if (!found) throw new Error(`expected a resource of type ${type} in ${StackName}, found none`);
    return found;
  }

  promptArn(): Promise<string> {
    return this.resource(this.names.registryStack, 'AWS::Bedrock::Prompt');
  }

  /** Where the aliases point: `STAGING …:1, PROD …:1`. */
  async pointers(): Promise<string> {
    const aliases = await (await this.reader()).aliases(this.names.prompt());
    return aliases
      .map(({ aliasName, versionArn }) => `${aliasName} ${versionArn.split('/').pop()}`)
      .sort()
      .join(', ');
  }

  /** The alias's records, oldest first; throws where the chain does not verify. */
  async ledger(aliasName: string): Promise<LedgerRecord[]> {
    const promptId = (await this.promptArn()).split('/').pop() ?? '';
    const { records, findings } = await (await this.reader()).ledger(promptId, aliasName);
    if (findings.length > 0) throw new Error(`the ledger of ${aliasName} does not verify: ${JSON.stringify(findings)}`);
    return records;
  }

  /** The records of both aliases that came after those. */
  async recordsSince(before: Readonly<Record<string, LedgerRecord[]>>): Promise<LedgerRecord[]> {
    const now = await this.ledgers();
    return ALIASES.flatMap((alias) => now[alias].slice(before[alias]?.length ?? 0));
  }

  async ledgers(): Promise<Record<(typeof ALIASES)[number], LedgerRecord[]>> {
    return { STAGING: await this.ledger('STAGING'), PROD: await this.ledger('PROD') };
  }

  async pause(milliseconds: number): Promise<void> {
    await wait(milliseconds, undefined, { signal: this.signal });
  }

  /** All that CloudFormation told about the registry's stack. */
  async stackEvents(): Promise<OperationEvents> {
    return new OperationEvents(await this.eventsSoFar());
  }

  private async reader(): Promise<RegistryReader> {
    const ledgerBucket = await this.resource(this.names.registryStack, 'AWS::S3::Bucket');
    return new RegistryReader(this.account.clients, { parameterPrefix: this.names.parameterPrefix, ledgerBucket });
  }

  private async eventsSoFar() {
    return allEvents(this.account.clients.cloudFormation, this.names.registryStack);
  }
}

/** `promote #2, undone by abandon #3` is what it is for: kinds and numbers of records. */
export function told(records: readonly LedgerRecord[]): string {
  const one = ({ alias, sequence, kind, undo, from, to }: LedgerRecord) =>
    `${alias} #${sequence} ${kind}${undo ? ' (undo)' : ''} ${from?.version ?? 'none'} → ${to?.version ?? 'none'}`;
  return records.map(one).join(', ') || 'no record';
}

function promptFile({ model, word }: Content): string {
  return `---
model: ${model}
description: Made by npm run live, may be deleted
config:
  maxOutputTokens: 10
input:
  schema:
    greeting: string
---
Answer with one word to {{greeting}}. This is the ${word} text.
`;
}
