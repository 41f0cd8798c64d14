import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { RELEASE_REASON_TYPE } from '../../core/contract/release-reason-resource';
import { cloudFormationClientConfig, s3ClientConfig } from '../aws-client-config';
import { systemClock } from '../clock';
import { customResource } from '../custom-resource';
import { environmentVariable } from '../environment-variable';
import { jsonLog } from '../log';
import { once } from '../once';
import { physicalResourceId } from '../physical-resource-id';
import { handleReleaseReason } from '../release-reason/handler';
import { S3ObjectStore } from '../s3-object-store';
import { CloudFormationStackOperation } from '../stack-operation';
import { handlePromptAlias, type PromptAliasDeps } from './handler';

const deps = once(
  (): PromptAliasDeps => ({
    store: new S3ObjectStore(
      new S3Client(s3ClientConfig(process.env)),
      environmentVariable('LEDGER_BUCKET'),
      systemClock,
    ),
    stack: new CloudFormationStackOperation(new CloudFormationClient(cloudFormationClientConfig)),
    clock: systemClock,
    log: jsonLog,
    registry: environmentVariable('PARAMETER_PREFIX'),
    gates: process.env.GATES ?? '{}',
    propagationSeconds: Number(process.env.PROPAGATION_SECONDS ?? 15),
  }),
);

export const handler = customResource({
  work: (event) =>
    event.ResourceType === RELEASE_REASON_TYPE ? handleReleaseReason(event, deps()) : handlePromptAlias(event, deps()),
  physicalResourceId,
});
