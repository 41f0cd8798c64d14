import * as client from '@aws-sdk/client-cloudformation';
import type { Service } from '../service';
import { Query } from '../wire/query';
import { changeSetOperations } from './change-set-operations';
import { descriptionOperations } from './description-operations';
import type { CloudFormationEngine } from './engine';
import { questionMarks } from './question-marks';
import { stackOperations } from './stack-operations';

/**
 * CloudFormation as the CDK CLI uses it: stacks, change sets, rollback, custom resources. No nested stacks, macros,
 * imports of resources, drift, hooks or deployments without rollback.
 */
export function cloudFormation(engine: CloudFormationEngine): Service {
  return {
    name: 'cloudformation',
    signingName: 'cloudformation',
    client,
    protocol: new Query('http://cloudformation.amazonaws.com/doc/2010-05-15/'),
    operations: questionMarks(engine.adversary, {
      ...changeSetOperations(engine),
      ...stackOperations(engine),
      ...descriptionOperations(engine),
    }),
  };
}
