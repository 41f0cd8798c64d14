import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { PublishedVersion } from '../../cli/registry-reader';
import { RegistryReader } from '../../cli/registry-reader';
import { readReadout } from '../../cli/rollout/read-readout';
import {
  parseProgress,
  parseRollout,
  progressParameterName,
  type RolloutProgress,
  rolloutParameterName,
} from '../../core/contract/rollout-parameters';
import type { ExperimentReport } from '../../core/experiment/report';
import type { LedgerRecord } from '../../core/ledger/record';
import { shareAt } from '../../core/rollout/share';
import { Application } from './application';
import { assumedRole } from './assumed-role';
import { CdkCli } from './cdk-cli';
import type { ClientConfiguration } from './client-configuration';
import { Unexpected } from './expectation';
import { preloaded } from './preloaded';

export const PREFIX = '/prompts/prod';
export const PROMPT = 'financial-analysis';
const REGISTRY_STACK = 'Prompts-prod';
const CONSUMER_STACK = 'Consumer-prod';
const AUDIT_STACK = 'Audit-prod';
const LANGFUSE_STACK = 'Langfuse-prod';
/** Seconds that a release waits for IAM here; its endpoint spreads a policy in half of that. */
export const PROPAGATION_SECONDS = 2;

/** As the command reads where its options are left out. */
const READOUT = { slow: 10_000, repeats: 1, mostLooks: 0 };

/** Each alias's version number, null for `none`. */
export type Pointers = Record<string, number | null>;

export interface LangfuseAccess {
  readonly baseUrl: string;
  readonly publicKey: string;
  readonly secretKey: string;
}

/** One account with one registry, seen from outside: the CLI deploys to it, SDK clients read it. */
export class Demonstration {
  private readonly promptFile: string;
  private readonly cdk: CdkCli;
  private readonly propagation: number;

  constructor(
    private readonly clients: ClientConfiguration,
    environment: () => NodeJS.ProcessEnv,
    /** A folder for prompts, assemblies and whatever a story writes. */
    readonly scratch: string,
    /** Given to each `cdk` command with `-c`. */
    private readonly context: Readonly<Record<string, string>> = {},
  ) {
    this.propagation = Number(context.propagation ?? PROPAGATION_SECONDS);
    cpSync('prompts', join(scratch, 'prompts'), { recursive: true });
    this.promptFile = join(scratch, 'prompts', `${PROMPT}.prompt`);
    // By itself it asks CloudFormation every five seconds, which take longer than all else here.
    const hurried = () => preloaded(environment(), 'e2e/short-waits.cjs');
    this.cdk = new CdkCli(hurried, join(this.scratch, 'cdk.out'));
  }

  async bootstrap(account: string, note: (text: string) => void): Promise<void> {
    await this.succeed(['bootstrap', `aws://${account}/${this.clients.region}`], note);
  }

  /** `cdk deploy` of the registry's stack, or of both; answers the exit code. */
  async deploy(note: (text: string) => void, options: DeployOptions = {}): Promise<void> {
    const { code, output } = await this.cdk.run(this.deployArguments(options), note);
    if ((code !== 0) !== (options.failing ?? false)) {
      throw new Unexpected(
        'cdk deploy',
        options.failing ? 'a failed deploy' : 'exit code 0',
        `exit code ${code}`,
        output,
      );
    }
    // By then what was granted is allowed, and what was taken away is denied.
    await new Promise((resolve) => setTimeout(resolve, this.propagation * 600));
  }

  /** `cdk deploy` that ends before anything is sent; answers what it says. */
  async refused(note: (text: string) => void): Promise<string> {
    const { code, output } = await this.cdk.run(this.deployArguments({}), note);
    if (code === 0) throw new Unexpected('cdk deploy', 'an error at synth', 'exit code 0', output);
    return output;
  }

  /** Puts one word of the prompt's text in another's place, in the scratch copy. */
  edit(word: string, replacement: string): { before: string; after: string } {
    const before = readFileSync(this.promptFile, 'utf8');
    const after = before.replace(word, replacement);
    if (after === before) {
      throw new Unexpected(`edit of ${PROMPT}.prompt`, `the word '${word}' in it`, before);
    }
    writeFileSync(this.promptFile, after);
    return { before, after };
  }

