import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callableVersions, historyOnTheWayBack, lastStandings } from '../../../core/release/standing';
import { recordsOf } from '../history';
import { type Life, lives, withdrawnVersions } from './life-of-an-alias';
import { overHistories } from './over-histories';

/** As many as `npm test` has time for. */
const USUAL = 500;

const newestFirst = ({ steps }: Life) => recordsOf(steps).reverse();
const size = fc.integer({ min: 2, max: 5 });
const target = fc.option(fc.integer({ min: 1, max: 7 }));

describe('Callable versions in random histories', { timeout: 1_800_000 }, () => {
  it('are those that the stack believes in, for whatever is released next', async () => {
    await overHistories(
      USUAL,
      fc.asyncProperty(lives, target, withdrawnVersions, size, async (life, next, gone, most) => {
        const found = await callableVersions({ target: next, history: newestFirst(life), size: most, withdrawn: gone });
        expect(found).toEqual(life.callable(next, gone, most));
      }),
    );
  });

  it('are the same after a release that failed, with its record or without, undone already or not', async () => {
    await overHistories(
      USUAL,
      fc.asyncProperty(lives, target, withdrawnVersions, size, async (life, failed, gone, most) => {
        const { place, withdrawn, steps } = life;
        const records = [...steps, { to: failed, withdrawn: gone }];
        const undone = [...records, { to: place, withdrawn, undo: true }];
        for (const history of [steps, records, undone]) {
          const found = await callableVersions({
            ...{ target: place, size: most, withdrawn },
            history: historyOnTheWayBack(place, withdrawn, recordsOf(history).reverse()),
          });
          expect(found).toEqual(life.callable(place, withdrawn, most));
        }
      }),
    );
  });

  it('are no others where only the newest records can be read', async () => {
    await overHistories(
      USUAL,
      fc.asyncProperty(lives, fc.nat({ max: 20 }), async (life, length) => {
        const history = newestFirst(life);
        const whole = await lastStandings({ target: null, history, size: 99 });
        const newest = await lastStandings({ target: null, history: history.slice(0, length), size: 99 });
        expect(whole.slice(0, newest.length)).toEqual(newest);
      }),
    );
  });

  it('are no others where somebody forges a record that claims to undo', async () => {
    await overHistories(
      USUAL,
      fc.asyncProperty(lives, target, withdrawnVersions, async (life, to, withdrawn) => {
        const versions = async (steps: Life['steps']) =>
          (await lastStandings({ target: null, history: recordsOf(steps).reverse(), size: 99 })).map(
            (standing) => standing.version,
          );
        const honest = await versions(life.steps);
        const forged = await versions([...life.steps, { to, withdrawn, undo: true }]);
        expect(honest).toEqual(expect.arrayContaining(forged));
      }),
    );
  });
});
