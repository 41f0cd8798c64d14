import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type ConverseRequest, PromptClient, type PromptClientOptions, type PromptUse } from '../../client';
import type { ClientConfiguration } from './client-configuration';
import { PREFIX, PROMPT } from './demonstration';

/** One process of the application: it names a prompt and an alias, and no version anywhere. */
export class ClientApplication {
  /** The access log: one entry per use. */
  readonly log: PromptUse[] = [];
  readonly prompts: PromptClient;
  private readonly runtime: BedrockRuntimeClient;

  constructor(own: ClientConfiguration, options: Partial<PromptClientOptions> = {}) {
    const sdk = { ...own, maxAttempts: 1 };
    this.runtime = new BedrockRuntimeClient(own);
    this.prompts = new PromptClient({
      parameterPrefix: PREFIX,
      alias: 'PROD',
      metrics: false,
      // A busy machine is no outage.
      timeout: 30_000,
      ssm: new SSMClient(sdk),
      bedrockAgent: new BedrockAgentClient(sdk),
      logger: { info: (_message, use) => void this.log.push(use) },
      ...options,
    });
  }

  /** Runs the prompt; answers how it went: `200`, or the error's code. */
  async run(): Promise<string> {
    try {
      await this.prompts.run(PROMPT, { ticker: 'AMZN' }, (request) => this.send(request));
      return '200';
    } catch (error) {
      const { code, name } = error as { code?: string; name: string };
      return code ?? name;
    }
  }

  send(request: ConverseRequest) {
    return this.runtime.send(new ConverseCommand(request));
  }

  /** Runs the prompt ten times a second until told to stop; answers how each went. */
  loop(): { stop(): Promise<string[]> } {
    let running = true;
    const outcomes: string[] = [];
    const finished = (async () => {
      while (running) {
        const pause = new Promise((resolve) => setTimeout(resolve, 100));
        outcomes.push(await this.run());
        await pause;
      }
    })();
    return {
      stop: async () => {
        running = false;
        await finished;
        return outcomes;
      },
    };
  }

  /** Takes the log and says how it went on, without repetitions: `12 version 1, then 9 version 2`. */
  story(withSource = false): string {
    const story: { what: string; count: number }[] = [];
    for (const { version, source, error } of this.log.splice(0)) {
      const what = `version ${version}${error ? ` ${error}` : ''}${withSource ? ` (${source})` : ''}`;
      const last = story.at(-1);
      if (last?.what === what) last.count += 1;
      else story.push({ what, count: 1 });
    }
    return story.map(({ what, count }) => `${count} ${what}`).join(', then ');
  }
}
