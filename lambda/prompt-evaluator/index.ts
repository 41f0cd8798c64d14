import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BedrockRuntimeClient, ConverseCommand, type ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { LEDGER_BUCKET_VARIABLE, PARAMETER_PREFIX_VARIABLE } from '../../core/contract/handler-environment';
import { EVALUATOR_VARIABLE, type EvaluatorSettings, SUITES_FILE } from '../../core/contract/prompt-evaluator';
import type { ModelOutput } from '../../core/evaluation/converse-model';
import { SYSTEM_CLOCK } from '../../core/evaluation/run-clock';
import { awsClientConfig, s3ClientConfig } from '../aws-client-config';
import { systemClock } from '../clock';
import { environmentVariable } from '../environment-variable';
import { jsonLog } from '../log';
import { once } from '../once';
import { S3ObjectStore } from '../s3-object-store';
import { type EvaluatorClock, type EvaluatorDeps, type EvaluatorEvent, promptEvaluator } from './handler';
import { JobStore } from './job-store';

/** A long answer takes its time; waiting and trying again is the runner's, which counts tokens. */
const MODEL = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 300_000, throwOnRequestTimeout: true },
} as const;

const clock: EvaluatorClock = {
  now: () => Date.now(),
  random: SYSTEM_CLOCK.random,
  sleep: SYSTEM_CLOCK.sleep,
  after: (milliseconds, act) => {
    const timer = setTimeout(act, milliseconds);
    return { stop: () => clearTimeout(timer) };
  },
};

const deps = once((): EvaluatorDeps => {
  const settings: EvaluatorSettings = JSON.parse(environmentVariable(EVALUATOR_VARIABLE));
  const ledgerBucket = environmentVariable(LEDGER_BUCKET_VARIABLE);
  const s3 = new S3Client(s3ClientConfig(process.env));
  const bedrock = new BedrockRuntimeClient(MODEL);
  const sns = new SNSClient(awsClientConfig);
  const bucket = new S3ObjectStore(s3, settings.bucket, systemClock);
  return {
    settings,
    suites: JSON.parse(readFileSync(join(__dirname, SUITES_FILE), 'utf8')),
    registry: environmentVariable(PARAMETER_PREFIX_VARIABLE),
    // Lambda names a function's sessions after it: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    signer: `${settings.roleId}:${environmentVariable('AWS_LAMBDA_FUNCTION_NAME')}`,
    bucket,
    jobs: new JobStore(bucket),
    ledger: new S3ObjectStore(s3, ledgerBucket, systemClock),
    ledgerBucket,
    converse: async (request, abortSignal) =>
      (await bedrock.send(new ConverseCommand(request as ConverseCommandInput), { abortSignal })) as ModelOutput,
    clock,
    tell: async ({ subject, text }) => {
      if (settings.topic !== null) {
        await sns.send(new PublishCommand({ TopicArn: settings.topic, Subject: subject, Message: text }));
      }
    },
    log: jsonLog,
  };
});

export const handler = (event: EvaluatorEvent, context: { getRemainingTimeInMillis(): number }) =>
  promptEvaluator(event, context.getRemainingTimeInMillis(), deps());
