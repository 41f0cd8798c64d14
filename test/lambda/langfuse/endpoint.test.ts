import { describe, expect, it, test } from 'vitest';
import { KEYS, type KeyName, PREFIX, RegistryWorld, STACK } from './registry-world';

const TRIAGE = '/v2/prompts/support%2Ftriage';

function awsError(name: string): Error {
  return Object.assign(new Error(name), { name });
}

describe('Reading', () => {
  it('answers the version that the alias points to, as Langfuse would have it', async () => {
    const { status, body } = await new RegistryWorld().ask('GET', TRIAGE);
    expect(status).toBe(200);
    expect(body).toEqual({
      id: 'arn:aws:bedrock:us-east-1:111122223333:prompt/TRIAGE0000:2',
      versionArn: 'arn:aws:bedrock:us-east-1:111122223333:prompt/TRIAGE0000:2',
      digest: expect.stringMatching(/^pd1:/),
      createdAt: '2026-11-28T10:00:00.000Z',
      updatedAt: '2026-11-28T10:00:00.000Z',
      projectId: PREFIX,
      createdBy: 'API',
      name: 'support/triage',
      version: 2,
      type: 'text',
      prompt: 'Sort {{ticket}} well.',
      config: { model: 'amazon.nova-lite-v1:0', temperature: 0.2, max_tokens: 300 },
      tags: [],
      labels: ['production'],
      isActive: true,
      commitMessage: 'better',
      resolutionGraph: null,
    });
  });

  test.each([
    ['?label=staging', 3],
    ['?label=production', 2],
    ['?label=PROD', 2],
    ['?label=Staging', 3],
    ['?version=2', 2],
    ['?version=1', 1],
    ['?version=3', 3],
    ['?version=0', 2],
    ['?resolve=false', 2],
  ])('%s gives version %i', async (query, version) => {
    expect((await new RegistryWorld().ask('GET', TRIAGE + query)).body.version).toBe(version);
  });

  test.each([
    ['an alias that is none', 'all', '/v2/prompts/style?label=empty'],
    ['a label that is no alias', 'all', `${TRIAGE}?label=canary`],
    ['a version that nobody released', 'all', `${TRIAGE}?version=4`],
    ['a version that does not exist', 'all', `${TRIAGE}?version=99`],
    ['an alias out of scope', 'staging', TRIAGE],
    ['a version that only an alias out of scope has', 'staging', `${TRIAGE}?version=2`],
    ['a prompt out of scope', 'staging', '/v2/prompts/style'],
    ['unreleased text', 'all', `${TRIAGE}?label=latest`],
    ['a name in Bedrock, which is another here', 'all', '/v2/prompts/triage'],
  ] as const)('%s is a 404', async (_, key, path) => {
    expect(await new RegistryWorld().ask('GET', path, key)).toMatchObject({
      status: 404,
      body: { error: 'LangfuseNotFoundError', message: expect.stringMatching(/^Prompt not found: /) },
    });
  });

  it('gives unreleased text to keys that may see it, and no withdrawn version', async () => {
    const world = new RegistryWorld();
    expect((await world.ask('GET', `${TRIAGE}?label=latest`, 'latest')).body).toMatchObject({
      version: 4,
      labels: ['latest'],
    });
    world.release('triage', 'PROD', [1, 2], [4, 1]);
    world.restart();
    expect((await world.ask('GET', `${TRIAGE}?label=latest`, 'latest')).status).toBe(404);
    expect((await world.ask('GET', `${TRIAGE}?version=1`)).status).toBe(404);
  });

  it('follows a release within the time to live', async () => {
    const world = new RegistryWorld();
    await world.ask('GET', TRIAGE);
    world.release('triage', 'PROD', [1, 2, 3]);
    expect((await world.ask('GET', TRIAGE)).body.version).toBe(2);
    world.now += 5_000;
    expect((await world.ask('GET', TRIAGE)).body).toMatchObject({ version: 3, labels: ['production', 'staging'] });
    expect((await world.ask('GET', `${TRIAGE}?version=1`)).status).toBe(404);
  });

  it('lists what the key may see', async () => {
    const world = new RegistryWorld();
    const seen = async (key: KeyName, query = '') => (await world.ask('GET', `/v2/prompts${query}`, key)).body.data;
    expect(await seen('all')).toMatchObject([
      { name: 'other', versions: [7] },
      { name: 'style', labels: ['prod', 'production'] },
      { name: 'support/triage', versions: [1, 2, 3], labels: ['production', 'staging'], type: 'text' },
    ]);
    expect(await seen('staging')).toMatchObject([{ name: 'support/triage', versions: [3], labels: ['staging'] }]);
    expect(await seen('all', '?label=PROD&name=support/triage')).toMatchObject([{ versions: [2] }]);
  });

  it('writes for each read who got what', async () => {
    const world = new RegistryWorld();
    await world.ask('GET', `${TRIAGE}?label=staging`, 'staging');
    await world.ask('GET', TRIAGE, 'staging');
    expect(world.log.map((line) => JSON.parse(line))).toEqual([
      {
        level: 'INFO',
        message: 'prompt api',
        time: '2027-01-15T08:00:00.000Z',
        key: 'staging',
        method: 'GET',
        status: 200,
        publicKey: 'pk-staging',
        prompt: 'support/triage',
        label: 'staging',
        version: 3,
      },
      expect.objectContaining({
        method: 'GET',
        status: 404,
        publicKey: 'pk-staging',
        prompt: 'support/triage',
        refusal: expect.stringMatching(/^Prompt not found/),
      }),
    ]);
  });
});

