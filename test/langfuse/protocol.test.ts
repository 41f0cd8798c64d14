import { randomUUID } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { answerLangfuse } from '../../core/langfuse/answer';
import { anyKeys } from '../../core/langfuse/open-keys';
import { basic, KEYS, OTHERS, openServer } from './open-server';

const server = openServer();
const { call } = server;
const fresh = (prefix = 'prompt') => `${prefix}-${randomUUID()}`;
const at = (name: string) => `/v2/prompts/${encodeURIComponent(name)}`;
const create = async (fields: Record<string, unknown>) => {
  const { status, body } = await call('POST', '/v2/prompts', { prompt: 'text', ...fields });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body;
};

describe('Keys', () => {
  const HOST = "Confirm that you've configured the correct host.";
  test.each([
    ['none', '', 401, 'UnauthorizedError', 'No authorization header'],
    ['a wrong secret', basic({ ...KEYS, secretKey: 'x' }), 401, 'UnauthorizedError', `Invalid credentials. ${HOST}`],
    [
      'another project’s secret',
      basic({ ...KEYS, secretKey: OTHERS.secretKey }),
      401,
      'UnauthorizedError',
      `Invalid credentials. ${HOST}`,
    ],
    [
      'an unknown key',
      basic({ publicKey: 'x', secretKey: 'y' }),
      401,
      'UnauthorizedError',
      `Invalid credentials. ${HOST}`,
    ],
    ['no secret', basic({ ...KEYS, secretKey: '' }), 401, 'UnauthorizedError', `Invalid authorization header. ${HOST}`],
    ['no base64', 'Basic ???', 401, 'UnauthorizedError', `Invalid authorization header. ${HOST}`],
    ['another scheme', 'Digest x', 401, 'UnauthorizedError', 'Invalid authorization header'],
    ['an unknown bearer', `Bearer ${randomUUID()}`, 401, 'UnauthorizedError', `Invalid public key. ${HOST}`],
    [
      'the public key alone',
      `Bearer ${KEYS.publicKey}`,
      403,
      'ForbiddenError',
      'Access denied - need to use basic auth with secret key to GET prompts',
    ],
  ])('%s', async (_, authorization, status, error, message) => {
    expect(await call('GET', '/v2/prompts', undefined, authorization)).toMatchObject({
      status,
      body: { error, message },
    });
  });

  test('of one project see nothing of another, whatever it is called', async () => {
    const name = fresh();
    await create({ name, labels: ['production'] });
    expect((await call('GET', at(name), undefined, basic(OTHERS))).status).toBe(404);
    const inner = await call(
      'POST',
      '/v2/prompts',
      { name: fresh(), prompt: `@@@langfusePrompt:name=${name}|version=1@@@` },
      basic(OTHERS),
    );
    expect(inner).toMatchObject({
      status: 400,
      body: { error: 'InvalidRequestError', message: expect.stringContaining('not found') },
    });
  });

  test('of any project are taken where the server was started without, each with its first secret', async () => {
    const keys = anyKeys([KEYS]);
    const status = async (publicKey: string, secretKey: string) => {
      const headers = { authorization: basic({ publicKey, secretKey }) };
      return (await answerLangfuse({ method: 'GET', path: '/api/public/v2/prompts', query: new Map(), headers }, keys))
        .status;
    };
    expect([await status('pk-lf-a', 'sk-lf-1'), await status('pk-lf-a', 'sk-lf-2')]).toEqual([200, 401]);
    expect([await status('pk-lf-a', 'sk-lf-1'), await status('pk-lf-b', 'sk-lf-2')]).toEqual([200, 200]);
    expect([await status('pk', 'sk'), await status('pk-lf-c', 'x')]).toEqual([401, 401]);
    expect(await status(KEYS.publicKey, 'sk-lf-other')).toBe(401);
  });

  test('are checked by the clients with /projects; /health needs none', async () => {
    const project = { id: `open-${KEYS.publicKey}`, name: 'In memory' };
    // The Python client refuses a project that lacks any of the four.
    expect((await call('GET', '/projects')).body).toEqual({
      data: [{ ...project, organization: project, metadata: {} }],
    });
    expect((await call('GET', '/projects', undefined, '')).status).toBe(401);
    expect((await call('GET', '/health', undefined, '')).body).toMatchObject({ status: 'OK' });
  });
});