  async pointers(): Promise<Pointers> {
    const aliases = await (await this.reader()).aliases();
    return Object.fromEntries(
      aliases.map(({ aliasName, versionArn }) => [
        aliasName,
        versionArn === 'none' ? null : Number(versionArn.split(':').pop()),
      ]),
    );
  }

  async versions(prompt = PROMPT): Promise<PublishedVersion[]> {
    return (await this.reader()).versions(await this.promptId(prompt));
  }

  /** The alias's records, oldest first; throws if the chain does not verify. */
  async ledger(aliasName: string): Promise<LedgerRecord[]> {
    const { records, findings } = await (await this.reader()).ledger(await this.promptId(), aliasName);
    if (findings.length > 0) {
      throw new Unexpected(`ledger of ${aliasName}`, 'a chain that verifies', findings);
    }
    return records;
  }

  async promptId(prompt = PROMPT): Promise<string> {
    const id = await (await this.reader()).promptId(prompt);
    if (!id) {
      throw new Unexpected('prompts in Bedrock', `one named ${prompt}`, 'none');
    }
    return id;
  }

  async application(): Promise<Application> {
    return new Application(await this.asApplication(), `${PREFIX}/${PROMPT}/PROD`);
  }

  /** Calls the application's function; throws if that ends in an error. */
  async invoke(payload: object): Promise<unknown> {
    const FunctionName = await this.resource(CONSUMER_STACK, 'AWS::Lambda::Function');
    const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) });
    const { FunctionError, Payload } = await new LambdaClient(this.clients).send(command);
    const answer = JSON.parse(Payload?.transformToString() || 'null');
    if (FunctionError) throw new Unexpected(`invocation of ${FunctionName}`, 'an answer', answer);
    return answer;
  }

  /** How the application's role reaches the endpoint. */
  async asApplication(): Promise<ClientConfiguration> {
    const role = await this.resource(CONSUMER_STACK, 'AWS::IAM::Role');
    const account = /\d{12}/.exec(await this.versionArn(1))?.[0];
    return assumedRole(`arn:aws:iam::${account}:role/${role}`, this.clients);
  }

  auditorArn(): Promise<string> {
    return this.output(AUDIT_STACK, 'AuditorArn');
  }

  trailBucket(): Promise<string> {
    return this.output(AUDIT_STACK, 'TrailBucket');
  }

  /** Where Langfuse's clients read, and with which pair of keys. */
  async langfuse(): Promise<LangfuseAccess> {
    const SecretId = await this.output(LANGFUSE_STACK, 'Keys');
    const secrets = new SecretsManagerClient(this.clients);
    const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
    return { baseUrl: await this.output(LANGFUSE_STACK, 'Url'), ...JSON.parse(SecretString) };
  }

  /** Settings of an SDK client in a reviewer's session. */
  async reviewer(role: 'Author' | 'Risk', name: string): Promise<ClientConfiguration> {
    return assumedRole(await this.output(REGISTRY_STACK, `${role}Arn`), this.clients, name);
  }

  /** Settings of an SDK client in a session of one of the roles of `-c rollout=on`. */
  async rolloutRole(role: 'Application' | 'OnCall', name?: string): Promise<ClientConfiguration> {
    return assumedRole(await this.output(REGISTRY_STACK, `${role}Arn`), this.clients, name);
  }

  /** What readers of PROD find of its rollout at this time: how far it got, and the percentage that gets the candidate. */
  async rollout(now: Date): Promise<{ progress: RolloutProgress | null; share: number }> {
    const pointer = `${PREFIX}/${PROMPT}/PROD`;
    const Names = [rolloutParameterName(pointer), progressParameterName(pointer)];
    const { Parameters = [] } = await new SSMClient(this.clients).send(new GetParametersCommand({ Names }));
    const [rollout, found] = Names.map((name) => Parameters.find(({ Name }) => Name === name)?.Value);
    const progress = parseProgress(found);
    return { progress, share: shareAt(parseRollout(rollout), progress, now.getTime()) };
  }

  /** What `rollout readout` reads of PROD, in milliseconds: a process of its own would take a second. */
  async readout(): Promise<() => Promise<ExperimentReport>> {
    const sdk = this.sdk();
    const { clients } = this;
    const [reader, promptId] = [await this.reader(sdk), await this.promptId()];
    const source = {
      reader,
      clients: {
        // The reader's: by its answers it knows how far the endpoint's clock is ahead.
        s3: sdk.s3,
        cloudFormation: new CloudFormationClient(clients),
        cloudWatch: new CloudWatchClient(clients),
      },
      stack: { parameterPrefix: PREFIX },
    };
    return () => {
      const state = { alias: { aliasName: 'PROD' }, history: reader.history(promptId, 'PROD') };
      return readReadout(source, { promptName: PROMPT, promptId }, state, READOUT, new Date());
    };
  }

  /** Name of the rule that wakes the controller of rollouts. */
  rolloutRule(): Promise<string> {
    return this.resource(REGISTRY_STACK, 'AWS::Events::Rule');
  }

  /** The topic of the evaluator, of the watch over models, or of rollouts. */
  alerts(): Promise<string> {
    return this.output(REGISTRY_STACK, 'AlertsTopic');
  }

  ledgerBucket(): Promise<string> {
    return this.resource(REGISTRY_STACK, 'AWS::S3::Bucket');
  }

  async draftArn(): Promise<string> {
    return (await this.versionArn(1)).replace(/:1$/, '');
  }

  async versionArn(version: number): Promise<string> {
    return `${await this.resource(REGISTRY_STACK, 'AWS::Bedrock::Prompt')}:${version}`;
  }

  private sdk() {
    const { clients } = this;
    return { ssm: new SSMClient(clients), bedrock: new BedrockAgentClient(clients), s3: new S3Client(clients) };
  }

  private async reader(sdk = this.sdk()): Promise<RegistryReader> {
    return new RegistryReader(sdk, { parameterPrefix: PREFIX, ledgerBucket: await this.ledgerBucket() });
  }

  private async output(StackName: string, key: string): Promise<string> {
    const cloudFormation = new CloudFormationClient(this.clients);
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    const found = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
    if (!found) throw new Unexpected(`outputs of ${StackName}`, key, Stacks?.[0]?.Outputs);
    return found;
  }

  /** Physical id of the one resource of this type. */
  private async resource(StackName: string, type: string): Promise<string> {
    const cloudFormation = new CloudFormationClient(this.clients);
    const { StackResources } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName }));
    const found = StackResources?.find(({ ResourceType }) => ResourceType === type)?.PhysicalResourceId;
    if (!found) {
      throw new Unexpected(`resources of ${StackName}`, type, 'none of this type');
    }
    return found;
  }

  private deployArguments({ parameters = {}, consumer, alongside = [], failing, gates }: DeployOptions): string[] {
    const stacks = [REGISTRY_STACK, ...(consumer ? [CONSUMER_STACK] : []), ...alongside];
    const context = {
      env: 'prod',
      promptsDir: join(this.scratch, 'prompts'),
      ...this.context,
      propagation: this.propagation,
      failing,
      ...(gates && { gates }),
    };
    return [
      ...['deploy', ...stacks, '--exclusively', '--concurrency', '2', '--require-approval', 'never'],
      ...Object.entries(context).flatMap(([name, value]) => (value === undefined ? [] : ['-c', `${name}=${value}`])),
      ...Object.entries(parameters).flatMap(([name, value]) => ['--parameters', `${REGISTRY_STACK}:${name}=${value}`]),
    ];
  }

  private async succeed(args: string[], note: (text: string) => void): Promise<void> {
    const { code, output } = await this.cdk.run(args, note);
    if (code !== 0) {
      throw new Unexpected(`cdk ${args[0]}`, 'exit code 0', `exit code ${code}`, output);
    }
  }
}

export interface DeployOptions {
  readonly parameters?: Record<string, string>;
  /** Deploys the consumer's stack too. */
  readonly consumer?: boolean;
  /** Further stacks to deploy. */
  readonly alongside?: readonly string[];
  /** Adds a resource that cannot be created: the deploy must fail and roll back. */
  readonly failing?: boolean;
  /** In place of the story's own `-c gates=…`. */
  readonly gates?: 'on' | 'off';
}
