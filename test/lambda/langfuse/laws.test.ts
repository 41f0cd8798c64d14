import { createRequire } from 'node:module';
import { build } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { KEYS, type KeyName, RegistryWorld } from './registry-world';

const NAMES = ['support/triage', 'style', 'other', 'none'] as const;
const enc = encodeURIComponent;

/** Which version each label means, and which versions may be had by number, for each key: by hand, not by the code. */
const SEEN: Readonly<Record<KeyName, Partial<Record<(typeof NAMES)[number], Readonly<Record<string, number>>>>>> = {
  all: {
    'support/triage': { production: 2, PROD: 2, staging: 3, '#1': 1, '#2': 2, '#3': 3 },
    style: { production: 1, PROD: 1, prod: 1, '#1': 1 },
    other: { production: 7, PROD: 7, '#7': 7 },
  },
  staging: { 'support/triage': { staging: 3, '#3': 3 } },
  latest: {
    'support/triage': { production: 2, PROD: 2, latest: 4, '#1': 1, '#2': 2, '#4': 4 },
    style: { production: 1, PROD: 1, prod: 1, latest: 1, '#1': 1 },
  },
};
const LABELS = ['production', 'PROD', 'prod', 'staging', 'latest', 'empty', 'canary', 'pr%6fd'];
const VERSIONS = [1, 2, 3, 4, 7, 99];

describe('The key matrix', () => {
  it('has no cell that says more than the key may see', async () => {
    const world = new RegistryWorld();
    let cells = 0;
    for (const key of Object.keys(KEYS) as KeyName[]) {
      for (const name of NAMES) {
        const seen = SEEN[key][name] ?? {};
        const cell = async (method: string, path: string, expected: unknown, body?: unknown) => {
          const answered = await world.ask(method, path, key, body);
          cells += 1;
          expect({
            key,
            method,
            path,
            body,
            got: answered.status === 200 ? answered.body.version : answered.status,
          }).toEqual({ key, method, path, body, got: expected });
        };
        for (const label of LABELS) {
          // `prod` means the alias PROD, whatever its label.
          const meant = label === 'pr%6fd' || label === 'prod' ? (seen.prod ?? seen.PROD) : seen[label];
          await cell('GET', `/v2/prompts/${enc(name)}?label=${label}`, meant ?? 404);
        }
        for (const version of VERSIONS) {
          const got = seen[`#${version}`] ?? 404;
          await cell('GET', `/v2/prompts/${enc(name)}?version=${version}`, got);
          await cell('GET', `/prompts?name=${enc(name)}&version=${version}`, got);
          for (const label of ['production', 'staging', 'canary']) {
            const stands = seen[label] === version;
            const refused = Object.keys(seen).length > 0 ? 403 : 404;
            await cell('PATCH', `/v2/prompts/${enc(name)}/versions/${version}`, stands ? version : refused, {
              newLabels: [label],
            });
          }
          await cell('DELETE', `/v2/prompts/${enc(name)}?version=${version}`, Object.keys(seen).length > 0 ? 403 : 404);
        }
        await cell('POST', '/v2/prompts', 403, { name, prompt: 'x', labels: ['production'] });
      }
    }
    for (const given of [
      { publicKey: 'pk-all', secretKey: 'sk-staging-secret' },
      { publicKey: 'pk-x', secretKey: 'y' },
    ])
      for (const name of NAMES)
        for (const method of ['GET', 'DELETE']) {
          cells += 1;
          expect((await world.ask(method, `/v2/prompts/${enc(name)}`, given)).status).toBe(401);
        }
    expect(cells).toBeGreaterThan(500);
  });

  it('changes no byte, whatever is written with whichever key', async () => {
    const world = new RegistryWorld();
    const before = JSON.stringify([[...world.objects], [...world.parameters]]);
    let attempts = 0;
    for (const key of Object.keys(KEYS) as KeyName[])
      for (const label of ['production', 'PROD', 'staging', 'canary'])
        for (const [method, path, body] of [
          ['PATCH', `/v2/prompts/support%2Ftriage/versions/1`, { newLabels: [label] }],
          ['POST', '/v2/prompts', { name: 'support/triage', prompt: 'mine', labels: [label.toLowerCase()] }],
          ['POST', '/prompts', { name: 'support/triage', prompt: 'mine', isActive: true }],
          ['DELETE', `/v2/prompts/support%2Ftriage?label=${label}`, undefined],
        ] as const) {
          attempts += 1;
          expect((await world.ask(method, path, key, body)).status).toBe(403);
        }
    expect(attempts).toBeGreaterThanOrEqual(40);
    expect(JSON.stringify([[...world.objects], [...world.parameters]])).toBe(before);
  });
});