describe('Getting a prompt', () => {
  it('answers the whole row', async () => {
    const name = fresh();
    const made = await create({
      name,
      prompt: 'Hi {{a}}',
      labels: ['production'],
      tags: ['t'],
      config: { x: 1 },
      commitMessage: 'first',
    });
    const { status, body, headers } = await call('GET', at(name));
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(body).toEqual({
      id: made.id,
      createdAt: iso,
      updatedAt: iso,
      projectId: `open-${KEYS.publicKey}`,
      createdBy: 'API',
      prompt: 'Hi {{a}}',
      name,
      version: 1,
      type: 'text',
      isActive: true,
      config: { x: 1 },
      tags: ['t'],
      labels: ['production', 'latest'],
      commitMessage: 'first',
      resolutionGraph: null,
    });
  });

  it('takes production where nothing is named, or version 0, or an empty label', async () => {
    const name = fresh();
    await create({ name, labels: ['production'] });
    await create({ name, labels: ['staging'] });
    for (const query of ['', '?version=0', '?version=', '?label=', '?version=0&label=production', '?type=chat'])
      expect((await call('GET', at(name) + query)).body.version, query).toBe(1);
    expect((await call('GET', `${at(name)}?label=latest`)).body.version).toBe(2);
    expect((await call('GET', `${at(name)}?version=2`)).body.labels).toEqual(['staging', 'latest']);
  });

  test.each([
    ['', "Prompt not found: 'none' with label 'production'"],
    ['?label=PROD', "Prompt not found: 'none' with label 'PROD'"],
    ['?version=3', "Prompt not found: 'none' with version 3"],
    ['?version=-1', "Prompt not found: 'none' with version -1"],
    ['?version=99999999999', "Prompt not found: 'none' with version 99999999999"],
  ])('that is not there%s is a 404', async (query, message) => {
    expect(await call('GET', `/v2/prompts/none${query}`)).toMatchObject({
      status: 404,
      body: { message, error: 'LangfuseNotFoundError' },
    });
  });

  test.each([
    ['?version=1&label=production', 'Cannot specify both version and label', 'InvalidRequestError'],
    [
      '?version=x',
      'Invalid request data',
      [
        {
          code: 'invalid_type',
          expected: 'number',
          received: 'NaN',
          path: ['version'],
          message: 'Invalid input: expected number, received NaN',
        },
      ],
    ],
    [
      '?version=1.5',
      'Invalid request data',
      [
        {
          code: 'invalid_type',
          expected: 'int',
          format: 'safeint',
          path: ['version'],
          message: 'Invalid input: expected int, received number',
        },
      ],
    ],
    [
      '?label=a&label=b',
      'Invalid request data',
      [
        {
          code: 'invalid_type',
          expected: 'string',
          path: ['label'],
          message: 'Invalid input: expected string, received array',
        },
      ],
    ],
    [
      '?resolve=no',
      'Invalid request data',
      [
        {
          code: 'invalid_value',
          values: ['true', 'false'],
          path: ['resolve'],
          message: 'Invalid option: expected one of "true"|"false"',
        },
      ],
    ],
  ])('with %s is a 400', async (query, message, error) => {
    expect(await call('GET', `/v2/prompts/none${query}`)).toMatchObject({ status: 400, body: { message, error } });
  });

  test.each([
    'promptName?!+ =@#;',
    'this/is/a/prompt',
    'prompt%20encoded',
    'unicode-名前-🚀',
    'a/versions/2',
    'quote\'"\\',
  ])('called %s', async (name) => {
    await create({ name, labels: ['production'] });
    expect((await call('GET', `/v2/prompts/${encodeURIComponent(name)}`)).body.name).toBe(name);
  });

  it('takes slashes that were not encoded', async () => {
    const name = fresh('folder/x');
    await create({ name, labels: ['production'] });
    expect((await call('GET', `/v2/prompts/${name}`)).body.name).toBe(name);
    expect((await call('GET', `/v2/prompts/${encodeURIComponent(encodeURIComponent(name))}`)).status).toBe(404);
  });
});

