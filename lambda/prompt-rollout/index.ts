import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import {
  LEDGER_BUCKET_VARIABLE,
  PARAMETER_PREFIX_VARIABLE,
  TOPIC_VARIABLE,
} from '../../core/contract/handler-environment';
import { versionSums } from '../../core/rollout/version-sums';
import { awsClientConfig, s3ClientConfig } from '../aws-client-config';
import { systemClock } from '../clock';
import { CloudWatchAlarms } from '../cloudwatch-alarms';
import { environmentVariable } from '../environment-variable';
import { jsonLog } from '../log';
import { once } from '../once';
import { S3ObjectStore } from '../s3-object-store';
import type { RolloutDeps } from './deps';
import { controlRollouts, type RolloutEvent } from './handler';
import { SsmParameters } from './ssm-parameters';

const deps = once((): RolloutDeps => {
  const registry = environmentVariable(PARAMETER_PREFIX_VARIABLE);
  const topic = process.env[TOPIC_VARIABLE];
  const [cloudWatch, sns] = [new CloudWatchClient(awsClientConfig), new SNSClient(awsClientConfig)];
  const s3 = new S3Client(s3ClientConfig(process.env));
  return {
    ledger: new S3ObjectStore(s3, environmentVariable(LEDGER_BUCKET_VARIABLE), systemClock),
    parameters: new SsmParameters(new SSMClient(awsClientConfig)),
    alarms: new CloudWatchAlarms(cloudWatch),
    metrics: versionSums(registry, (question) => cloudWatch.send(new GetMetricDataCommand(question))),
    publish: async ({ subject, text }) => {
      if (topic) await sns.send(new PublishCommand({ TopicArn: topic, Subject: subject, Message: text }));
    },
    registry,
    now: () => Date.now(),
    log: jsonLog,
  };
});

interface Context {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export const handler = (event: RolloutEvent, context: Context) =>
  controlRollouts(event, deps(), {
    id: context.awsRequestId,
    remaining: () => context.getRemainingTimeInMillis(),
  });
