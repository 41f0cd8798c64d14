import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { AdversaryOptions } from '../../packages/local-aws/cloudformation/adversary';
import { type Finished, type Running, startCommand } from './command-process';
import { PREFIX, RegistryWorld } from './registry-world';

export const FIRST = 'You are a balanced advisor.\nExplain {{ticker}}.';
export const SECOND = 'You are a conservative advisor.\nExplain {{ticker}} in {{language}}.';
export const THIRD = 'You are a bold advisor.\nExplain {{ticker}}.';
export const POINTER = `${PREFIX}/advisor/PROD`;

export type Fault = (logicalId: string, step: string) => boolean | Promise<boolean>;

/** A registry with three versions, and the built command that works on it, for the tests of one file. */
export class CommandWorld {
  world!: RegistryWorld;
  /** What CloudFormation does at a step: nothing, or fail, or wait. */
  fault: Fault = () => false;

  static forThisFile(options: AdversaryOptions = {}): CommandWorld {
    const self = new CommandWorld();
    beforeAll(async () => {
      const failAt: Fault = (id, step) => self.fault(id, step);
      self.world = await RegistryWorld.start({ cloudFormation: { ...options, failAt } });
      for (const text of [FIRST, SECOND, THIRD]) await self.world.deploy({ text });
    }, 300_000);
    afterEach(() => {
      self.fault = () => false;
      self.world.aws.interceptors.length = 0;
    });
    afterAll(() => self.world?.stop());
    return self;
  }

  get aws() {
    return this.world.aws;
  }

  /** Settings of an SDK client of the operator. */
  client() {
    const { endpoint, region, operator } = this.aws;
    return { endpoint, region, credentials: operator };
  }

  start(args: string, environment: NodeJS.ProcessEnv = {}): Running {
    return startCommand(args.split(' '), { ...this.aws.environment(), ...environment });
  }

  run(args: string, environment: NodeJS.ProcessEnv = {}): Promise<Finished> {
    return this.start(args, environment).finished;
  }

  /** Version that PROD points to. */
  async pointer(): Promise<number | null> {
    const { Parameter } = await new SSMClient(this.client()).send(new GetParameterCommand({ Name: POINTER }));
    const digits = /:(\d+)$/.exec(Parameter?.Value ?? '')?.[1];
    return digits ? Number(digits) : null;
  }

  /** Brings PROD to a version by the command itself, where it is not there. */
  async prodAt(version: number): Promise<void> {
    if ((await this.pointer()) === version) return;
    const { code, stderr } = await this.run(`promote advisor PROD --to :${version} --yes`);
    expect(code, stderr).toBe(0);
  }

  /** Holds the stack at PROD's parameter until it is let go. */
  hold(): () => void {
    let release: (fails: boolean) => void = () => {};
    const held = new Promise<boolean>((resolve) => {
      release = resolve;
    });
    this.fault = (logicalId, step) => (step === 'Update' && /^AdvisorProdParameter/.test(logicalId) ? held : false);
    return () => release(false);
  }

  /** Waits for one more change set to be executed. */
  async executed(): Promise<void> {
    const executions = () => this.aws.calls.filter(({ operation }) => operation === 'ExecuteChangeSet').length;
    for (const end = executions() + 1; executions() < end; ) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