describe('Creating a version', () => {
  it('moves its labels, each once, and latest by itself', async () => {
    const name = fresh();
    await create({ name, labels: ['production', 'staging', 'development'] });
    await create({ name, labels: ['production', 'production', 'staging'], version: 7 });
    await create({ name, labels: ['staging'] });
    const labels = await Promise.all(
      [1, 2, 3].map(async (version) => (await call('GET', `${at(name)}?version=${version}`)).body.labels),
    );
    expect(labels).toEqual([['development'], ['production'], ['staging', 'latest']]);
  });

  it('keeps messages and placeholders as they are, and nothing else of them', async () => {
    const prompt = [
      { role: 'system', content: 'a {{b}}', type: 'chatmessage', id: 3 },
      { type: 'placeholder', name: 'history', x: 1 },
    ];
    const name = fresh();
    await create({ name, type: 'chat', prompt, labels: ['production'] });
    expect((await call('GET', at(name))).body).toMatchObject({
      type: 'chat',
      prompt: [
        { role: 'system', content: 'a {{b}}' },
        { type: 'placeholder', name: 'history' },
      ],
    });
  });

  it('inherits tags, and sets them on all versions', async () => {
    const name = fresh();
    const tagsOf = async (version: number) => (await call('GET', `${at(name)}?version=${version}`)).body.tags;
    await create({ name, tags: ['a'] });
    await create({ name });
    expect(await tagsOf(2)).toEqual(['a']);
    await create({ name, tags: ['b', 'c', 'b'] });
    expect(await Promise.all([1, 2, 3].map(tagsOf))).toEqual([
      ['b', 'c'],
      ['b', 'c'],
      ['b', 'c'],
    ]);
    await create({ name, tags: null });
    expect(await tagsOf(4)).toEqual(['b', 'c']);
    await create({ name, tags: [] });
    expect(await tagsOf(1)).toEqual([]);
  });

  it('takes any config, and none for an empty one', async () => {
    for (const [config, kept] of [
      [undefined, {}],
      [null, {}],
      [[1], [1]],
      ['x', 'x'],
    ])
      expect((await create({ name: fresh(), config })).config).toEqual(kept);
  });

  test.each([
    ['/invalid-name', 'Name cannot start with a slash'],
    ['invalid-name/', 'Name cannot end with a slash'],
    ['invalid//name', 'Name cannot contain consecutive slashes'],
    ['invalid|name', "Prompt name cannot contain '|' character"],
    ['new', "Prompt name cannot be 'new'"],
    ['', 'Text cannot be empty'],
    ['   ', 'Name cannot be empty'],
    ['Test <div>', 'Text cannot contain HTML tags'],
  ])('not called %j', async (name, message) => {
    const { status, body } = await call('POST', '/v2/prompts', { name, prompt: 'x', type: 'text' });
    expect({ status, said: body.message }).toEqual({ status: 400, said: 'Invalid request data' });
    expect(body.error).toContainEqual(expect.objectContaining({ path: ['name'], message }));
  });

  test('a text for a chat is refused with what each kind wants', async () => {
    const { status, body } = await call('POST', '/v2/prompts', { name: 'a', prompt: 'p', type: 'chat' });
    expect(status).toBe(400);
    expect(body).toEqual({
      message: 'Invalid request data',
      error: [
        {
          code: 'invalid_union',
          errors: [
            [{ code: 'invalid_value', values: ['text'], path: ['type'], message: 'Invalid input: expected "text"' }],
            [
              {
                code: 'invalid_type',
                expected: 'array',
                path: ['prompt'],
                message: 'Invalid input: expected array, received string',
              },
            ],
          ],
          path: [],
          message: 'Invalid input',
        },
      ],
    });
  });

  test.each([
    ['another label', { labels: ['Prod'] }],
    ['a long label', { labels: ['x'.repeat(37)] }],
    ['an empty label', { labels: [''] }],
    ['a long message', { commitMessage: 'x'.repeat(501) }],
    ['messages for a text', { prompt: [{ role: 'user', content: 'x' }] }],
    ['a message without content', { type: 'chat', prompt: [{ role: 'user', message: 'x' }] }],
    ['a placeholder called 1', { type: 'chat', prompt: [{ type: 'placeholder', name: '1' }] }],
    ['no prompt', { prompt: undefined }],
  ])('with %s is refused', async (_, fields) => {
    const { status, body } = await call('POST', '/v2/prompts', { name: fresh(), prompt: 'x', ...fields });
    expect({ status, message: body.message }).toEqual({ status: 400, message: 'Invalid request data' });
  });

  it('is refused where earlier versions are of another type', async () => {
    const name = fresh();
    await create({ name, type: 'chat', prompt: [] });
    expect(await call('POST', '/v2/prompts', { name, prompt: 'x' })).toMatchObject({
      status: 400,
      body: {
        error: 'InvalidRequestError',
        message: 'Previous versions have different prompt type. Create a new prompt with a different name.',
      },
    });
  });

  it('is refused where a name is both a variable and a placeholder', async () => {
    const prompt = [
      { role: 'system', content: 'Hello {{ userName }}' },
      { type: 'placeholder', name: 'userName' },
    ];
    const { status, body } = await call('POST', '/v2/prompts', { name: fresh(), type: 'chat', prompt });
    expect(status).toBe(400);
    expect(body.message).toBe(
      'Cannot create prompt, variables and placeholders must be unique, the following are not: userName',
    );
  });

  it('makes a version each for requests at once', async () => {
    const name = fresh();
    const made = await Promise.all(Array.from({ length: 20 }, () => create({ name, labels: ['production'] })));
    expect(made.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual(made.map((_, index) => index + 1));
    expect((await call('GET', at(name))).body.version).toBe(20);
  });

  test('what is no JSON is a 400', async () => {
    expect((await call('POST', '/v2/prompts', '{')).status).toBe(400);
    expect((await call('POST', '/v2/prompts')).status).toBe(400);
  });
});

describe('Labels', () => {
  it('are added, and leave the versions they were on', async () => {
    const name = fresh();
    await create({ name, labels: ['production'] });
    await create({ name });
    expect(
      (await call('PATCH', `${at(name)}/versions/2`, { newLabels: ['production', 'Any Text'], name, version: 2 })).body,
    ).toMatchObject({
      version: 2,
      labels: ['production', 'Any Text', 'latest'],
    });
    expect((await call('GET', `${at(name)}?version=1`)).body.labels).toEqual([]);
    expect((await call('PATCH', `${at(name)}/versions/2`, { newLabels: [] })).body.labels).toContain('production');
  });

  it('never hold latest, which moves by itself', async () => {
    const name = fresh();
    await create({ name });
    expect(await call('PATCH', `${at(name)}/versions/1`, { newLabels: ['latest'] })).toMatchObject({
      status: 400,
      body: {
        error: [
          {
            code: 'custom',
            path: ['newLabels'],
            message: "Label 'latest' is always assigned to the latest prompt version",
          },
        ],
      },
    });
  });

  test('of a version that is not there are a 404', async () => {
    expect(await call('PATCH', '/v2/prompts/none%2Fx/versions/9', { newLabels: ['a'] })).toMatchObject({
      status: 404,
      body: { message: "Prompt 'none/x' version 9 not found in project", error: 'LangfuseNotFoundError' },
    });
  });
});

describe('Deleting', () => {
  it('takes a version, those with a label, or all; latest goes to the highest that is left', async () => {
    const name = fresh('folder/deleted');
    for (const labels of [['dev'], ['x'], ['production']]) await create({ name, labels });
    expect((await call('DELETE', `${at(name)}?version=3`)).status).toBe(204);
    expect((await call('GET', `${at(name)}?version=2`)).body.labels).toEqual(['x', 'latest']);
    expect((await call('DELETE', `${at(name)}?label=dev`)).status).toBe(204);
    expect((await call('GET', `${at(name)}?version=1`)).status).toBe(404);
    expect((await call('DELETE', at(name))).status).toBe(204);
    expect(await call('DELETE', at(name))).toMatchObject({ status: 404, body: { message: 'Prompt not found' } });
    expect((await call('DELETE', `${at(name)}?version=1&label=x`)).status).toBe(400);
  });

  it('is refused where other prompts need what would go, and names them alone', async () => {
    const [child, byVersion, byProduction, byDev] = [
      fresh(),
      fresh('by-version'),
      fresh('by-production'),
      fresh('by-dev'),
    ];
    await create({ name: child, labels: ['production', 'dev'] });
    await create({ name: child });
    await create({ name: byVersion, prompt: `@@@langfusePrompt:name=${child}|version=1@@@` });
    await create({ name: byProduction, prompt: `@@@langfusePrompt:name=${child}|label=production@@@` });
    await create({ name: byDev, prompt: `@@@langfusePrompt:name=${child}|label=dev@@@` });
    await call('PATCH', `${at(child)}/versions/2`, { newLabels: ['production'] });
    const { status, body } = await call('DELETE', `${at(child)}?version=1`);
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'InvalidRequestError' });
    expect(body.message).toBe(
      `Other prompts are depending on prompt versions you are trying to delete:\n\n${byVersion} v1 depends on ${child} v1\n${byDev} v1 depends on ${child} dev\n\nPlease delete the dependent prompts first.`,
    );
    expect((await call('GET', `${at(child)}?version=1`)).status).toBe(200);
  });
});

