import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, ManagedPolicy, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { AliasTarget, Gate, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { idOf, RegistryBench } from '../e2e/registry-bench';
import { type Finished, startCommand } from './command-process';

export const APPROVALS = { stack: 'Prompts-gated', parameterPrefix: '/prompts/gated', promptName: 'advisor' };

/** What the versions say, the first one first. */
export const TEXTS = ['You advise on {{ticker}}.', 'You advise carefully on {{ticker}} in {{language}}.', 'You guess.'];

type More = (prompt: Prompt, registry: PromptRegistry) => void;

/** @param more adds to the prompt, or to its registry */
function app(text: string, stack: Stack, more: More = () => {}): void {
  const reviewer = (roleName: string) => new Role(stack, roleName, { roleName, assumedBy: new AccountRootPrincipal() });
  const [author, risk, legal] = [reviewer('Author'), reviewer('Risk'), reviewer('Legal')];
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: APPROVALS.parameterPrefix,
    policyPropagation: Duration.seconds(0),
    reviewers: { authors: [author], risk: [risk], legal: [legal, risk] },
    gates: { '*': [Gate.approval({ askedBy: 'authors', by: 'risk' })], STAGING: [] },
  });
  for (const role of [author, risk, legal, reviewer('Guest')]) role.addManagedPolicy(registry.reviewerPolicy);
  const everything = ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess');
  reviewer('Stranger').addManagedPolicy(everything);
  const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
  const prompt = new Prompt(stack, 'Advisor', { registry, promptName: APPROVALS.promptName, variant });
  prompt.addAlias('STAGING');
  prompt.addAlias('PROD', { target: AliasTarget.parameter() });
  prompt.addAlias('CANARY', { target: AliasTarget.parameter() });
  more(prompt, registry);
}

/** A registry with a gate on all aliases but STAGING, three versions, and people who run the built command. */
export class ApprovalsWorld {
  bench!: RegistryBench;
  promptId!: string;
  private readonly sessions = new Map<string, NodeJS.ProcessEnv>();

  static forThisFile(): ApprovalsWorld {
    const self = new ApprovalsWorld();
    beforeAll(async () => {
      self.bench = await RegistryBench.start(APPROVALS);
      for (const text of TEXTS) {
        const { failures } = await self.bench.deploy(await self.bench.synthesize((stack) => app(text, stack)));
        expect(failures).toEqual([]);
      }
      self.promptId = idOf(await self.bench.promptArn());
    }, 300_000);
    afterEach(() => {
      self.bench.aws.interceptors.length = 0;
    });
    afterAll(() => self.bench?.aws.stop());
    return self;
  }

  /** Path of a template of the stack as it is deployed, with something more. */
  async template(more: More): Promise<string> {
    const path = join(mkdtempSync(join(tmpdir(), 'approvals-')), 'template.json');
    writeFileSync(path, await this.synthesized(more));
    return path;
  }

  /** Deploys the stack with something more. */
  async deploy(more: More): Promise<void> {
    const { failures } = await this.bench.deploy(await this.synthesized(more));
    expect(failures).toEqual([]);
  }

  private synthesized(more: More): Promise<string> {
    return this.bench.synthesize((stack) => app(TEXTS.at(-1) ?? '', stack, more));
  }

  /** @param who `alice of Author`; the operator, who may everything, where it is left out */
  async run(args: readonly string[], who?: string, environment: NodeJS.ProcessEnv = {}): Promise<Finished> {
    const credentials = who === undefined ? {} : await this.session(who);
    return startCommand(args, { ...this.bench.aws.environment(), ...credentials, ...environment }).finished;
  }

  async json(args: readonly string[], who?: string) {
    const { stdout, stderr } = await this.run([...args, '--json'], who);
    return stdout === '' ? { failed: stderr } : JSON.parse(stdout);
  }

  async digest(version: number): Promise<string> {
    const versions = await (await this.bench.reader()).versions(this.promptId);
    return versions.find((one) => one.version === version)?.digest ?? '';
  }

  /** Keys of everything that was said. */
  async reviews(): Promise<string[]> {
    const { S3ReviewSource } = await import('../../cli/reviews/s3-review-source');
    const source = new S3ReviewSource(this.bench.operator.s3, await this.bench.ledgerBucket());
    return (await source.listObjects('reviews/', 10_000)).map(({ key }) => key);
  }

  private async session(who: string): Promise<NodeJS.ProcessEnv> {
    const known = this.sessions.get(who);
    if (known) return known;
    const [RoleSessionName = '', role = ''] = who.split(' of ');
    const { endpoint, region, operator, account } = this.bench.aws;
    const RoleArn = `arn:aws:iam::${account}:role/${role}`;
    const sts = new STSClient({ endpoint, region, credentials: operator });
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName }));
    const environment = {
      AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials?.SessionToken,
    };
    this.sessions.set(who, environment);
    return environment;
  }
}
