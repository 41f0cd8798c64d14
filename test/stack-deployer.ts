import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import { type Deployed, Deployer, type DeployerOptions, type LocalAws } from '../packages/local-aws';

/** A deployer of stacks that a function fills. */
export class StackDeployer extends Deployer {
  constructor(
    private readonly aws: LocalAws,
    options?: DeployerOptions,
  ) {
    super(aws, options);
  }

  /** Synthesizes the stack that `build` fills and deploys it. Parameters that are not given keep their values. */
  async deployStack(
    name: string,
    build: (stack: Stack) => void,
    parameters: Record<string, string> = {},
  ): Promise<Deployed> {
    return this.deployTemplate(name, await this.synthesize(name, build), { parameters });
  }

  /** The template of the stack that `build` fills; its assets are uploaded. */
  async synthesize(name: string, build: (stack: Stack) => void): Promise<string> {
    const outdir = mkdtempSync(join(tmpdir(), 'stack-deployer-'));
    try {
      const app = new App({ outdir, analyticsReporting: false });
      const synthesizer = new DefaultStackSynthesizer({ generateBootstrapVersionRule: false });
      const { account, region } = this.aws;
      build(new Stack(app, name, { synthesizer, env: { account, region } }));
      return await this.publish(name, app.synth());
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }
}