describe('The log', () => {
  it.each([
    ['GET', '/projects', 200],
    ['GET', '/v2/prompts', 200],
    ['GET', '/nowhere', 404],
    ['PUT', '/v2/prompts', 405],
    ['POST', '/otel/v1/traces', 404],
  ])('has a line for %s %s', async (method, path, status) => {
    const world = new RegistryWorld();
    expect((await world.ask(method, path)).status).toBe(status);
    expect(world.log.map((line) => JSON.parse(line))).toMatchObject([{ message: 'prompt api', method, status }]);
  });
});

describe('Writing', () => {
  const PROMOTE = `Label 'production' is the alias PROD of triage. It moves with the stack ${STACK} only: prompt-registry promote triage PROD --to 3`;

  test.each([
    ['PATCH', `${TRIAGE}/versions/3`, { newLabels: ['production'] }, 403, PROMOTE],
    ['PATCH', `${TRIAGE}/versions/3`, { newLabels: ['staging', 'production'] }, 403, PROMOTE],
    ['PATCH', `${TRIAGE}/versions/99`, { newLabels: ['production'] }, 403, PROMOTE.replace('--to 3', '--to 99')],
    [
      'PATCH',
      `${TRIAGE}/versions/3`,
      { newLabels: ['canary'] },
      403,
      /^Label 'canary' is no alias of triage .*addAlias/,
    ],
    ['PATCH', '/v2/prompts/other/versions/8', { newLabels: ['production'] }, 403, /stack Prompts-others only/],
    ['PATCH', '/v2/prompts/none/versions/1', { newLabels: ['production'] }, 404, /not found in project/],
    ['PATCH', `${TRIAGE}/versions/3`, { newLabels: ['latest'] }, 400, 'Invalid request data'],
    [
      'POST',
      '/v2/prompts',
      { name: 'support/triage', prompt: 'new' },
      403,
      `Versions of triage are published by the stack ${STACK}: change its .prompt file and deploy, then prompt-registry promote triage PROD`,
    ],
    [
      'POST',
      '/v2/prompts',
      { name: 'new one', prompt: 'new' },
      403,
      /^'new one' is no prompt .* stack Prompts-test: add one there and deploy$/,
    ],
    ['POST', '/v2/prompts', { name: 'a|b', prompt: 'new' }, 400, 'Invalid request data'],
    ['DELETE', TRIAGE, undefined, 403, /prompt-registry rollback triage PROD --withdraw$/],
    ['DELETE', `${TRIAGE}?version=1`, undefined, 403, /never deleted/],
    ['DELETE', '/v2/prompts/none', undefined, 404, 'Prompt not found'],
    ['POST', '/ingestion', { batch: [] }, 404, /prompts only/],
  ] as const)('%s %s %j answers %i', async (method, path, body, status, message) => {
    const answered = await new RegistryWorld().ask(method, path, 'all', body);
    expect(answered).toMatchObject({
      status,
      body: { message: expect.stringMatching(message instanceof RegExp ? message : /./) },
    });
    if (typeof message === 'string') expect(answered.body.message).toBe(message);
    if (status === 403) expect(answered.body.error).toBe('ForbiddenError');
  });

  it('answers 200 where nothing would change, so that scripts can run twice', async () => {
    const world = new RegistryWorld();
    expect(await world.ask('PATCH', `${TRIAGE}/versions/2`, 'all', { newLabels: ['production'] })).toMatchObject({
      status: 200,
      body: { version: 2, labels: ['production'] },
    });
    const same = {
      name: 'support/triage',
      prompt: 'Sort {{ticket}} well.',
      labels: ['production'],
      config: { model: 'amazon.nova-lite-v1:0', temperature: 0.2, max_tokens: 300 },
    };
    expect(await world.ask('POST', '/v2/prompts', 'all', same)).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await world.ask('POST', '/v2/prompts', 'all', { ...same, labels: ['staging'] })).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('promote triage STAGING --to 2') },
    });
    expect((await world.ask('POST', '/v2/prompts', 'all', { ...same, config: {} })).status).toBe(403);
  });
});