describe('Paths', () => {
  test.each([
    ['/v2/prompts/support%2Ftriage', 200],
    ['/v2/prompts/support%2ftriage', 200],
    ['/v2/prompts/support/triage', 200],
    ['/v2/prompts/support/triage/', 200],
    ['/v2/prompts/%73upport%2Ftriage', 200],
    ['/v2/prompts/support%252Ftriage', 404],
    ['/v2/prompts/../prompts/support%2Ftriage', 404],
    ['/v2/prompts/support%2F..%2Fstyle', 404],
    ['/v2/prompts/..%2F..%2Fetc', 404],
    ['/v2/prompts/%E0%A4%A', 404],
    ['/v2/prompts/support//triage', 404],
    ['/v2/prompts/%00', 404],
    ['/v2/prompts/__proto__', 404],
    ['/v2/prompts/constructor', 404],
    ['/v2/prompts/support%2Ftriage/versions/2', 405],
    ['/v2//prompts', 404],
    ['/V2/prompts', 404],
  ])('%s is %i', async (path, status) => {
    expect((await new RegistryWorld().ask('GET', path)).status).toBe(status);
  });
});

describe('Requests that nobody meant', () => {
  it('are never a 5xx, and never a throw', async () => {
    const world = new RegistryWorld();
    const piece = fc.oneof(
      fc.constantFrom(
        'v2',
        'prompts',
        'support%2Ftriage',
        'versions',
        '1',
        '..',
        '%',
        '%2F',
        '',
        'projects',
        'ingestion',
        'otel/v1/traces',
      ),
      fc.string({ maxLength: 12 }).map((text) => text.replaceAll('?', '')),
    );
    const query = fc.array(
      fc.tuple(
        fc.constantFrom('version', 'label', 'resolve', 'name', 'tag', 'page', 'limit', 'fromUpdatedAt', 'x'),
        fc.string({ maxLength: 10 }),
      ),
      { maxLength: 4 },
    );
    const body = fc.oneof(
      fc.constant(undefined),
      fc.string({ maxLength: 30 }),
      fc.json({ maxDepth: 3 }),
      fc
        .record({
          name: fc.jsonValue(),
          prompt: fc.jsonValue(),
          type: fc.constantFrom('text', 'chat', null),
          labels: fc.jsonValue(),
          config: fc.jsonValue(),
        })
        .map((value) => JSON.stringify(value)),
      fc.jsonValue().map((newLabels) => JSON.stringify({ newLabels })),
    );
    const authorization = fc.oneof(
      fc.constant(`Basic ${Buffer.from('pk-latest:sk-latest-secret').toString('base64')}`),
      fc.string({ maxLength: 20 }),
      fc.constantFrom('Basic ', 'Basic :', 'Bearer pk-all', 'Basic cGstYWxsOg=='),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS', 'HEAD', '__proto__'),
        fc.array(piece, { maxLength: 6 }),
        query,
        authorization,
        body,
        async (method, pieces, pairs, header, text) => {
          const search = pairs.map(([name, value]) => `${name}=${value.replaceAll('?', '')}`).join('&');
          const { status } = await world.send(
            method,
            `/${pieces.join('/')}?${search}`,
            { authorization: header },
            text,
          );
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** As build.mjs makes the function, with nothing left outside; Bedrock's client is not among what it holds. */
async function bundled(entry: string): Promise<typeof import('../../../lambda/langfuse-endpoint/handler')> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    minify: true,
    keepNames: true,
    metafile: true,
    write: false,
  });
  expect(Object.keys(metafile.inputs).filter((file) => file.includes('client-bedrock'))).toEqual([]);
  const module = { exports: {} };
  new Function('module', 'exports', 'require', outputFiles[0]?.text ?? '')(
    module,
    module.exports,
    createRequire(__filename),
  );
  return module.exports as typeof import('../../../lambda/langfuse-endpoint/handler');
}

describe('Twenty instances, a thousand requests a second', () => {
  it('keep SSM under 20 calls in any second, and every request gets its answer', async () => {
    const world = new RegistryWorld();
    const { langfuseEndpoint } = await bundled('lambda/langfuse-endpoint/handler.ts');
    const instances = Array.from({ length: 20 }, () => world.instance(langfuseEndpoint));
    const authorization = `Basic ${Buffer.from('pk-all:sk-all-secret').toString('base64')}`;
    const event = (rawPath: string) => ({
      version: '2.0' as const,
      rawPath: `/api/public/v2/prompts/${rawPath}`,
      rawQueryString: '',
      headers: { authorization },
      requestContext: { http: { method: 'GET' } },
    });
    const events = [event('support%2Ftriage'), event('style'), event('other')];
    let errors = 0;
    const began = world.now;
    for (let second = 0; second < 60; second++) {
      for (let tick = 0; tick < 50; tick++) {
        world.now = began + second * 1_000 + tick * 20;
        const answers = await Promise.all(
          instances.map((instance, index) => instance(events[(tick + index) % 3] as (typeof events)[0])),
        );
        errors += answers.filter(({ statusCode }) => statusCode !== 200).length;
      }
    }
    const perSecond = (calls: readonly number[]) =>
      Math.max(...calls.map((at) => calls.filter((other) => other >= at && other < at + 1_000).length));
    expect(errors).toBe(0);
    expect(perSecond(world.ssmCalls)).toBeLessThanOrEqual(20);
    // What Secrets Manager takes is 10,000 a second: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
    expect(world.secretCalls.length).toBeLessThanOrEqual(20);
  });
});
