import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CdkCli } from '../../bin/demo/cdk-cli';
import { type LocalAws, startLocalAws } from '../../packages/local-aws';
import { Adversary, type Step } from '../../packages/local-aws/cloudformation/adversary';
import type { Interceptor } from '../../packages/local-aws/server';
import { Account } from './account';

const STACK = 'Prompts-prod';
const PLACE = { parameterPrefix: '/prompts/prod', promptName: 'financial-analysis' };
const PROD_PARAMETER = 'FinancialAnalysisProdVersion';

/** Where the aliases should stand; null for nowhere, undefined for no alias. */
interface Expected {
  readonly STAGING?: number | null;
  readonly PROD?: number | null;
}

/** What is to happen during the next deployments. */
interface Disturbance {
  /** A resource, by the beginning of its logical id, and the step at which it fails. */
  readonly fails?: readonly (readonly [string, Step])[];
  /** The CLI is killed when a resource's step begins, or when a call arrives. */
  readonly kill?: readonly [string, Step] | string;
}

/** The example app under the real CLI, with failures put in from outside. */
class CommandBench {
  readonly scratch = mkdtempSync(join(tmpdir(), 'faults-cli-'));
  private readonly promptFile = join(this.scratch, 'prompts', 'financial-analysis.prompt');
  private readonly cdk: CdkCli;
  private readonly cloudFormation: CloudFormationClient;
  private readonly account: Account;
  private readonly bodies = new Map<string, readonly string[]>();
  private readonly buckets = new Set<string>();
  private edits = 0;

  private constructor(
    private readonly aws: LocalAws,
    private readonly held: { disturbance: Disturbance; kill?: AbortController; isKilled?: boolean },
  ) {
    cpSync('prompts', join(this.scratch, 'prompts'), { recursive: true });
    this.cdk = new CdkCli(aws.environment(), join(this.scratch, 'cdk.out'));
    const client = { endpoint: aws.endpoint, region: aws.region, credentials: aws.operator };
    this.cloudFormation = new CloudFormationClient(client);
    this.account = new Account(aws, PLACE);
  }

  static async start(seed: number): Promise<CommandBench> {
    const held: { disturbance: Disturbance; kill?: AbortController; isKilled?: boolean } = { disturbance: {} };
    const kill = () => {
      if (!held.isKilled) held.kill?.abort();
      held.isKilled = true;
    };
    const failAt = (logicalId: string, step: Step) => {
      const isAt = ([role, at]: readonly [string, Step]) => logicalId.startsWith(role) && at === step;
      if (typeof held.disturbance.kill === 'object' && isAt(held.disturbance.kill)) kill();
      return held.disturbance.fails?.some(isAt) ?? false;
    };
    const interceptor: Interceptor = async ({ operation }) => {
      if (operation !== held.disturbance.kill || held.isKilled) return;
      kill();
      // The call itself is lost with the process that made it.
      await new Promise(() => {});
    };
    const cloudFormation = new Adversary({ seed, failAt });
    return new CommandBench(await startLocalAws({ cloudFormation, interceptors: [interceptor] }), held);
  }

  async stop(): Promise<void> {
    await this.aws.stop();
    rmSync(this.scratch, { recursive: true, force: true });
  }

  bootstrap() {
    return this.command(['bootstrap', `aws://${this.aws.account}/${this.aws.region}`]);
  }

  /** Puts another word into the prompt's text. */
  edit(): void {
    this.edits += 1;
    const source = readFileSync(this.promptFile, 'utf8');
    writeFileSync(this.promptFile, source.replace(/balanced\S*/, `balanced${this.edits}`));
  }

  /** `cdk deploy`; answers its exit code once nothing goes on behind it any more. */
  async deploy(disturbance: Disturbance = {}, parameters: Record<string, string> = {}): Promise<number> {
    const given = Object.entries(parameters).flatMap(([name, value]) => ['--parameters', `${STACK}:${name}=${value}`]);
    return this.command(['deploy', STACK, '--exclusively', '--require-approval', 'never', ...given], disturbance);
  }

