import { describe, expect, test } from 'vitest';
import { sameProperties } from '../../lambda/same-properties';

describe('the properties on a stack event', () => {
  const sent = { ServiceToken: 'arn', ServiceTimeout: '300', Version: '3', Keep: ['1', '2'], Nested: { on: 'true' } };

  test.each<[string, Record<string, unknown>]>([
    ['as they are', sent],
    ['with numbers and booleans', { ...sent, Version: 3, Keep: [1, 2], Nested: { on: true } }],
    ['in another order', Object.fromEntries(Object.entries(sent).reverse())],
    ['without CloudFormation’s own', { Version: '3', Keep: ['1', '2'], Nested: { on: 'true' } }],
    ['with what is empty', { ...sent, Note: '', None: null, Of: [], More: {} }],
    ['masked', { ...sent, Version: '****' }],
  ])('are the event’s, %s', (_, shown) => {
    expect(sameProperties(shown, sent)).toBe(true);
  });

  test.each<[string, Record<string, unknown>]>([
    ['another value', { ...sent, Version: '4' }],
    ['one less', { ...sent, Version: undefined }],
    ['one more', { ...sent, Other: 'x' }],
    ['a list in another order', { ...sent, Keep: ['2', '1'] }],
    ['a shorter list', { ...sent, Keep: ['1'] }],
    ['another type', { ...sent, Keep: '1,2' }],
    ['a question mark for an ASCII character', { ...sent, Version: '?' }],
  ])('are not with %s', (_, shown) => {
    expect(sameProperties(shown, sent)).toBe(false);
  });

  test('may show a question mark for each character beyond ASCII', () => {
    expect(sameProperties({ Reason: 'Pr?fung ??' }, { Reason: 'Prüfung 合格' })).toBe(true);
    expect(sameProperties({ Reason: 'Pr?fung ?' }, { Reason: 'Prüfung 合格' })).toBe(false);
  });
});