describe('While AWS is away', () => {
  it('serves the last pointers for 15 minutes, then 503 without a time to come back', async () => {
    const world = new RegistryWorld();
    await world.ask('GET', TRIAGE);
    world.ssmFailure = awsError('ThrottlingException');
    world.now += 14 * 60_000;
    expect((await world.ask('GET', TRIAGE)).body.version).toBe(2);
    world.now += 2 * 60_000;
    const late = await world.ask('GET', TRIAGE);
    expect([late.status, late.headers['retry-after']]).toEqual([503, undefined]);
    world.ssmFailure = undefined;
    world.now += 60_000;
    expect((await world.ask('GET', TRIAGE)).status).toBe(200);
  });

  it('asks seldom, and every request still gets its answer', async () => {
    const world = new RegistryWorld();
    await world.ask('GET', TRIAGE);
    world.ssmFailure = awsError('ThrottlingException');
    world.ssmCalls.length = 0;
    for (let second = 0; second < 600; second++) {
      world.now += 1_000;
      expect((await world.ask('GET', TRIAGE)).status).toBe(200);
    }
    expect(world.ssmCalls.length).toBeLessThan(30);
  });

  it('waits half a second at most, and seldom, for an SSM that hangs', async () => {
    const world = new RegistryWorld();
    await world.ask('GET', TRIAGE);
    world.ssmHangs = true;
    const waits: number[] = [];
    for (let count = 0; count < 600; count++) {
      world.now += 1_000;
      const began = world.now;
      expect((await world.ask('GET', TRIAGE)).status).toBe(200);
      waits.push(world.now - began);
    }
    expect(Math.max(...waits)).toBe(500);
    expect(waits.filter((wait) => wait > 0).length).toBeLessThan(30);
    world.ssmHangs = false;
    world.release('triage', 'PROD', [1, 2, 3]);
    world.now += 30_000;
    expect((await world.ask('GET', TRIAGE)).body.version).toBe(3);
  });

  it('serves nothing that SSM refuses, or that is gone', async () => {
    const world = new RegistryWorld();
    await world.ask('GET', TRIAGE);
    world.ssmFailure = awsError('AccessDeniedException');
    world.now += 6_000;
    expect((await world.ask('GET', TRIAGE)).status).toBe(404);
    world.ssmFailure = undefined;
    world.parameters.delete(`${PREFIX}/triage/PROD`);
    world.now += 6_000;
    expect((await world.ask('GET', TRIAGE)).status).toBe(404);
  });

  it('never serves an object of the archive that was changed: 500, a line and a metric', async () => {
    for (const change of [
      (body: string) => body.replace('well', 'badly'),
      (body: string) => body.replace('"version":2', '"version":3'),
      () => 'no json',
      () => '',
    ]) {
      const world = new RegistryWorld();
      const key = [...world.objects.keys()].find((one) => one.startsWith('versions/TRIAGE0000/2-')) as string;
      world.objects.set(key, change(world.objects.get(key) as string));
      const { status, body } = await world.ask('GET', TRIAGE);
      expect({ status, body }).toEqual({
        status: 500,
        body: { message: 'Internal Server Error', error: 'ArchiveConflict' },
      });
      expect(world.log.join()).toContain(key);
      expect(world.metrics).toMatchObject([
        { Registry: PREFIX, ChangedContent: 1, _aws: { CloudWatchMetrics: [{ Namespace: 'PromptRegistry' }] } },
      ]);
      expect((await world.ask('GET', `${TRIAGE}?label=staging`)).status).toBe(200);
    }
  });
});

