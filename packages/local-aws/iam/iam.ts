import * as client from '@aws-sdk/client-iam';
import type { Service } from '../service';
import { Query } from '../wire/query';
import { managedPolicyOperations } from './iam-managed-policies';
import { roleOperations } from './iam-roles';
import type { IamState } from './iam-state';

/** Roles and policies; no users, groups or instance profiles. */
export function iam(state: IamState): Service {
  return {
    name: 'iam',
    signingName: 'iam',
    client,
    protocol: new Query('https://iam.amazonaws.com/doc/2010-05-08/'),
    operations: { ...roleOperations(state), ...managedPolicyOperations(state) },
  };
}
