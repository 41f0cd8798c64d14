import { describe, expect, it } from 'vitest';
import { alarmState } from '../../packages/local-aws/cloudwatch/missing-data';

const seen = { 0: false, X: true } as Record<string, boolean>;
/** As AWS draws it, the newest last: `0` is within the threshold, `X` breaches, `-` is missing. */
const states = (range: string, datapointsToAlarm: number, before: 'OK' | 'ALARM' = 'OK') =>
  ['missing', 'ignore', 'breaching', 'notBreaching'].map((treatMissingData) => {
    const newestFirst = range
      .split(' ')
      .reverse()
      .map((sign) => seen[sign]);
    return alarmState(newestFirst, { evaluationPeriods: 3, datapointsToAlarm, treatMissingData }, before);
  });

describe('the state of an alarm by its last periods, where some are missing', () => {
  it.each([
    ['0 - X - X', 3, ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', 3, ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', 3, ['INSUFFICIENT_DATA', 'before', 'ALARM', 'OK']],
    ['0 X X - X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', 3, ['ALARM', 'before', 'ALARM', 'OK']],
    ['0 - X - X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - - X -', 2, ['ALARM', 'before', 'ALARM', 'OK']],
    ['- - - - X', 2, ['OK', 'before', 'ALARM', 'OK']],
  ])('%s, %d of 3', (range, points, expected) => {
    for (const before of ['OK', 'ALARM'] as const) {
      const wanted = expected.map((state) => (state === 'before' ? before : state));
      expect(states(range, points, before)).toEqual(wanted);
    }
  });
});
