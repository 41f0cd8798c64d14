import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatModelLock, type LockedRegion } from '../../../core/models/model-lock';
import { parseModelLock } from '../../../core/models/parse-model-lock';
import { type ReadRegion, refreshedRegion } from '../../../core/models/refreshed-region';
import { APPLICATION_PROFILE, LOCK, TODAY } from './lock-of-tests';

const HERE = LOCK.regions['us-east-1'] as LockedRegion;

function read(region: LockedRegion, account = '111122223333'): ReadRegion {
  return { account, models: { ...region.models }, profiles: { ...region.profiles } };
}

function at(days: number): Date {
  return new Date(TODAY.getTime() + days * 86_400_000);
}

describe('models.lock.json', () => {
  test('is the same text in whatever order its members came', () => {
    const turned = (value: unknown): unknown =>
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([name, member]) => [name, turned(member)]),
          );
    expect(formatModelLock(turned(LOCK) as typeof LOCK)).toBe(formatModelLock(LOCK));
    expect(parseModelLock(formatModelLock(LOCK), 'x')).toEqual(LOCK);
  });

  test.each([
    ['{', /expected JSON/],
    ['[]', /expected an object at the top/],
    ['{"schema":2,"regions":{}}', /expected schema 1, found 2, which a newer/],
    ['{"regions":{}}', /expected schema in the file, found none/],
    ['{"schema":1}', /expected regions in the file/],
    ['{"schema":1,"regions":{"us-east-1":{"read":"today","models":{},"profiles":{}}}}', /\["us-east-1"\]\.read/],
    [withModel({ status: 'GONE' }), /ACTIVE or LEGACY or ENDED/],
    [withModel({ status: 'ACTIVE', ends: '2027-01-01' }), /found "ends"/],
    [withModel({ status: 'ACTIVE', end: '2027-02-31' }), /a day such as/],
    [withModel({ status: 'ACTIVE', price: { in: 1, out: 2, cachRead: 1, asOf: '2026-11-01' } }), /found "cachRead"/],
    [withModel({ status: 'ACTIVE', price: { in: 1, out: 2 } }), /expected asOf/],
    [withModel({ status: 'ACTIVE', price: { in: '1', out: 2, asOf: '2026-11-01' } }), /US dollars/],
    [withModel({ status: 'ACTIVE', price: { in: -1, out: 2, asOf: '2026-11-01' } }), /US dollars/],
    [withModel({ status: 'ACTIVE', onDemand: 'yes' }), /true or false/],
  ])('is refused with its place where it is malformed: %s', (text, message) => {
    expect(() => parseModelLock(text, 'models.lock.json')).toThrow(message);
    expect(() => parseModelLock(text, 'models.lock.json')).toThrow(
      expect.objectContaining({ code: 'InvalidModelLock', message: expect.stringMatching(/^models\.lock\.json: /) }),
    );
  });

  test('is what docs/models.md shows', () => {
    const [, shown = ''] = /```json\n([\s\S]*?)```/.exec(readFileSync('docs/models.md', 'utf8')) ?? [];
    const lock = parseModelLock(shown, 'docs/models.md');
    expect(JSON.stringify(JSON.parse(formatModelLock(lock)))).toBe(JSON.stringify(JSON.parse(shown)));
  });

  test('may say as little of a model as its status', () => {
    expect(() => parseModelLock(withModel({ status: 'ACTIVE' }), 'x')).not.toThrow();
  });
});

describe('a refresh', () => {
  test.each([0, 1, 14])('without news after %i days changes no byte', (days) => {
    const { region, news } = refreshedRegion(HERE, read(HERE), at(days));
    expect(news).toEqual([]);
    expect(formatModelLock({ schema: 1, regions: { here: region } })).toBe(
      formatModelLock({ schema: 1, regions: { here: HERE } }),
    );
  });

  test('without news moves the day on before synthesis would call the file old', () => {
    expect(refreshedRegion(HERE, read(HERE), at(15)).region.read).toBe('2026-12-15');
  });

  test('keeps what a person wrote, and says what is new, changed and gone', () => {
    const price = { in: 0.8, out: 3.2, asOf: '2026-11-01' };
    const written = {
      ...HERE,
      models: { ...HERE.models, 'amazon.nova-pro-v1:0': { status: 'ACTIVE', successor: 's', price } as const },
      profiles: { ...HERE.profiles, 'us.amazon.nova-pro-v1:0': { model: 'm', regions: [], price } },
    };
    const { 'amazon.nova-micro-v1:0': gone, ...others } = HERE.models;
    const answered = { ...others, 'amazon.nova-3-v1:0': { status: 'ACTIVE' as const } };
    const { region, news } = refreshedRegion(written, { ...read(HERE), models: answered }, at(1));
    expect(region.read).toBe('2026-12-01');
    expect(region.models['amazon.nova-pro-v1:0']).toMatchObject({ onDemand: true, successor: 's', price });
    expect(region.profiles['us.amazon.nova-pro-v1:0']).toMatchObject({ model: 'amazon.nova-pro-v1:0', price });
    expect(region.models['amazon.nova-micro-v1:0']).toBeUndefined();
    expect(news).toContain('amazon.nova-micro-v1:0: gone');
    expect(news).toContain('amazon.nova-3-v1:0: new');
    expect(gone).toBeDefined();
  });

  test('keeps a model past its end that Bedrock no longer lists, as ended', () => {
    const { 'anthropic.claude-v2:1': _, ...others } = HERE.models;
    const { region } = refreshedRegion(HERE, { ...read(HERE), models: others }, at(0));
    expect(region.models['anthropic.claude-v2:1']).toMatchObject({ status: 'ENDED', end: '2025-07-21' });
    const again = refreshedRegion(region, { ...read(HERE), models: others }, at(0));
    expect(again).toEqual({ region, news: [] });
  });

  test('in one account leaves the application profiles of another', () => {
    const system = Object.fromEntries(Object.entries(HERE.profiles).filter(([id]) => !id.startsWith('arn:')));
    const other = refreshedRegion(HERE, { ...read(HERE, '444455556666'), profiles: system }, at(0));
    expect(other.region.profiles[APPLICATION_PROFILE]).toBeDefined();
    const same = refreshedRegion(HERE, { ...read(HERE), profiles: system }, at(0));
    expect(same.region.profiles[APPLICATION_PROFILE]).toBeUndefined();
  });
});

function withModel(model: object): string {
  const region = { read: '2026-11-30', models: { 'a.b': model }, profiles: {} };
  return JSON.stringify({ schema: 1, regions: { 'us-east-1': region } });
}