describe('Keys', () => {
  it('rotate: the old secret is taken for an hour, the new one within ten seconds', async () => {
    const world = new RegistryWorld();
    const renewed = { ...KEYS.staging, secretKey: 'sk-renewed' };
    const path = `${TRIAGE}?label=staging`;
    await world.ask('GET', path, 'staging');
    world.now += 20_000;
    const { AWSCURRENT } = world.secrets.get('arn:staging') ?? {};
    world.secrets.set('arn:staging', {
      AWSCURRENT: { text: JSON.stringify(renewed), createdAt: world.now },
      AWSPREVIOUS: AWSCURRENT,
    });
    expect((await world.ask('GET', path, renewed)).status).toBe(200);
    expect((await world.ask('GET', path, 'staging')).status).toBe(200);
    world.now += 3_599_000;
    expect((await world.ask('GET', path, 'staging')).status).toBe(200);
    world.now += 2_000;
    expect((await world.ask('GET', path, 'staging')).status).toBe(401);
    expect((await world.ask('GET', path, renewed)).status).toBe(200);
  });

  it('that leaked are none within five minutes, once they were rotated twice', async () => {
    const world = new RegistryWorld();
    const path = `${TRIAGE}?label=staging`;
    await world.ask('GET', path, 'staging');
    world.now += 20_000;
    const put = (secretKey: string) => ({ text: JSON.stringify({ ...KEYS.staging, secretKey }), createdAt: world.now });
    world.secrets.set('arn:staging', { AWSCURRENT: put('sk-2'), AWSPREVIOUS: put('sk-1') });
    world.now += 280_000;
    expect((await world.ask('GET', path, 'staging')).status).toBe(401);
    expect((await world.ask('GET', path, { ...KEYS.staging, secretKey: 'sk-2' })).status).toBe(200);
  });

  it('are looked up seldom, however often somebody guesses', async () => {
    const world = new RegistryWorld();
    for (let second = 0; second < 100; second++) {
      world.now += 1_000;
      expect((await world.ask('GET', TRIAGE, { publicKey: 'pk-all', secretKey: 'guess' })).status).toBe(401);
      expect((await world.ask('GET', TRIAGE, { publicKey: 'pk-none', secretKey: 'guess' })).status).toBe(401);
    }
    expect(world.secretCalls.length).toBeLessThanOrEqual(11);
  });

  it('hold while Secrets Manager is away, and are none once it refuses them', async () => {
    const world = new RegistryWorld();
    world.secretsFailure = awsError('InternalServiceError');
    expect((await world.ask('GET', TRIAGE)).status).toBe(503);
    world.secretsFailure = undefined;
    world.now += 1_000;
    expect((await world.ask('GET', TRIAGE)).status).toBe(200);
    world.secretsFailure = awsError('InternalServiceError');
    world.now += 600_000;
    expect((await world.ask('GET', TRIAGE)).status).toBe(200);
    world.secretsFailure = awsError('ResourceNotFoundException');
    world.now += 600_000;
    expect((await world.ask('GET', TRIAGE)).status).toBe(401);
  });

  it('hold while Secrets Manager hangs, which no request waits for longer than half a second', async () => {
    const world = new RegistryWorld();
    await world.ask('GET', TRIAGE);
    world.secretsHang = true;
    const waits: number[] = [];
    for (let count = 0; count < 20; count++) {
      world.now += 60_000;
      const began = world.now;
      expect((await world.ask('GET', TRIAGE)).status).toBe(200);
      waits.push(world.now - began);
    }
    expect(Math.max(...waits)).toBe(500);
    expect(waits.filter((wait) => wait > 0)).toHaveLength(4);
  });

  it('have a rate each: 429, and to come back in a second', async () => {
    const world = new RegistryWorld();
    world.throttle = [1, 3];
    world.restart();
    const statuses = [];
    for (let count = 0; count < 5; count++) statuses.push((await world.ask('GET', TRIAGE)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await world.ask('GET', `${TRIAGE}?label=staging`, 'staging')).status).toBe(200);
    expect((await world.ask('GET', TRIAGE)).headers['retry-after']).toBe('1');
    world.now += 1_000;
    expect((await world.ask('GET', TRIAGE)).status).toBe(200);
  });

  it('stand in no line of log and no answer', async () => {
    const world = new RegistryWorld();
    for (const key of Object.keys(KEYS) as KeyName[]) await world.ask('GET', TRIAGE, key);
    await world.ask('GET', TRIAGE, { publicKey: 'pk-all', secretKey: 'sk-wrong-secret' });
    world.secretsFailure = Object.assign(new Error('sk-all-secret'), { name: 'InternalServiceError' });
    world.now += 600_000;
    const { body } = await world.ask('GET', TRIAGE);
    const said = [...world.log, JSON.stringify(body)].join('\n');
    expect(said).not.toMatch(/sk-|secretKey/);
  });
});

