import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  LEDGER_BUCKET_VARIABLE,
  PARAMETER_PREFIX_VARIABLE,
  TOPIC_VARIABLE,
} from '../../core/contract/handler-environment';
import { awsClientConfig, s3ClientConfig } from '../aws-client-config';
import { environmentVariable } from '../environment-variable';
import { jsonLog } from '../log';
import { once } from '../once';
import { handleReviewEvent, type ReviewEvent, type ReviewMessageDeps } from './handler';

const deps = once((): ReviewMessageDeps => {
  const [s3, sns] = [new S3Client(s3ClientConfig(process.env)), new SNSClient(awsClientConfig)];
  const Bucket = environmentVariable(LEDGER_BUCKET_VARIABLE);
  const TopicArn = environmentVariable(TOPIC_VARIABLE);
  return {
    read: async (Key, most) => {
      const { Body, ContentLength = 0 } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      if (ContentLength <= most) return Body?.transformToString('utf-8');
      (Body as { destroy?: () => void } | undefined)?.destroy?.();
      return undefined;
    },
    publish: async (Message) => void (await sns.send(new PublishCommand({ TopicArn, Message }))),
    log: jsonLog,
    registry: environmentVariable(PARAMETER_PREFIX_VARIABLE),
  };
});

export const handler = (event: ReviewEvent) => handleReviewEvent(event, deps());
