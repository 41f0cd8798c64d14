import { setTimeout as wait } from 'node:timers/promises';
import { notImplemented } from '../../aws-error';
import type { ResourceProvider } from './provider';

/**
 * Waits for signals, of which there are none here: nobody serves a handle's URL. So it ends as one that nobody signals.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-waitcondition.html
 */
export const waitCondition: ResourceProvider = {
  properties: 'Handle Timeout Count',

  async create({ Handle, Timeout, Count = 1 }) {
    if (Handle === undefined || Timeout === undefined) {
      throw notImplemented('AWS::CloudFormation::WaitCondition with a CreationPolicy');
    }
    await wait(Number(Timeout) * 1000);
    throw new Error(`WaitCondition timed out. Received 0 conditions when expecting ${Count}`);
  },
  update: async () => {
    throw notImplemented('updates of AWS::CloudFormation::WaitCondition (neither does AWS)');
  },
  remove: async () => {},
};
