import { describe, expect, it } from 'vitest';
import { checkTransformer, transformed } from '../../packages/local-aws/eventbridge/input-transformer';

const event = {
  time: '2026-11-22T12:00:00Z',
  detail: { name: '/prompts/a', quoted: 'say "hi"', names: ['/a', '/b'], 'with-dash': 7, nested: { deep: true } },
};
const predefined = {
  'aws.events.rule-arn': 'arn:aws:events:us-east-1:111122223333:rule/r',
  'aws.events.rule-name': 'r',
};
const paths = {
  name: '$.detail.name',
  quoted: '$.detail.quoted',
  first: '$.detail.names[0]',
  names: '$.detail.names',
  dash: '$.detail.with-dash',
  lacking: '$.detail.lacking.deeper',
};

function output(InputTemplate: string): string {
  checkTransformer({ InputTemplate, InputPathsMap: paths });
  return transformed({ InputTemplate, InputPathsMap: paths }, event, predefined);
}

describe('an input transformer', () => {
  it.each([
    ['a string, with its quotes', '"<name> at <dash>"', '"/prompts/a at 7"'],
    ['a string, where nothing is escaped', '"it <quoted>"', '"it say "hi""'],
    ['a string, where what the event lacks leaves nothing', '"[<lacking>]"', '"[]"'],
    ['an element of an array', '"<first>"', '"/a"'],
    ['an array, as JSON', '"<names>"', '"["/a","/b"]"'],
    [
      'an object with values of their types',
      '{"n": <name>, "d": <dash>, "s": "<dash>"}',
      '{"n": "/prompts/a", "d": 7, "s": "7"}',
    ],
    ['lines of strings', '"<name>"\n"<dash>"', '"/prompts/a"\n"7"'],
    ['the rule’s name', '"<aws.events.rule-name>"', '"r"'],
  ])('makes %s', (_, template, expected) => {
    expect(output(template)).toBe(expected);
  });

  it.each([
    ['a string without quotes', '<name> moved'],
    ['an unknown variable', '"<other>"'],
    ['an empty template', ''],
    ['a template that is too long', `"${'x'.repeat(8192)}"`],
    ['JSON that is not JSON', '{"n": <name>'],
  ])('refuses %s', (_, template) => {
    expect(() => output(template)).toThrow(/template|Template/);
  });

  it('refuses by name what it does not do', () => {
    const InputPathsMap = { all: '$.detail..name' };
    expect(() => checkTransformer({ InputTemplate: '"<all>"', InputPathsMap })).toThrow('the JSON path $.detail..name');
    expect(() => output('"<aws.events.event.json>"')).toThrow('the variable <aws.events.event.json>');
    expect(() => output('{"a": <lacking>}')).toThrow('<lacking> outside a string, which the event lacks');
  });
});
