import { BedrockAgentClient, GetPromptCommand } from '@aws-sdk/client-bedrock-agent';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { ClientConfiguration } from './client-configuration';

export interface LoopResult {
  readonly calls: number;
  readonly errors: string[];
  /** Version numbers that answered, in order, with how often: `[[1, 44], [2, 53]]`. */
  readonly runs: [number, number][];
}

/** The application: it knows its role, an alias's parameter, and nothing of versions. */
export class Application {
  private readonly ssm: SSMClient;
  private readonly bedrock: BedrockAgentClient;
  private readonly runtime: BedrockRuntimeClient;

  constructor(
    own: ClientConfiguration,
    private readonly parameterName: string,
  ) {
    this.ssm = new SSMClient(own);
    this.bedrock = new BedrockAgentClient(own);
    this.runtime = new BedrockRuntimeClient(own);
  }

  /** What the alias points to now. */
  async alias(): Promise<string> {
    const { Parameter } = await this.ssm.send(new GetParameterCommand({ Name: this.parameterName }));
    return Parameter?.Value ?? '';
  }

  /** Runs the prompt; answers the HTTP status. */
  converse(promptArn: string): Promise<number> {
    const command = new ConverseCommand({ modelId: promptArn, promptVariables: { ticker: { text: 'AMZN' } } });
    return statusOf(this.runtime.send(command));
  }

  getPrompt(promptIdentifier: string): Promise<number> {
    return statusOf(this.bedrock.send(new GetPromptCommand({ promptIdentifier })));
  }

  /** Reads the alias and runs it, ten times a second, until told to stop. */
  loop(): { answered(version: number): Promise<void>; stop(): Promise<LoopResult> } {
    let running = true;
    const runs: [number, number][] = [];
    const errors: string[] = [];
    let calls = 0;
    const once = async () => {
      const arn = await this.alias();
      const status = await this.converse(arn);
      calls += 1;
      const version = Number(arn.split(':').pop());
      const last = runs.at(-1);
      if (status !== 200) {
        errors.push(`version ${version}: ${status}`);
      } else if (last?.[0] === version) {
        last[1] += 1;
      } else {
        runs.push([version, 1]);
      }
    };
    const finished = (async () => {
      while (running) {
        const pause = new Promise((resolve) => setTimeout(resolve, 100));
        await once();
        await pause;
      }
    })();
    return {
      // Half a minute at most: what did not come shows in what is compared then.
      answered: async (version) => {
        for (const end = performance.now() + 30_000; runs.at(-1)?.[0] !== version && performance.now() < end; ) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
      stop: async () => {
        running = false;
        await finished;
        // A deployment may be over sooner than the next call comes.
        await once();
        return { calls, errors, runs };
      },
    };
  }
}

async function statusOf(sent: Promise<unknown>): Promise<number> {
  try {
    await sent;
    return 200;
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    if (status === undefined) {
      throw error;
    }
    return status;
  }
}
