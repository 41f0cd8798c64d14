import { beforeAll, describe, expect, it } from 'vitest';
import { LIFE, SimulatedFleet, TTL } from './simulated-fleet';

const MINUTE = 60_000;
const BAKE = 4 * MINUTE;
/** Steps are put at 0, 4, 8 and 12 minutes and hold two minutes later. */
const slowly = (time: number, step: number) => time >= step * BAKE;
const END = 17 * MINUTE;

function fleet(): SimulatedFleet {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return new SimulatedFleet({ processes: 1_000, users: 1_500, skew: 1_000, random });
}

function through5To100({ outages }: { outages: boolean }): SimulatedFleet {
  const world = fleet();
  world.declare();
  world.control(slowly, END);
  world.freezeSome(0.2, END);
  world.bringUsers(40_000, END);
  world.at(15 * MINUTE, () => world.settle());
  if (!outages) return world;
  // Short ones all the time, also while a step is on its way; a long one after a step.
  for (let from = 20_000; from < END; from += 37_000) world.outage(from, 4_000);
  world.outage(6.5 * MINUTE, 70_000);
  return world;
}

// The client loads it at its first request, which takes real time, and there is none here.
beforeAll(() => import('@aws-sdk/client-ssm'));

describe('A thousand processes in a rollout', () => {
  it('take nobody back on the way from 5 to 100 % and to the end, with wrong clocks and frozen processes', async () => {
    const world = through5To100({ outages: false });
    await world.run(END);
    expect(world.gone).toEqual({ fromInformed: 0, fromCutOff: 0 });
    expect(world.shareBetween(0, 1.9 * MINUTE)).toBe(0);
    for (const [step, percent] of [5, 25, 50].entries()) {
      const from = step * BAKE + 2.1 * MINUTE;
      expect(Math.abs(world.shareBetween(from, from + 3.8 * MINUTE) * 100 - percent)).toBeLessThan(4);
    }
    expect(world.shareBetween(14.1 * MINUTE, END)).toBe(1);
  });

  it('with outages of SSM as well take nobody back who comes to a process that has heard of it for the last 75 s', async () => {
    const world = through5To100({ outages: true });
    await world.run(END);
    expect(world.gone.fromInformed).toBe(0);
    // A process that was idle or frozen over a step, and is used again while SSM does not answer, cannot know of it.
    expect(world.gone.fromCutOff).toBeLessThan(1_500 / 50);
    expect(world.shareBetween(14.1 * MINUTE, END)).toBeGreaterThan(0.99);
  });

  it('are all off the candidate within a time to live and a second of a halt', async () => {
    const world = fleet();
    const halted = 5.5 * MINUTE;
    world.declare();
    world.control((_, step) => step < 3, 7 * MINUTE);
    world.freezeSome(0.2, 7 * MINUTE);
    world.bringUsers(12_000, 7 * MINUTE);
    world.at(halted, () => world.halt());
    await world.run(7 * MINUTE);
    expect(world.shareBetween(4.1 * MINUTE, halted)).toBeGreaterThan(0.45);
    expect(world.lastCandidate - halted).toBeGreaterThan(TTL / 2);
    expect(world.lastCandidate - halted).toBeLessThanOrEqual(TTL + 1_000);
  });

  it('of which NTP sets some clocks wrong by an hour and right again take nobody back elsewhere, and are off the candidate after a halt', async () => {
    const world = fleet();
    const halted = 13.5 * MINUTE;
    world.declare();
    world.control((time, step) => step < 3 && slowly(time, step), END);
    world.jumpSome(0.1, END);
    world.bringUsers(40_000, END);
    world.at(halted, () => world.halt());
    await world.run(END);
    // A clock that is an hour ahead is beyond `until`, one that is behind before the step: those who come there go back.
    const { all, byRightClocks } = world.goneBefore(halted);
    expect(all).toBeGreaterThan(0);
    expect(byRightClocks).toBe(0);
    expect(world.lastCandidate).toBeGreaterThan(halted);
    expect(world.lastCandidate - halted).toBeLessThanOrEqual(TTL + 1_000);
  });

  it('are all on stable when the controller is dead, by the time that it named last', async () => {
    const world = fleet();
    const died = 3 * MINUTE;
    world.declare();
    world.control((_, step) => step < 3, died);
    world.bringUsers(40_000, 10 * MINUTE);
    await world.run(10 * MINUTE);
    expect(world.shareBetween(5 * MINUTE, died + LIFE - 2 * MINUTE)).toBeGreaterThan(0.45);
    expect(world.lastCandidate).toBeLessThanOrEqual(died + LIFE + 1_000);
  });
});
