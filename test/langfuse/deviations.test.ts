import { beforeAll, describe, expect, test } from 'vitest';
import { answerLangfuse } from '../../core/langfuse/answer';
import { openKeys } from '../../core/langfuse/open-keys';
import { RegistryWorld, KEYS as WORLD_KEYS } from '../lambda/langfuse/registry-world';

/** Where the registry answers otherwise than Langfuse itself would, with the same prompts: all of it, and why. */
const DEVIATIONS: Readonly<Record<string, readonly [langfuse: number, registry: number, why: string]>> = {
  'GET /v2/prompts/support%2Ftriage?version=4': [200, 404, 'nobody released it'],
  'GET /v2/prompts/support%2Ftriage?label=latest': [200, 404, 'nobody released it; keys with `latest` may'],
  'GET /prompts?name=support/triage&version=4': [200, 404, 'nobody released it'],
  'GET /v2/prompts/support%2Ftriage?label=PROD': [404, 200, 'labels are aliases, in any letters'],
  'POST /v2/prompts {"name":"support/triage","prompt":"new"}': [201, 403, 'versions are published by the stack'],
  'POST /v2/prompts {"name":"other","prompt":"Other.","config":{"model":"amazon.nova-lite-v1:0","temperature":0.2,"max_tokens":300}}':
    [201, 200, 'the same content is the same version'],
  'POST /v2/prompts {"name":"another","prompt":"x"}': [201, 403, 'prompts are files of the app'],
  'POST /prompts {"name":"support/triage","prompt":"new","isActive":true}': [
    201,
    403,
    'versions are published by the stack',
  ],
  'PATCH /v2/prompts/support%2Ftriage/versions/3 {"newLabels":["production"]}': [
    200,
    403,
    'an alias moves with its stack',
  ],
  'PATCH /v2/prompts/support%2Ftriage/versions/3 {"newLabels":["canary"]}': [200, 403, 'labels are aliases'],
  'PATCH /v2/prompts/support%2Ftriage/versions/9 {"newLabels":["production"]}': [
    404,
    403,
    'says how to release, not which versions exist',
  ],
  'DELETE /v2/prompts/support%2Ftriage?version=1': [204, 403, 'versions are never deleted by a key'],
  'DELETE /v2/prompts/support%2Ftriage?label=none': [404, 403, 'versions are never deleted by a key'],
  'POST /ingestion {"batch":[]}': [207, 404, 'traces go to a Langfuse server'],
  'POST /otel/v1/traces {}': [200, 404, 'traces go to a Langfuse server'],
};

const ALIKE = [
  'GET /v2/prompts/support%2Ftriage',
  'GET /v2/prompts/support%2Ftriage?label=production',
  'GET /v2/prompts/support%2Ftriage?label=staging',
  'GET /v2/prompts/support%2Ftriage?version=1',
  'GET /v2/prompts/support%2Ftriage?version=0',
  'GET /v2/prompts/support%2Ftriage?version=x',
  'GET /v2/prompts/support%2Ftriage?version=1&label=production',
  'GET /v2/prompts/support%2Ftriage?resolve=false',
  'GET /v2/prompts/support%2Ftriage?resolve=x',
  'GET /v2/prompts/none',
  'GET /v2/prompts/none?version=3',
  'GET /v2/prompts/none?label=x',
  'GET /v2/prompts?limit=0',
  'GET /v2/prompts?name=none',
  'GET /v2/prompts?label=production&limit=1&page=2',
  'GET /prompts?name=support/triage',
  'GET /prompts?name=none',
  'GET /prompts',
  'GET /projects',
  'GET /health',
  'GET /nowhere',
  'PUT /v2/prompts',
  'PATCH /v2/prompts/support%2Ftriage {}',
  'PATCH /v2/prompts/support%2Ftriage/versions/2 {"newLabels":["production"]}',
  'PATCH /v2/prompts/support%2Ftriage/versions/2 {"newLabels":["latest"]}',
  'PATCH /v2/prompts/support%2Ftriage/versions/2 {"newLabels":3}',
  'PATCH /v2/prompts/none/versions/1 {"newLabels":["production"]}',
  'PATCH /v2/prompts/support%2Ftriage/versions/x {"newLabels":["production"]}',
  'PATCH /v2/prompts/support%2Ftriage/versions/1.5 {"newLabels":["canary"]}',
  'PATCH /v2/prompts/support%2Ftriage/versions/0 {"newLabels":["production"]}',
  'PATCH /v2/prompts/support%2Ftriage/versions/-2 {"newLabels":["production"]}',
  'POST /v2/prompts {"name":"/x","prompt":"x"}',
  'POST /v2/prompts {',
  'DELETE /v2/prompts/none',
  'DELETE /v2/prompts/support%2Ftriage?version=1&label=production',
];

const keys = WORLD_KEYS.all;
const authorization = `Basic ${Buffer.from(`${keys.publicKey}:${keys.secretKey}`).toString('base64')}`;

async function open(method: string, path: string, body?: string) {
  const server = openKeys([keys]);
  const ask = (how: string, at: string, sent?: string) => {
    const [plain = '', search = ''] = `/api/public${at}`.split('?');
    const query = new Map([...new URLSearchParams(search)].map(([name, value]) => [name, [value]]));
    return answerLangfuse({ method: how, path: plain, query, headers: { authorization }, body: sent }, server);
  };
  const create = (name: string, prompt: string, labels: readonly string[]) =>
    ask('POST', '/v2/prompts', JSON.stringify({ name, prompt, labels }));
  await create('support/triage', 'Sort {{ticket}}.', []);
  await create('support/triage', 'Sort {{ticket}} well.', ['production']);
  await create('support/triage', 'Sort {{ticket}} best.', ['staging']);
  await create('support/triage', 'Unreleased {{ticket}}.', []);
  await create('style', 'Be kind.', ['production', 'prod']);
  await create('other', 'Other.', ['production']);
  const { status, body: text } = await ask(method, path, body);
  return { status, body: text === '' ? undefined : JSON.parse(text) };
}

function read(request: string): readonly [method: string, path: string, body?: string] {
  const [, method = '', path = '', body] = /^(\w+) (\S+)(?: (.*))?$/.exec(request) ?? [];
  return [method, path, body];
}

async function both(request: string) {
  const [method, path, body] = read(request);
  return {
    langfuse: await open(method, path, body),
    registry: await world.send(method, path, { authorization }, body),
  };
}

let world: RegistryWorld;
beforeAll(() => {
  world = new RegistryWorld();
});

describe('The registry and Langfuse itself', () => {
  test.each(Object.entries(DEVIATIONS))('differ in %s: %j', async (request, [langfuse, registry]) => {
    const answers = await both(request);
    expect([answers.langfuse.status, answers.registry.status]).toEqual([langfuse, registry]);
  });

  test.each(ALIKE)('agree in %s', async (request) => {
    const { langfuse, registry } = await both(request);
    expect(registry.status).toBe(langfuse.status);
    if (langfuse.status >= 400) expect(registry.body).toEqual(langfuse.body);
    // The registry adds fields, and leaves none out.
    else expect(Object.keys(registry.body)).toEqual(expect.arrayContaining(Object.keys(langfuse.body)));
    if (langfuse.body?.prompt) expect(registry.body.prompt).toEqual(langfuse.body.prompt);
  });
});
