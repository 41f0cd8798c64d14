import { describe, expect, it } from 'vitest';
import { waitingText } from '../../cli/release/waiting-text';

const ALIAS = { ResourceType: 'Custom::PromptAlias', ResourceStatus: 'UPDATE_IN_PROGRESS' } as const;
const POLICY = { ResourceType: 'AWS::IAM::ManagedPolicy', ResourceStatus: 'UPDATE_COMPLETE' } as const;
const BACK = { ResourceType: 'AWS::CloudFormation::Stack', ResourceStatus: 'UPDATE_ROLLBACK_IN_PROGRESS' } as const;

describe('A release', () => {
  it.each([
    ['tells once that it waits for IAM', { propagationSeconds: 15 }, [POLICY, ALIAS, ALIAS], 'waiting 15 s for IAM'],
    ['as long as the registry says', { propagationSeconds: 40 }, [ALIAS], 'waiting 40 s for IAM'],
    ['also where the functions are of another stack', {}, [ALIAS], 'waiting 15 s for IAM'],
    ['but not where it does not wait', { propagationSeconds: 0 }, [ALIAS], undefined],
    ['nor on the way back', { propagationSeconds: 15 }, [BACK, ALIAS], undefined],
  ])('%s', (_, stack, events, expected) => {
    const waiting = waitingText(stack);
    const said = events.flatMap((event) => waiting(event) ?? []);
    expect(said).toEqual(expected === undefined ? [] : [expect.stringContaining(expected)]);
  });
});
