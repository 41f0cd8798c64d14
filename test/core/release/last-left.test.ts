import { describe, expect, it } from 'vitest';
import { lastLeft } from '../../../core/release/last-left';
import { recordsOf, released, type Step } from '../history';

const agreed = { how: 'agreed', gates: [], reviews: [], model: null } as const;
const back = { how: 'back', to: 1 } as const;

/** The number of the record that left version 3; undefined where none did. */
async function left(steps: readonly Step[], since = 0): Promise<number | undefined> {
  const records = recordsOf(steps);
  const time = await lastLeft(released(3), [...records].reverse(), since);
  return records.find((record) => Date.parse(record.time) === time)?.sequence;
}

describe('When an alias last left a content backwards', () => {
  it.each<[string, Step[], number | undefined]>([
    ['it never stood there', [{ to: 1 }, { to: 2 }], undefined],
    ['it stands there', [{ to: 1 }, { to: 3 }], undefined],
    ['it went on', [{ to: 3 }, { to: 4 }], undefined],
    ['it went on to a lower number by agreement', [{ to: 3 }, { to: 2, passed: agreed }], undefined],
    ['it went back', [{ to: 2 }, { to: 3 }, { to: 2 }, { to: 4 }], 3],
    ['it went back past it', [{ to: 2 }, { to: 3 }, { to: 4 }, { to: 2 }], undefined],
    ['it went back to a higher number', [{ to: 5 }, { to: 3, passed: agreed }, { to: 5, passed: back }], 3],
    ['it left twice', [{ to: 2 }, { to: 3 }, { to: 2 }, { to: 3 }, { to: 2 }], 5],
    ['it was removed', [{ to: 3 }, { to: null }], 2],
    ['its release failed', [{ to: 2 }, { to: 3 }, { to: 2, undo: true }], undefined],
    ['its way back failed', [{ to: 2 }, { to: 3 }, { to: 2 }, { to: 3, undo: true }], undefined],
    ['it was withdrawn', [{ to: 2 }, { to: 2, withdrawn: [3] }, { to: 2 }], 2],
    ['it was withdrawn for a while', [{ to: 2 }, { to: 2, withdrawn: [3] }, { to: 4, withdrawn: [3] }, { to: 4 }], 2],
    ['it was withdrawn from the start', [{ to: 2, withdrawn: [3] }, { to: 2 }], 1],
    ['a withdrawal was undone', [{ to: 2 }, { to: 2, withdrawn: [3] }, { to: 2, undo: true }], undefined],
    ['another one was withdrawn', [{ to: 2 }, { to: 2, withdrawn: [4] }, { to: 2 }], undefined],
  ])('%s', async (_, steps, expected) => {
    expect(await left(steps)).toBe(expected);
  });

  it('is not looked for before the oldest of what was said', async () => {
    const steps = [{ to: 2 }, { to: 3 }, { to: 2 }, { to: 4 }];
    const records = recordsOf(steps);
    const since = Date.parse(records[3]?.time ?? '');
    let read = 0;
    const counted = async function* () {
      for (const record of records.reverse()) {
        read += 1;
        yield record;
      }
    };
    expect(await lastLeft(released(3), counted(), since)).toBeUndefined();
    expect(read).toBe(2);
  });

  it('is left with the content, whichever version has it', async () => {
    const [first, second, third] = recordsOf([{ to: 2 }, { to: 3 }, { to: 2 }]) as [never, never, never];
    expect(await lastLeft({ version: 7, digest: released(3).digest }, [third, second, first], 0)).toBeDefined();
  });
});
