import {
  BedrockAgentClient,
  CreatePromptCommand,
  CreatePromptVersionCommand,
  GetPromptCommand,
  paginateListPrompts,
  UpdatePromptCommand,
} from '@aws-sdk/client-bedrock-agent';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListPolicyVersionsCommand,
} from '@aws-sdk/client-iam';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import {
  DeleteParameterCommand,
  PutParameterCommand,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { callerPolicyName } from '../../core/contract/names';
import { type VerifiedChain, verifyChain } from '../../core/ledger/chain';
import type { LocalAws } from '../../packages/local-aws';
import { PREFIX, PROMPT } from './example-stack';

export const ALIASES = ['STAGING', 'PROD', 'CANARY'] as const;
export type AliasName = (typeof ALIASES)[number];

/** A published version as Bedrock holds it. */
export interface HeldVersion {
  readonly version: number;
  readonly text: string;
  readonly description: string;
}

export interface Chain extends VerifiedChain {
  /** Oldest first, byte for byte. */
  readonly bodies: readonly string[];
}

/** The account as an auditor sees it: what is in force, read from the services and not from the stack. */
export class Account {
  readonly s3: S3Client;
  private readonly ssm: SSMClient;
  private readonly bedrock: BedrockAgentClient;
  private readonly iam: IAMClient;
  private readonly sts: STSClient;
  private readonly objects = new Map<string, string>();
  private readonly texts = new Map<string, HeldVersion>();
  private readonly callers = new Map<AliasName, BedrockAgentClient>();

  constructor(
    private readonly aws: LocalAws,
    private readonly place = { parameterPrefix: PREFIX, promptName: PROMPT },
  ) {
    const client = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
    this.s3 = new S3Client({ ...client, forcePathStyle: true });
    this.ssm = new SSMClient(client);
    this.bedrock = new BedrockAgentClient(client);
    this.iam = new IAMClient(client);
    this.sts = new STSClient(client);
  }

  /** Values of all parameters below a path, by name. */
  async parameters(Path: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for await (const page of paginateGetParametersByPath({ client: this.ssm }, { Path, Recursive: true })) {
      for (const { Name = '', Value = '' } of page.Parameters ?? []) found[Name] = Value;
    }
    return found;
  }

  async deleteParameters(names: readonly string[]): Promise<void> {
    for (const Name of names) await this.ssm.send(new DeleteParameterCommand({ Name }));
  }

  async deletePolicy(alias: AliasName): Promise<void> {
    const PolicyArn = this.policyArn(alias);
    const { Versions = [] } = await this.iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    for (const { VersionId, IsDefaultVersion } of Versions) {
      if (!IsDefaultVersion) await this.iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    }
    await this.iam.send(new DeletePolicyCommand({ PolicyArn }));
  }

  private policyArn(aliasName: AliasName): string {
    const { account, region } = this.aws;
    return `arn:aws:iam::${account}:policy/${callerPolicyName({ ...this.place, aliasName, region, access: 'invoke' })}`;
  }

  async pointers(): Promise<Partial<Record<AliasName, string>>> {
    const all = await this.parameters(`${this.place.parameterPrefix}/${this.place.promptName}`);
    return Object.fromEntries(Object.entries(all).map(([name, value]) => [name.split('/').pop(), value]));
  }

  /** All chains of a bucket, by `promptId/alias`. Bodies are read once per ETag. */
  async chains(bucket: string): Promise<Map<string, Chain>> {
    const entries = new Map<string, { key: string; body: string }[]>();
    for await (const page of paginateListObjectsV2({ client: this.s3 }, { Bucket: bucket, Prefix: 'ledger/' })) {
      for (const { Key = '', ETag = '' } of page.Contents ?? []) {
        const body = await this.object(bucket, Key, ETag);
        const name = Key.split('/').slice(1, 3).join('/');
        entries.set(name, [...(entries.get(name) ?? []), { key: Key, body }]);
      }
    }
    return new Map(
      [...entries].map(([name, found]) => {
        // Keys count down: the newest comes first.
        const bodies = found.sort((a, b) => (a.key < b.key ? 1 : -1)).map(({ body }) => body);
        return [name, { ...verifyChain(found), bodies }];
      }),
    );
  }

  /** Oldest first. Undefined if the prompt is gone. */
  async versions(promptId: string): Promise<HeldVersion[] | undefined> {
    const numbers = await this.numbers(promptId);
    if (!numbers) return undefined;
    const held = await Promise.all(numbers.map((version) => this.version(promptId, version)));
    return held.filter((version) => version !== undefined);
  }

  /** What an alias's caller policy, as it is in force, allows to get; undefined if there is no such policy. */
  async allowed(alias: AliasName): Promise<string[] | undefined> {
    const PolicyArn = this.policyArn(alias);
    try {
      const { Policy } = await this.iam.send(new GetPolicyCommand({ PolicyArn }));
      const VersionId = Policy?.DefaultVersionId;
      const { PolicyVersion } = await this.iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
      const { Statement } = JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? '')) as {
        Statement: { Action: string | string[]; Resource: string | string[] }[];
      };
      const get = Statement.find(({ Action }) => [Action].flat().includes('bedrock:GetPrompt'));
      return [get?.Resource ?? []].flat().filter((arn) => !arn.endsWith(':prompt/none'));
    } catch (error) {
      if ((error as Error).name === 'NoSuchEntityException') return undefined;
      throw error;
    }
  }

  /** Whether a caller of the alias gets this prompt when it asks. */
  async answers(alias: AliasName, promptIdentifier: string): Promise<boolean> {
    try {
      await (await this.caller(alias)).send(new GetPromptCommand({ promptIdentifier }));
      return true;
    } catch (error) {
      if ((error as Error).name === 'AccessDeniedException') return false;
      throw error;
    }
  }

  /** Gives the callers of STAGING and PROD their policies, as applications have them, or takes them away. */
  async employ(wanted: boolean): Promise<void> {
    for (const alias of ['STAGING', 'PROD'] as const) {
      await this.caller(alias);
      const input = { RoleName: `caller-${alias}`, PolicyArn: this.policyArn(alias) };
      const command = wanted ? new AttachRolePolicyCommand(input) : new DetachRolePolicyCommand(input);
      await this.iam.send(command as AttachRolePolicyCommand).catch((error: Error) => {
        if (error.name !== 'NoSuchEntityException') throw error;
      });
    }
  }

  /** What the owner of a stack does before it is made again: Bedrock has one prompt of a name, and the stack left it behind. */
  async rename(promptIdentifier: string, name: string): Promise<void> {
    const { description, variants, defaultVariant } = await this.bedrock.send(
      new GetPromptCommand({ promptIdentifier }),
    );
    await this.bedrock.send(new UpdatePromptCommand({ promptIdentifier, name, description, defaultVariant, variants }));
  }

  /** Things of others: a prompt with versions, parameters below our prefix. */
  async settleNeighbours(): Promise<void> {
    const { id } = await this.bedrock.send(
      new CreatePromptCommand({
        name: 'neighbour',
        defaultVariant: 'v',
        variants: [{ name: 'v', templateType: 'TEXT', templateConfiguration: { text: { text: 'Theirs' } } }],
      }),
    );
    for (let version = 1; version <= 10; version += 1) {
      await this.bedrock.send(new CreatePromptVersionCommand({ promptIdentifier: id }));
    }
    for (const Name of [`${PREFIX}/neighbour/PROD`, '/theirs/token']) {
      await this.ssm.send(new PutParameterCommand({ Name, Value: `${id}`, Type: 'String' }));
    }
  }

  /** Everything of others, as text: it must never change. */
  async neighbours(): Promise<string> {
    const prompts: object[] = [];
    for await (const page of paginateListPrompts({ client: this.bedrock }, {})) {
      for (const { id = '', name } of page.promptSummaries ?? []) {
        if (name === 'neighbour') prompts.push({ id, versions: await this.numbers(id) });
      }
    }
    const parameters = [await this.parameters(`${PREFIX}/neighbour`), await this.parameters('/theirs')];
    return JSON.stringify([prompts, parameters]);
  }

  /** Makes a version of our prompt by hand, with a text of its own; the draft is left as it was. Answers its number. */
  async makeVersionByHand(promptIdentifier: string): Promise<number> {
    const draft = await this.bedrock.send(new GetPromptCommand({ promptIdentifier }));
    const { name, description, variants, defaultVariant } = draft;
    const byHand = variants?.map((variant) => ({
      ...variant,
      templateConfiguration: { text: { text: 'Made by hand on {{ticker}}', inputVariables: [{ name: 'ticker' }] } },
    }));
    const put = (wanted: typeof variants) =>
      this.bedrock.send(
        new UpdatePromptCommand({ promptIdentifier, name, description, defaultVariant, variants: wanted }),
      );
    await put(byHand);
    const { version } = await this.bedrock.send(new CreatePromptVersionCommand({ promptIdentifier }));
    await put(variants);
    return Number(version);
  }

  private async numbers(promptIdentifier: string): Promise<number[] | undefined> {
    const found: number[] = [];
    try {
      for await (const page of paginateListPrompts({ client: this.bedrock }, { promptIdentifier })) {
        const numbers = (page.promptSummaries ?? []).map(({ version }) => Number(version));
        found.push(...numbers.filter((version) => !Number.isNaN(version)));
      }
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') return undefined;
      throw error;
    }
    return found.sort((a, b) => a - b);
  }

  /**
   * Read once: Bedrock never changes a version, nor gives its number to another. Undefined for one that a late handler
   * took away since it was listed.
   */
  private async version(promptId: string, version: number): Promise<HeldVersion | undefined> {
    const key = `${promptId}:${version}`;
    const known = this.texts.get(key);
    if (known) return known;
    const promptVersion = String(version);
    const found = await this.bedrock
      .send(new GetPromptCommand({ promptIdentifier: promptId, promptVersion }))
      .catch((error: Error) => {
        if (error.name === 'ResourceNotFoundException') return undefined;
        throw error;
      });
    if (!found) return undefined;
    const text = found.variants?.[0]?.templateConfiguration?.text?.text ?? '';
    const held = { version, text, description: found.description ?? '' };
    this.texts.set(key, held);
    return held;
  }

  private async object(Bucket: string, Key: string, etag: string): Promise<string> {
    const name = `${Bucket}/${Key} ${etag}`;
    const known = this.objects.get(name);
    if (known !== undefined) return known;
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key }));
    const body = (await Body?.transformToString()) ?? '';
    this.objects.set(name, body);
    return body;
  }

  private async caller(alias: AliasName): Promise<BedrockAgentClient> {
    const known = this.callers.get(alias);
    if (known) return known;
    const { account, region, endpoint } = this.aws;
    const RoleName = `caller-${alias}`;
    const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${account}:root` } };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    await this.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const RoleArn = `arn:aws:iam::${account}:role/${RoleName}`;
    const { Credentials } = await this.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'caller' }));
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken,
    };
    const client = new BedrockAgentClient({ endpoint, region, credentials });
    this.callers.set(alias, client);
    return client;
  }
}