describe('Prompts in prompts', () => {
  const tag = (name: string, which: string) => `@@@langfusePrompt:name=${name}|${which}@@@`;

  it('are put in, by label and version, at every depth, with the graph', async () => {
    const [child, middle, root] = [fresh('a b.c/child'), fresh(), fresh()];
    const { id: childId } = await create({ name: child, prompt: 'say "$&"\n', labels: ['production'] });
    const { id: middleId } = await create({
      name: middle,
      prompt: `m ${tag(child, 'label=production')}`,
      labels: ['x'],
    });
    const prompt = [
      { role: 'user', content: `${tag(middle, 'label=x')} ${tag(middle, 'version=1')} ${tag(child, 'version=1')}` },
    ];
    const { id } = await create({ name: root, type: 'chat', prompt, labels: ['production'] });
    const { body } = await call('GET', at(root));
    expect(body.prompt).toEqual([{ role: 'user', content: 'm say "$&"\n m say "$&"\n say "$&"\n' }]);
    expect(body.resolutionGraph.root).toEqual({ name: root, version: 1, id });
    expect(body.resolutionGraph.dependencies[middleId]).toContainEqual({ name: child, version: 1, id: childId });
    const raw = (await call('GET', `${at(root)}?resolve=false`)).body;
    expect(raw).toMatchObject({ prompt, resolutionGraph: null });
    expect((await call('GET', `/prompts?name=${encodeURIComponent(root)}&resolve=false`)).body.prompt).toEqual(
      body.prompt,
    );
  });

  it('leaves what is no tag', async () => {
    const prompt =
      '@@@langfusePrompt:invalid@@@ @@@langfusePrompt:name=x@@@ @@@langfusePrompt:version=1|name=x@@@ @@@langfusePrompt:name=x|a=b@@@ @@@langfusePrompt:name=x|version=y@@@';
    const name = fresh();
    await create({ name, prompt, labels: ['production'] });
    expect((await call('GET', at(name))).body).toMatchObject({ prompt, resolutionGraph: null });
  });

  it('refuses circles, what is not there, chats, and more than five levels', async () => {
    const [a, b, chat] = [fresh('circular-a'), fresh(), fresh()];
    await create({ name: a, labels: ['production'] });
    await create({ name: b, prompt: tag(a, 'label=production'), labels: ['production'] });
    await create({ name: chat, type: 'chat', prompt: [] });
    const refused = async (name: string, prompt: string) =>
      (await call('POST', '/v2/prompts', { name, prompt })).body.message;
    expect(await refused(a, tag(b, 'label=production'))).toMatch(
      /^Circular dependency detected involving prompt 'circular-a/,
    );
    expect(await refused(a, tag(a, 'version=1'))).toMatch(/^Circular dependency/);
    expect(await refused(fresh(), tag('none', 'version=1'))).toBe('Prompt dependency not found: none - version 1');
    expect(await refused(fresh(), tag(chat, 'label=latest'))).toMatch(/^Prompt dependency is not a text prompt/);
    const chain = Array.from({ length: 5 }, () => fresh('depth'));
    let inner = 'deepest';
    for (const name of chain) {
      await create({ name, prompt: inner });
      inner = tag(name, 'version=1');
    }
    expect(await refused(fresh(), inner)).toBe('Maximum nesting depth exceeded (5)');
  });

  it('says 409 for one that cannot be put together any more, and gives it raw', async () => {
    const chain = Array.from({ length: 5 }, () => fresh('depth'));
    let inner = 'deepest';
    for (const name of chain) {
      await create({ name, prompt: inner, labels: ['production'] });
      inner = tag(name, 'label=production');
    }
    const [deepest = '', ...others] = chain;
    const more = fresh();
    await create({ name: more });
    await create({ name: deepest, prompt: tag(more, 'version=1'), labels: ['production'] });
    const root = others.at(-1) ?? '';
    expect(await call('GET', at(root))).toMatchObject({
      status: 409,
      body: { error: 'LangfuseConflictError', message: 'Maximum nesting depth exceeded (5)' },
    });
    expect((await call('GET', `${at(root)}?resolve=false`)).status).toBe(200);
  });
});

