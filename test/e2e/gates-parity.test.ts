import { PutObjectCommand } from '@aws-sdk/client-s3';
import { CfnResource, Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AliasTarget, Gate, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { idOf, RegistryBench } from './registry-bench';
import { review, session } from './reviewers';

const TEXTS = ['Explain {{ticker}}', 'Please explain {{ticker}}'];

/** One prompt with PROD, of a registry with reviewers, and with a gate or without. */
class Registered {
  private readonly bench: RegistryBench;
  private readonly promptName: string;

  constructor(
    private readonly aws: LocalAws,
    private readonly stack: 'Gated' | 'Free',
  ) {
    this.promptName = stack.toLowerCase();
    this.bench = new RegistryBench(aws, { stack, parameterPrefix: this.prefix, promptName: this.promptName });
  }

  private get prefix(): string {
    return `/prompts/${this.promptName}`;
  }

  async deploy(target: string, text = TEXTS[1] ?? '', isFailing = false) {
    const template = await this.bench.synthesize((stack) => this.fill(stack, text, isFailing));
    return this.bench.deploy(template, { [`${this.stack}ProdVersion`]: target });
  }

  /** Alice asks and Bob agrees. */
  async agree(version: number): Promise<void> {
    const promptId = idOf(await this.bench.promptArn());
    const Bucket = await this.bench.ledgerBucket();
    const { digest = '' } = (await (await this.bench.reader()).versions(promptId))[version - 1] ?? {};
    const said = { registry: this.prefix, prompt: this.promptName, promptId, alias: 'PROD', digest };
    for (const [who, role, group, kind] of [
      ['alice', 'Author', 'authors', 'request'],
      ['bob', 'Risk', 'risk', 'approve'],
    ] as const) {
      const person = await session(this.aws, `${this.stack}${role}`, who);
      await person.s3.send(
        new PutObjectCommand({ Bucket, ...review(person, version, { ...said, group, kind }), IfNoneMatch: '*' }),
      );
    }
  }

  /**
   * What the registry's functions ask of S3 and Bedrock meanwhile. How often they look at the stack hangs on how fast
   * CloudFormation shows it.
   */
  async callsDuring(work: () => Promise<unknown>): Promise<string[]> {
    const from = this.aws.calls.length;
    await work();
    await this.aws.idle();
    const own = this.aws.calls.slice(from).filter(({ principalArn }) => principalArn.includes(`/${this.stack}-`));
    return own
      .filter(({ service }) => service !== 'cloudformation')
      .map(({ service, operation, input }) => `${service} ${operation} ${folderOf(input.Key ?? input.Prefix)}`)
      .sort();
  }

  private fill(stack: Stack, text: string, isFailing: boolean): void {
    const reviewer = (name: string) =>
      new Role(stack, name, { roleName: `${this.stack}${name}`, assumedBy: new AccountRootPrincipal() });
    const [author, risk] = [reviewer('Author'), reviewer('Risk')];
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: this.prefix,
      policyPropagation: Duration.seconds(0),
      reviewers: { authors: [author], risk: [risk] },
      gates: this.stack === 'Gated' ? { '*': [Gate.approval({ askedBy: 'authors', by: 'risk' })] } : {},
    });
    for (const role of [author, risk]) role.addManagedPolicy(registry.reviewerPolicy);
    const variant = PromptVariant.text({ text, model: 'amazon.nova-pro-v1:0' });
    const prompt = new Prompt(stack, 'Prompt', { registry, promptName: this.promptName, variant });
    const prod = prompt.addAlias('PROD', { target: AliasTarget.parameter() });
    if (!isFailing) return;
    // A bucket of this name cannot be made, once the alias has moved.
    const broken = new CfnResource(stack, 'Broken', { type: 'AWS::S3::Bucket', properties: { BucketName: 'NO' } });
    broken.node.addDependency(prod);
  }
}

function folderOf(key: unknown): string {
  return typeof key === 'string' ? key.slice(0, key.indexOf('/') + 1) : '';
}

let aws: LocalAws;
let registries: readonly Registered[];

beforeAll(async () => {
  aws = await startLocalAws();
  registries = [new Registered(aws, 'Gated'), new Registered(aws, 'Free')];
  for (const registry of registries) {
    expect((await registry.deploy('none', TEXTS[0])).failures).toEqual([]);
    expect((await registry.deploy('none')).failures).toEqual([]);
    for (const version of [1, 2]) {
      await registry.agree(version);
      expect((await registry.deploy(String(version))).failures).toEqual([]);
    }
  }
}, 300_000);
afterAll(() => aws?.stop());

it('a return, and the way back of one that fails, make the calls that they make without a gate, one for one', async () => {
  const found: string[][] = [];
  for (const registry of registries) {
    const failing = await registry.callsDuring(async () =>
      expect((await registry.deploy('1', TEXTS[1], true)).status).toBe('UPDATE_ROLLBACK_COMPLETE'),
    );
    const back = await registry.callsDuring(async () => expect((await registry.deploy('1')).failures).toEqual([]));
    found.push([...failing, 'then', ...back]);
  }
  const [gated, free] = found;
  expect(gated).toEqual(free);
  expect(gated).toContain('s3 PutObject ledger/');
  expect(gated?.filter((call) => call.includes('reviews/'))).toEqual([]);
}, 300_000);
