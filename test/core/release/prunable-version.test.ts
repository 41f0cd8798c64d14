import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosePrunable } from '../../../core/release/prunable-version';

const all = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

describe('Version to prune', () => {
  it('is the oldest that nothing holds', () => {
    expect(choosePrunable({ versions: all, held: new Map(), archived: new Set(all) })).toBe(1);
    expect(choosePrunable({ versions: all, held: new Map([[1, 'PROD']]), archived: new Set(all) })).toBe(2);
  });

  it('is never one that this registry did not make', () => {
    expect(choosePrunable({ versions: all, held: new Map(), archived: new Set([7, 8]) })).toBe(7);
  });

  it('is refused, with what holds each version, when nothing may go', () => {
    const held = new Map([[2, 'alias PROD points at it']]);
    expect(() => choosePrunable({ versions: [3, 2, 1], held, archived: new Set([2, 3]) })).toThrow(
      expect.objectContaining({
        code: 'NoRoomForVersion',
        message: expect.stringContaining(
          'version 1: this registry did not make it; version 2: alias PROD points at it; version 3: it is the newest',
        ),
      }),
    );
  });

  it('is never held, never the newest, never foreign', () => {
    const some = fc.subarray(all);
    fc.assert(
      fc.property(some, some, (holding, archived) => {
        const held = new Map(holding.map((version) => [version, 'an alias']));
        const free = all.filter((version) => version !== 10 && !held.has(version) && archived.includes(version));
        const choose = () => choosePrunable({ versions: all, held, archived: new Set(archived) });
        if (free.length === 0) expect(choose).toThrow(expect.objectContaining({ code: 'NoRoomForVersion' }));
        else expect(choose()).toBe(Math.min(...free));
      }),
    );
  });
});