describe('The list', () => {
  const list = async (query: string) => (await call('GET', `/v2/prompts?${query}`)).body;

  it('has what the filters leave, by name, with both forms of its pages', async () => {
    const tag = fresh('tag');
    const name = (n: number) => `list-${tag}-${n}`;
    await create({ name: name(2), labels: ['production'], tags: [tag], config: { n: 1 } });
    await create({ name: name(2), labels: ['dev'], config: { n: 2 } });
    await create({ name: name(1), type: 'chat', prompt: [], tags: [tag] });
    const all = await list(`tag=${tag}`);
    expect(all.meta).toEqual({ page: 1, limit: 10, totalItems: 2, totalPages: 1 });
    expect(all.pagination).toEqual(all.meta);
    expect(all.data).toEqual([
      {
        name: name(1),
        type: 'chat',
        versions: [1],
        labels: ['latest'],
        tags: [tag],
        lastConfig: {},
        lastUpdatedAt: expect.any(String),
      },
      {
        name: name(2),
        type: 'text',
        versions: [1, 2],
        labels: ['dev', 'latest', 'production'],
        tags: [tag],
        lastConfig: { n: 2 },
        lastUpdatedAt: expect.any(String),
      },
    ]);
    expect((await list(`tag=${tag}&label=production`)).data).toMatchObject([
      { versions: [1], labels: ['production'], lastConfig: { n: 1 } },
    ]);
    expect((await list(`name=${name(2)}&version=1`)).data).toMatchObject([{ versions: [1] }]);
    expect(await list(`tag=${tag}&page=2&limit=1`)).toMatchObject({
      data: [{ name: name(2) }],
      meta: { page: 2, limit: 1, totalItems: 2, totalPages: 2 },
    });
    expect((await list(`tag=${tag}&page=9`)).data).toEqual([]);
    const { lastUpdatedAt } = all.data[0];
    const later = new Date(Date.parse(lastUpdatedAt) + 1).toISOString();
    expect((await list(`name=${name(1)}&fromUpdatedAt=${lastUpdatedAt}&toUpdatedAt=${later}`)).data).toHaveLength(1);
    expect((await list(`name=${name(1)}&toUpdatedAt=${lastUpdatedAt}`)).data).toEqual([]);
    expect(
      (await list(`name=${name(1)}&fromUpdatedAt=${encodeURIComponent(later.replace('Z', '+00:00'))}`)).data,
    ).toEqual([]);
  });

  test.each([
    'page=0',
    'limit=101',
    'limit=0',
    'page=x',
    'version=x',
    'fromUpdatedAt=yesterday',
    'toUpdatedAt=2024-01-01',
    'name=a&name=b',
  ])('with %s is a 400', async (query) => {
    expect(await list(query)).toMatchObject({
      message: 'Invalid request data',
      error: [{ path: [query.split('=')[0]] }],
    });
  });
});

