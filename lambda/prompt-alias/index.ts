import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import {
  GATES_VARIABLE,
  LEDGER_BUCKET_VARIABLE,
  PARAMETER_PREFIX_VARIABLE,
  PROPAGATION_VARIABLE,
} from '../../core/contract/handler-environment';
import { RELEASE_REASON_TYPE } from '../../core/contract/release-reason-resource';
import { cloudFormationClientConfig, s3ClientConfig } from '../aws-client-config';
import { BedrockModels } from '../bedrock-models';
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
      environmentVariable(LEDGER_BUCKET_VARIABLE),
      systemClock,
    ),
    models: new BedrockModels(),
    stack: new CloudFormationStackOperation(new CloudFormationClient(cloudFormationClientConfig)),
    clock: systemClock,
    log: jsonLog,
    registry: environmentVariable(PARAMETER_PREFIX_VARIABLE),
    gates: process.env[GATES_VARIABLE] ?? '{}',
    propagationSeconds: Number(process.env[PROPAGATION_VARIABLE] ?? 15),
  }),
);

export const handler = customResource({
  work: (event) =>
    event.ResourceType === RELEASE_REASON_TYPE ? handleReleaseReason(event, deps()) : handlePromptAlias(event, deps()),
  physicalResourceId,
});
