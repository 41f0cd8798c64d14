import * as client from '@aws-sdk/client-lambda';
import type { Service } from '../service';
import type { CredentialStore } from '../sts/credential-store';
import type { RoleDirectory } from '../sts/sts';
import { lambdaRefusals } from '../wire/refusals';
import { restJson } from '../wire/rest-json';
import { configurationOperations } from './lambda-configuration-operations';
import type { LambdaEvents } from './lambda-events';
import type { LambdaFunctions } from './lambda-functions';
import { invocationOperations } from './lambda-invocation-operations';

/** Functions on Node from archives, run in processes of this machine; no versions, aliases, layers, images or VPCs. */
export function lambda(
  functions: LambdaFunctions,
  events: LambdaEvents,
  credentials: CredentialStore,
  roles: RoleDirectory,
): Service {
  return {
    name: 'lambda',
    signingName: 'lambda',
    client,
    protocol: restJson('com.amazonaws.lambda', lambdaRefusals),
    operations: {
      ...configurationOperations(functions, credentials, roles),
      ...invocationOperations(functions, events),
    },
  };
}