describe('Fronts', () => {
  const authorization = `Basic ${Buffer.from('pk-all:sk-all-secret').toString('base64')}`;

  it('API Gateway with a stage in the path, base64 bodies, and names in any letters', async () => {
    const endpoint = new RegistryWorld().instance();
    const answered = await endpoint({
      version: '2.0',
      rawPath: '/prod/api/public/v2/prompts/support/triage/versions/3',
      rawQueryString: '',
      headers: { Authorization: authorization },
      body: Buffer.from('{"newLabels":["staging"]}').toString('base64'),
      isBase64Encoded: true,
      requestContext: { stage: 'prod', http: { method: 'PATCH' } },
    });
    expect(answered.statusCode).toBe(200);
  });

  it('a load balancer, with one value a name or several', async () => {
    const endpoint = new RegistryWorld().instance();
    const event = {
      httpMethod: 'GET',
      path: '/api/public/v2/prompts/support%2Ftriage',
      body: '',
      isBase64Encoded: false,
    };
    const single = await endpoint({
      ...event,
      headers: { authorization },
      queryStringParameters: { label: 'st%61ging' },
    });
    expect([single.statusCode, JSON.parse(single.body).version]).toEqual([200, 3]);
    const several = await endpoint({
      ...event,
      multiValueHeaders: { authorization: [authorization] },
      multiValueQueryStringParameters: { label: ['staging', 'production'] },
    });
    expect(several).toMatchObject({
      statusCode: 400,
      multiValueHeaders: { 'content-type': ['application/json; charset=utf-8'] },
    });
  });
});
