import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach } from 'vitest';
import { PromptClient, type PromptClientOptions, type PromptUse, type SdkClient } from '../../client';
import { FakeClock } from './fake-clock';
import { RegistryServer, versionArn } from './registry-server';

export const PARAMETER = '/prompts/prod/financial-analysis/PROD';
export const DIGEST = `pd1:${'a'.repeat(64)}`;

export const textVariant = (text = 'Analyse {{ticker}} now', variables = ['ticker']) => ({
  name: 'default',
  templateType: 'TEXT' as const,
  modelId: 'amazon.nova-pro-v1:0',
  templateConfiguration: { text: { text, inputVariables: variables.map((name) => ({ name })) } },
});

/** A registry with one prompt whose PROD points to version 3, and clients of it that live in fake time. */
export class RegistryFixture {
  readonly clock = new FakeClock();
  readonly uses: PromptUse[] = [];
  readonly metricLines: string[] = [];
  private underWay = 0;

  private constructor(readonly server: RegistryServer) {}

  static async start(): Promise<RegistryFixture> {
    const fixture = new RegistryFixture(await new RegistryServer().start());
    fixture.pointTo(3);
    for (const version of [2, 3, 4]) fixture.publish(version);
    running.push(fixture.server);
    return fixture;
  }

  client(options: Partial<PromptClientOptions> = {}): PromptClient {
    return new PromptClient({
      parameterPrefix: '/prompts/prod',
      clock: this.clock,
      ssm: this.ssm(),
      bedrockAgent: this.counted(new BedrockAgentClient(this.sdkSettings)),
      logger: { info: (_message, use) => this.uses.push(use) },
      metrics: (line) => this.metricLines.push(line),
      ...options,
    });
  }

  ssm(): SdkClient {
    return this.counted(new SSMClient(this.sdkSettings));
  }

  pointTo(target: number | 'none' | 'nothing'): void {
    if (target === 'nothing') this.server.parameters.delete(PARAMETER);
    else this.server.parameters.set(PARAMETER, target === 'none' ? 'none' : versionArn(target));
  }

  publish(version: number, variant: object = textVariant()): void {
    this.server.versions.set(`ABCDEFGHIJ:${version}`, { description: `${DIGEST} note`, variants: [variant] });
  }

  /** To Bedrock, or to SSM. */
  requests(operation: 'GetPrompt' | 'of SSM' = 'of SSM'): number {
    const isOfBedrock = operation === 'GetPrompt';
    return this.server.requests.filter((request) => (request.operation === 'GetPrompt') === isOfBedrock).length;
  }

  /** Lets answers arrive, and moves time to the next timer only when nothing but time can go on. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    promise.then(
      () => {
        isSettled = true;
      },
      () => {
        isSettled = true;
      },
    );
    while (!isSettled) {
      await this.quiet();
      if (!isSettled && this.clock.nextDue !== undefined) this.clock.fireNext();
    }
    return promise;
  }

  /** Until every request is answered, given up, or kept waiting on purpose. */
  async quiet(): Promise<void> {
    for (let turns = 0; turns < 3; turns = this.underWay !== this.server.waiting ? 0 : turns + 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Time passes; what falls due on the way fires. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.clock.time + milliseconds;
    await this.quiet();
    while ((this.clock.nextDue ?? Number.POSITIVE_INFINITY) <= end) {
      this.clock.fireNext();
      await this.quiet();
    }
    this.clock.time = end;
  }

  private get sdkSettings() {
    const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' };
    return { endpoint: this.server.endpoint, region: 'us-east-1', maxAttempts: 1, credentials };
  }

  private counted(client: SdkClient): SdkClient {
    return {
      send: (command, options) => {
        this.underWay++;
        return client.send(command, options).finally(() => {
          this.underWay--;
        });
      },
    };
  }
}

const running: RegistryServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});
