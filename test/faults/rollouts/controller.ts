import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { LocalAws } from '../../../packages/local-aws';
import { PROMPT } from '../example-stack';
import { ON_CALL } from '../trouble';
import { ALARM } from './rolling-template';

/** What came of one invocation. */
export interface Ticked {
  /** Lambda's word for a function that threw, or its process that died; `throttled` while another one runs, `gone` without one. */
  readonly failed?: string;
  readonly answer?: { readonly outcome: string; readonly plan?: number };
}

/** The controller as EventBridge and people on call invoke it, and the time and the alarm that it looks at. */
export class Controller {
  private readonly lambda: LambdaClient;
  private readonly cloudWatch: CloudWatchClient;
  functionName = '';

  constructor(private readonly aws: LocalAws) {
    const { endpoint, region, operator: credentials } = aws;
    // What goes wrong with CloudFormation's calls does not hit these.
    this.lambda = new LambdaClient({ endpoint, region, credentials: aws.user(ON_CALL), maxAttempts: 1 });
    this.cloudWatch = new CloudWatchClient({ endpoint, region, credentials });
  }

  tick(): Promise<Ticked> {
    return this.invoke({});
  }

  halt(): Promise<Ticked> {
    return this.invoke({ halt: { prompt: PROMPT, alias: 'PROD', reason: 'complaints' } });
  }

  /** Lets so many minutes pass, for everybody but those who sleep. */
  async pass(minutes: number): Promise<void> {
    this.aws.setSpeed(1000);
    await sleep(minutes * 60);
    this.aws.setSpeed(1);
  }

  async makeAlarm(): Promise<void> {
    await this.cloudWatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: ALARM, Namespace: 'Made up', MetricName: 'Slow', Statistic: 'Sum', Period: 60 },
        ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
        TreatMissingData: 'ignore',
      }),
    );
    await this.setAlarm('OK');
  }

  async setAlarm(StateValue: 'OK' | 'ALARM'): Promise<void> {
    await this.cloudWatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue, StateReason: 'made up' }));
  }

  private async invoke(event: object): Promise<Ticked> {
    try {
      const { Payload, FunctionError } = await this.lambda.send(
        new InvokeCommand({ FunctionName: this.functionName, Payload: Buffer.from(JSON.stringify(event)) }),
      );
      const text = Payload?.transformToString() ?? 'null';
      return FunctionError ? { failed: text.slice(0, 300) } : { answer: JSON.parse(text) ?? undefined };
    } catch (error) {
      const { name } = error as Error;
      if (name === 'TooManyRequestsException') return { failed: 'throttled' };
      if (name === 'ResourceNotFoundException') return { failed: 'gone' };
      throw error;
    }
  }
}
