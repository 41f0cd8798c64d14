import { BedrockClient } from '@aws-sdk/client-bedrock';
import { BedrockAgentClient } from '@aws-sdk/client-bedrock-agent';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { S3Client } from '@aws-sdk/client-s3';
import {
  GATES_VARIABLE,
  LEDGER_BUCKET_VARIABLE,
  PARAMETER_PREFIX_VARIABLE,
} from '../../core/contract/handler-environment';
import { awsClientConfig, cloudFormationClientConfig, s3ClientConfig } from '../aws-client-config';
import { BedrockAgentPrompts } from '../bedrock-agent-prompts';
import { BedrockModels } from '../bedrock-models';
import { systemClock } from '../clock';
import { CloudWatchAlarms } from '../cloudwatch-alarms';
import { customResource } from '../custom-resource';
import { environmentVariable } from '../environment-variable';
import { BedrockInferenceProfiles } from '../inference-profiles';
import { jsonLog } from '../log';
import { once } from '../once';
import { physicalResourceId } from '../physical-resource-id';
import { S3ObjectStore } from '../s3-object-store';
import { CloudFormationStackOperation } from '../stack-operation';
import { handlePromptReleasePlan, type PromptReleasePlanDeps } from './handler';

const deps = once(
  (): PromptReleasePlanDeps => ({
    store: new S3ObjectStore(
      new S3Client(s3ClientConfig(process.env)),
      environmentVariable(LEDGER_BUCKET_VARIABLE),
      systemClock,
    ),
    prompts: new BedrockAgentPrompts(new BedrockAgentClient(awsClientConfig)),
    profiles: new BedrockInferenceProfiles(new BedrockClient(awsClientConfig)),
    models: new BedrockModels(),
    alarms: new CloudWatchAlarms(new CloudWatchClient(awsClientConfig)),
    stack: new CloudFormationStackOperation(new CloudFormationClient(cloudFormationClientConfig)),
    clock: systemClock,
    log: jsonLog,
    registry: environmentVariable(PARAMETER_PREFIX_VARIABLE),
    gates: process.env[GATES_VARIABLE] ?? '{}',
  }),
);

export const handler = customResource({ work: (event) => handlePromptReleasePlan(event, deps()), physicalResourceId });
