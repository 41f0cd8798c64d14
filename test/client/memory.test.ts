import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { PromptClient } from '../../client';

const ARN = 'arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:';
const TEXT = `${'You are an analyst of companies. '.repeat(10)}Look at {{ticker}} on {{date}}.`;
const asParsed = <T>(value: T): T => JSON.parse(JSON.stringify(value));

describe('The client’s memory', () => {
  it('is at most 2.5 kB for an alias with a version of 0.4 kB', async () => {
    let version = 0;
    const inputVariables = [{ name: 'ticker' }, { name: 'date' }];
    const variant = {
      name: 'd',
      templateType: 'TEXT',
      templateConfiguration: { text: { text: TEXT, inputVariables } },
    };
    const ssm = {
      send: async (command: object) => {
        const { Names } = (command as { input: { Names: string[] } }).input;
        const [Name, ...InvalidParameters] = Names;
        return asParsed({ Parameters: [{ Name, Value: `${ARN}${version}` }], InvalidParameters });
      },
    };
    const bedrockAgent = { send: async () => asParsed({ variants: [variant] }) };
    const silent = { logger: false, metrics: false } as const;
    const prompts = new PromptClient({ parameterPrefix: '/p', alias: 'PROD', ssm, bedrockAgent, ...silent });
    const use = async (count: number) => {
      for (const last = version + count; version < last; ) {
        version++;
        await (await prompts.get(`p${version}`)).compile({ ticker: 'AMZN', date: '2026-11-22' });
      }
    };

    // The first ones compile the code.
    await use(300);
    const before = usedHeap();
    await use(1_500);

    expect((usedHeap() - before) / 1_500).toBeLessThanOrEqual(2_500);
    expect((await prompts.get('p1')).versionArn).toBe(`${ARN}1`);
  });
});

function usedHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