describe('The first protocol', () => {
  it('creates with isActive, and gets by name and version', async () => {
    const name = fresh('prompt + name');
    const made = await call('POST', '/prompts', { name, prompt: 'a', isActive: true, labels: ['production', 'x'] });
    expect(made).toMatchObject({ status: 201, body: { labels: ['production', 'x', 'latest'], isActive: true } });
    await call('POST', '/prompts', { name, prompt: 'b', isActive: false });
    const found = (query = '') => call('GET', `/prompts?name=${encodeURIComponent(name)}${query}`);
    expect((await found()).body).toMatchObject({ version: 1, isActive: true });
    expect((await found('&version=2')).body).toMatchObject({ version: 2, isActive: false });
    expect(await found('&version=3')).toMatchObject({
      status: 404,
      body: { error: 'LangfuseNotFoundError', message: 'Prompt not found' },
    });
    expect((await call('POST', '/prompts', { name, prompt: 'b' })).status).toBe(400);
    expect((await call('GET', '/prompts')).status).toBe(400);
  });
});

describe('Everything else', () => {
  test.each([
    ['PUT', '/v2/prompts'],
    ['DELETE', '/v2/prompts'],
    ['POST', '/v2/prompts/x'],
    ['PATCH', '/v2/prompts/x'],
    ['GET', '/v2/prompts/x/versions/1'],
    ['DELETE', '/v2/prompts/x/versions/1'],
    ['DELETE', '/prompts'],
    ['GET', '/ingestion'],
  ])('%s %s is a 405', async (method, path) => {
    expect(await call(method, path)).toMatchObject({
      status: 405,
      body: { message: 'Method not allowed', error: 'MethodNotAllowedError' },
    });
  });

  test('traces are taken and thrown away', async () => {
    const batch = [{ id: 'a', type: 'trace-create' }];
    expect(await call('POST', '/ingestion', { batch })).toMatchObject({
      status: 207,
      body: { successes: [{ id: 'a', status: 201 }], errors: [] },
    });
    expect((await call('POST', '/otel/v1/traces', {})).status).toBe(200);
    expect((await call('POST', '/ingestion', {})).status).toBe(400);
  });

  test('connections are kept for longer than clients keep idle ones', async () => {
    expect((await call('GET', '/health', undefined, '')).headers.get('keep-alive')).toBe('timeout=110');
  });

  test('browsers may ask, from anywhere', async () => {
    const { status, headers } = await call('OPTIONS', '/v2/prompts', undefined, '');
    expect([status, headers.get('access-control-allow-methods')]).toEqual([204, 'GET,POST,PATCH,DELETE,PUT']);
    expect((await call('GET', '/nowhere')).status).toBe(404);
    expect((await call('GET', '/v2/prompts/__proto__')).status).toBe(404);
  });
});
