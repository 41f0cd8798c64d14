import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetPromptCommand } from '@aws-sdk/client-bedrock-agent';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Duration, type Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contentDigest } from '../../core/content/content-digest';
import { AliasTarget, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import { idOf, RegistryBench, type Standing } from './registry-bench';

const PREFIX = '/prompts/test';
const PATIENCE = 300_000;
const MODEL = 'amazon.nova-pro-v1:0';

const app = (text: string) => (stack: Stack) => {
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: PREFIX,
    policyPropagation: Duration.seconds(0),
  });
  const prompt = new Prompt(stack, 'Advisor', {
    registry,
    promptName: 'advisor',
    variant: PromptVariant.text({ text, model: MODEL }),
  });
  prompt.addAlias('PROD', { target: AliasTarget.parameter() });
};

/** An event that CloudFormation sent, which whoever may read a log can know. */
interface Sent {
  readonly function: string;
  readonly event: Record<string, unknown> & { readonly ResourceProperties: Record<string, unknown> };
}

describe('whoever may only invoke the functions', { timeout: PATIENCE }, () => {
  let bench: RegistryBench;
  let desk: Server;
  let before: Standing;
  const answers: string[] = [];
  const sent = new Map<string, Sent>();

  beforeAll(async () => {
    bench = await RegistryBench.start({ stack: 'Prompts', parameterPrefix: PREFIX, promptName: 'advisor' });
    for (let version = 1; version <= 10; version++) {
      const template = await bench.synthesize(app(`Explain ${version} {{ticker}}`));
      await bench.deploy(template, version >= 9 ? { AdvisorProdVersion: String(version) } : {});
    }
    for (const { operation, input } of bench.aws.calls) {
      if (operation !== 'Invoke') continue;
      const event = JSON.parse(Buffer.from(input.Payload as Uint8Array).toString()) as Sent['event'];
      if (event.RequestType !== 'Delete') {
        sent.set(String(event.ResourceType), { function: String(input.FunctionName), event });
      }
    }
    desk = createServer((request, response) => {
      const body: Buffer[] = [];
      request.on('data', (part: Buffer) => body.push(part));
      request.on('end', () => {
        answers.push(Buffer.concat(body).toString());
        response.end();
      });
    });
    await new Promise<void>((resolve) => desk.listen(0, '127.0.0.1', resolve));
  }, PATIENCE);

  afterAll(async () => {
    desk.close();
    await bench.aws.stop();
  });

  beforeEach(async () => {
    before = await bench.standing();
    expect(before.pointers).toEqual({ PROD: '10' });
  });

  /** Sends what CloudFormation sent last to this kind of resource, changed; answers what the function said. */
  async function invoke(type: string, changes: Record<string, unknown>, properties: Record<string, unknown> = {}) {
    const last = sent.get(type);
    if (last === undefined) throw new Error(`expected an event of ${type}, found ${[...sent.keys()]}`);
    const event = {
      ...last.event,
      RequestId: `made-up-${answers.length}`,
      ResponseURL: `http://127.0.0.1:${(desk.address() as AddressInfo).port}/`,
      ...changes,
      ResourceProperties: { ...last.event.ResourceProperties, ...properties },
    };
    const { endpoint, region, operator } = bench.aws;
    const lambda = new LambdaClient({ endpoint, region, credentials: operator });
    await lambda.send(new InvokeCommand({ FunctionName: last.function, Payload: Buffer.from(JSON.stringify(event)) }));
    return JSON.parse(answers.at(-1) ?? '{}') as { Status: string; Reason?: string };
  }

  it('releases nothing', async () => {
    const properties = { Version: '3', PlannedAt: String(Date.now()), Revision: String(before.heads.PROD?.sequence) };
    const { Status, Reason } = await invoke('Custom::PromptAlias', { RequestType: 'Update' }, properties);

    expect([Status, Reason]).toEqual(['FAILED', expect.stringMatching(/^NotInProgress: /)]);
    expect(await bench.standing()).toEqual(before);
  });

  it.each(['Update', 'Delete'])('takes nothing back and removes nothing (%s)', async (RequestType) => {
    const { Status } = await invoke('Custom::PromptAlias', { RequestType }, { Version: '3', PlannedAt: '1' });

    expect(Status).toBe('SUCCESS');
    expect(await bench.standing()).toEqual(before);
  });

  it.each(['Update', 'Delete'])('does not by the name of another stack either (%s)', async (RequestType) => {
    const StackId = 'arn:aws:cloudformation:us-east-1:111122223333:stack/Evil/1';
    await invoke('Custom::PromptAlias', { RequestType, StackId }, { Version: '3', PlannedAt: '1' });

    expect(await bench.standing()).toEqual(before);
  });

  it('publishes no draft that somebody edited, and makes no room for it', async () => {
    await bench.editDraft('Say what I want {{ticker}}');
    const promptIdentifier = idOf(await bench.promptArn());
    const { variants } = await bench.operator.bedrock.send(new GetPromptCommand({ promptIdentifier }));
    const evil = { ContentDigest: contentDigest(variants?.[0]), Targets: [], KeepVersions: [], CallableVersions: '0' };

    for (const RequestType of ['Create', 'Update']) {
      const { Status, Reason } = await invoke('Custom::PromptVersion', { RequestType }, evil);
      expect([Status, Reason]).toEqual(['FAILED', expect.stringMatching(/^NotInProgress: /)]);
    }

    expect(await bench.standing()).toEqual(before);
  });
});
