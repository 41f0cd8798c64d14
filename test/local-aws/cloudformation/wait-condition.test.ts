import { expect, it } from 'vitest';
import { StackBench } from './stack-bench';

it('a wait condition that nobody signals fails when its time is over, and the stack goes back', async () => {
  const bench = await StackBench.start();
  try {
    const { StackStatus } = await bench.deploy({
      Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
      Wait: { Type: 'AWS::CloudFormation::WaitCondition', Properties: { Handle: { Ref: 'Handle' }, Timeout: '1' } },
    });

    expect(StackStatus).toBe('ROLLBACK_COMPLETE');
    const failed = (await bench.events()).find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
    expect(failed?.ResourceStatusReason).toBe('WaitCondition timed out. Received 0 conditions when expecting 1');
  } finally {
    await bench.aws.stop();
  }
});