  destroy(disturbance: Disturbance = {}): Promise<number> {
    return this.command(['destroy', STACK, '--exclusively', '--force'], disturbance);
  }

  async continueRollback(): Promise<void> {
    await this.cloudFormation.send(new ContinueUpdateRollbackCommand({ StackName: STACK }));
    await this.settled();
  }

  async status(): Promise<string> {
    const { Stacks = [] } = await this.cloudFormation.send(new DescribeStacksCommand({}));
    return Stacks.find(({ StackName }) => StackName === STACK)?.StackStatus ?? 'none';
  }

  /** What does not hold of the laws. */
  async wrong(expected: Expected): Promise<string[]> {
    await this.aws.idle();
    const wrong: string[] = [];
    const pointers = await this.account.pointers();
    const chains = new Map<string, number | null>();
    for (const bucket of await this.ledgers()) {
      for (const [name, { findings, bodies, records }] of await this.account.chains(bucket)) {
        wrong.push(...findings.map(({ message }) => `${name}: ${message}`));
        const before = this.bodies.get(`${bucket}/${name}`) ?? [];
        if (before.some((body, index) => bodies[index] !== body)) wrong.push(`records of ${name} changed`);
        this.bodies.set(`${bucket}/${name}`, bodies);
        chains.set(name, records.at(-1)?.to?.version ?? null);
      }
    }
    for (const alias of ['STAGING', 'PROD'] as const) {
      const target = expected[alias];
      const found = pointers[alias];
      const version = found === undefined ? undefined : found === 'none' ? null : Number(found.split(':').pop());
      if (version !== target) wrong.push(`${alias} names ${version}, not ${target}`);
      const promptId = /prompt\/(\w+):/.exec(String(found))?.[1];
      if (promptId && chains.get(`${promptId}/${alias}`) !== version) {
        wrong.push(`the newest record of ${alias} names ${chains.get(`${promptId}/${alias}`)}, not ${version}`);
      }
      const allowed = await this.account.allowed(alias);
      if (promptId && !allowed?.includes(String(found))) wrong.push(`callers of ${alias} may not use ${found}`);
    }
    return wrong;
  }

  private async command(args: string[], disturbance: Disturbance = {}): Promise<number> {
    const kill = new AbortController();
    Object.assign(this.held, { disturbance, kill, isKilled: false });
    const { code } = await this.cdk.run(
      [...args, '-c', 'env=prod', '-c', `promptsDir=${join(this.scratch, 'prompts')}`, '-c', 'propagation=0'],
      () => {},
      kill.signal,
    );
    await this.settled();
    this.held.disturbance = {};
    if (disturbance.kill && !this.held.isKilled)
      throw new Error(`${args[0]} was not killed: ${disturbance.kill} never came`);
    return code;
  }

  private async ledgers(): Promise<Set<string>> {
    if ((await this.status()) !== 'none') {
      const command = new DescribeStackResourcesCommand({ StackName: STACK });
      const { StackResources = [] } = await this.cloudFormation.send(command);
      const bucket = StackResources.find(({ ResourceType }) => ResourceType === 'AWS::S3::Bucket')?.PhysicalResourceId;
      if (bucket) this.buckets.add(bucket);
    }
    return this.buckets;
  }

