import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BedrockAgentClient, DeletePromptCommand, GetPromptCommand } from '@aws-sdk/client-bedrock-agent';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsClients } from '../../cli/aws-clients';
import { snapshot } from '../../cli/commands/snapshot';
import { Interruption } from '../../cli/interruption';
import { Registry } from '../../cli/registry';
import { findRegistryStack } from '../../cli/stack-finder';
import { PromptClient } from '../../client';
import type { PromptSnapshot } from '../../core/contract/prompt-snapshot';
import { fakeTerminal } from './fake-terminal';
import { PREFIX, RegistryWorld } from './registry-world';

describe('prompt-registry snapshot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
  const file = join(folder, 'snapshot.json');
  const before = { ...process.env };
  let world: RegistryWorld;
  const client = () => ({ endpoint: world.aws.endpoint, region: world.aws.region, credentials: world.aws.operator });
  beforeAll(async () => {
    world = await RegistryWorld.start();
    await world.deploy({ text: 'You are a balanced advisor. Explain {{ticker}}.' });
    await world.deploy({ text: 'You are a bold advisor. Explain {{ticker}}.' });
    Object.assign(process.env, world.aws.environment());
  }, 120_000);
  afterAll(async () => {
    process.env = before;
    rmSync(folder, { recursive: true });
    await world?.stop();
  });

  async function run(values: Record<string, string | boolean> = { out: file }) {
    const { terminal, output } = fakeTerminal(undefined);
    const clients = awsClients({});
    await snapshot.run({
      ...{ terminal, positionals: [], values, interruption: new Interruption() },
      now: () => new Date('2026-11-22T08:00:00Z'),
      commands: [],
      openRegistry: async () => new Registry(clients, await findRegistryStack(clients, {})),
    });
    return output();
  }
  const written = (): PromptSnapshot => JSON.parse(readFileSync(file, 'utf8'));

  it('holds what each alias points to, and the content as GetPrompt answers it; an alias at none is left out', async () => {
    expect(await run()).toBe(`wrote ${file}: 2 aliases of ${PREFIX}\nleft out: advisor/PROD points to no version\n`);
    const { aliases, versions, time, parameterPrefix } = written();
    const [fixed = '', staging = ''] = Object.values(aliases);
    expect([parameterPrefix, time]).toEqual([PREFIX, '2026-11-22T08:00:00.000Z']);
    expect(aliases).toEqual({
      'advisor/FIXED': expect.stringMatching(/:1$/),
      'advisor/STAGING': expect.stringMatching(/:2$/),
    });
    expect(Object.keys(versions)).toEqual([fixed, staging]);
    const { variants } = await new BedrockAgentClient(client()).send(
      new GetPromptCommand({ promptIdentifier: staging.replace(/:2$/, ''), promptVersion: '2' }),
    );
    expect(versions[staging]?.variant).toEqual(JSON.parse(JSON.stringify(variants?.[0])));
  });

  it('serves a client that reaches neither SSM nor Bedrock', async () => {
    await run();
    const nowhere = { send: () => Promise.reject(Object.assign(new Error('refused'), { name: 'ECONNREFUSED' })) };
    const prompts = new PromptClient({
      ...{ parameterPrefix: PREFIX, snapshot: file, logger: false },
      ...{ ssm: nowhere, bedrockAgent: nowhere, timeout: 200 },
    });
    const prompt = await prompts.get('advisor', { alias: 'STAGING' });
    expect([prompt.source, prompt.version]).toEqual(['snapshot', 2]);
    expect(await prompt.compile({ ticker: 'AMZN' })).toBe('You are a bold advisor. Explain AMZN.');
  });

  it('holds one alias where one is named, and lists those there are where none is of this name', async () => {
    expect(JSON.parse(await run({ json: true, alias: 'FIXED' })).aliases).toEqual({
      'advisor/FIXED': expect.stringMatching(/:1$/),
    });
    await expect(run({ json: true, alias: 'LIVE' })).rejects.toMatchObject({
      message: 'no alias LIVE in this registry',
      fix: ['aliases there: FIXED, PROD, STAGING'],
    });
  });

  it('leaves out a version that was withdrawn since, so that it does not come back in an outage', async () => {
    await world.deploy(
      { text: 'You are a brief advisor. Explain {{ticker}}.' },
      { AdvisorWithdrawnVersions: '2', AdvisorProdVersion: 'none' },
    );
    await run();
    const { aliases } = written();
    const arn = aliases['advisor/STAGING']?.replace(/:\d+$/, ':2');
    await new SSMClient(client()).send(
      new PutParameterCommand({ Name: `${PREFIX}/advisor/STAGING`, Value: arn, Overwrite: true }),
    );
    expect(await run()).toContain('left out: advisor/STAGING points to version 2, which is withdrawn\n');
    expect(Object.keys(written().aliases)).toEqual(['advisor/FIXED']);
  });

  it('is refused where Bedrock no longer holds a version that an alias names', async () => {
    const promptIdentifier = Object.values(written().aliases)[0]?.replace(/^.*\/|:\d+$/g, '');
    await new BedrockAgentClient(client()).send(new DeletePromptCommand({ promptIdentifier, promptVersion: '1' }));
    await expect(run()).rejects.toThrow('advisor/FIXED points to version 1, which Bedrock does not hold');
  });
});
