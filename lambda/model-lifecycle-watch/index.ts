import { BedrockClient } from '@aws-sdk/client-bedrock';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { LEDGER_BUCKET_VARIABLE, PARAMETER_PREFIX_VARIABLE } from '../../core/contract/handler-environment';
import { WATCH_VARIABLE, type WatchSettings } from '../../core/contract/model-lifecycle-watch';
import { awsClientConfig, s3ClientConfig } from '../aws-client-config';
import { BedrockModels } from '../bedrock-models';
import { systemClock } from '../clock';
import { environmentVariable } from '../environment-variable';
import { jsonLog } from '../log';
import { once } from '../once';
import { S3ObjectStore } from '../s3-object-store';
import { CloudWatchModelCalls } from './cloudwatch-model-calls';
import { type WatchDeps, type WatchEvent, watchModels } from './handler';

const deps = once((): WatchDeps => {
  const settings: WatchSettings = JSON.parse(environmentVariable(WATCH_VARIABLE));
  const [s3, sns] = [new S3Client(s3ClientConfig(process.env)), new SNSClient(awsClientConfig)];
  return {
    ledger: new S3ObjectStore(s3, environmentVariable(LEDGER_BUCKET_VARIABLE), systemClock),
    models: new BedrockModels(new BedrockClient(awsClientConfig)),
    calls: new CloudWatchModelCalls(new CloudWatchClient(awsClientConfig)),
    settings,
    registry: environmentVariable(PARAMETER_PREFIX_VARIABLE),
    publish: async ({ subject, text }) => {
      if (settings.topic === null) return;
      await sns.send(new PublishCommand({ TopicArn: settings.topic, Subject: subject, Message: text }));
    },
    metric: (line) => void process.stdout.write(`${JSON.stringify(line)}\n`),
    now: () => Date.now(),
    log: jsonLog,
  };
});

export const handler = (event: WatchEvent) => watchModels(event, deps());