  private async settled(): Promise<void> {
    while (/_IN_PROGRESS$/.test((await this.status()).replace('REVIEW_IN_PROGRESS', ''))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Each kind of failure once, with the CLI as a process of its own; the number of cases that went wrong. */
export async function runCommandCases(seed: number): Promise<number> {
  const bench = await CommandBench.start(seed);
  let wrong = 0;
  const tell = async (what: string, ended: string[], expected: Expected) => {
    const found = [...ended, ...(await bench.wrong(expected))];
    wrong += found.length > 0 ? 1 : 0;
    console.log(`${found.length > 0 ? 'WRONG' : 'ok   '}  ${what}   ${await bench.status()}`);
    for (const line of found) console.log(`  ! ${line}`);
  };
  const failed = (code: number) => (code === 0 ? ['expected the CLI to fail, it succeeded'] : []);
  const succeeded = (code: number) => (code === 0 ? [] : [`expected the CLI to succeed, it ended with ${code}`]);
  try {
    await bench.bootstrap();
    const none: Expected = {};

    await tell(
      'killed before the first change set is executed',
      failed(await bench.deploy({ kill: 'ExecuteChangeSet' })),
      none,
    );
    await tell(
      '  first create fails at an alias',
      failed(await bench.deploy({ fails: [['FinancialAnalysisProdAlias', 'Create']] })),
      none,
    );
    await tell('  next deploy', succeeded(await bench.deploy()), { STAGING: 1, PROD: null });

    let at: Expected = { STAGING: 1, PROD: 1 };
    await tell('release', succeeded(await bench.deploy({}, { [PROD_PARAMETER]: '1' })), at);

    bench.edit();
    await tell(
      'content change fails at the pointer',
      failed(await bench.deploy({ fails: [['FinancialAnalysisStagingParameter', 'Update']] })),
      at,
    );
    at = { ...at, STAGING: 2 };
    await tell('  next deploy', succeeded(await bench.deploy()), at);

    const both = {
      fails: [
        ['FinancialAnalysisProdParameter', 'Update'],
        ['FinancialAnalysisProdAlias', 'Rollback'],
      ],
    } as const;
    const blocked = failed(await bench.deploy(both, { [PROD_PARAMETER]: '2' }));
    if ((await bench.status()) !== 'UPDATE_ROLLBACK_FAILED')
      blocked.push(`expected UPDATE_ROLLBACK_FAILED, found ${await bench.status()}`);
    await bench.continueRollback();
    await tell('release fails and its rollback fails: continued', blocked, at);
    at = { ...at, PROD: 2 };
    await tell('  next deploy', succeeded(await bench.deploy({}, { [PROD_PARAMETER]: '2' })), at);

    bench.edit();
    at = { ...at, STAGING: 3 };
    await tell(
      'killed while CloudFormation updates',
      failed(await bench.deploy({ kill: ['FinancialAnalysisStagingAlias', 'Update'] })),
      at,
    );
    await tell('  next deploy', succeeded(await bench.deploy()), at);

    bench.edit();
    const lost = {
      kill: ['FinancialAnalysisStagingAlias', 'Update'],
      fails: [['FinancialAnalysisStagingParameter', 'Update']],
    } as const;
    await tell('killed while CloudFormation updates, which then fails', failed(await bench.deploy(lost)), at);
    at = { ...at, STAGING: 4 };
    await tell('  next deploy', succeeded(await bench.deploy()), at);

    bench.edit();
    await tell('killed before a change set is executed', failed(await bench.deploy({ kill: 'ExecuteChangeSet' })), at);
    at = { ...at, STAGING: 5 };
    await tell('  next deploy', succeeded(await bench.deploy()), at);

    bench.edit();
    await tell('killed before the change set is made', failed(await bench.deploy({ kill: 'CreateChangeSet' })), at);
    at = { STAGING: 6, PROD: 1 };
    await tell(
      '  next deploy, which rolls PROD back',
      succeeded(await bench.deploy({}, { [PROD_PARAMETER]: '1' })),
      at,
    );

    await bench.destroy({ fails: [['FinancialAnalysisProdReleasePlan', 'Delete']] });
    const left =
      (await bench.status()) === 'DELETE_FAILED' ? [] : [`expected DELETE_FAILED, found ${await bench.status()}`];
    await tell('destroy fails at a plan, and again goes through', [...left, ...succeeded(await bench.destroy())], none);
    return wrong;
  } finally {
    await bench.stop();
  }
}
