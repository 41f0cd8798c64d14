import type * as api from '@aws-sdk/client-lambda';
import { AwsError } from '../aws-error';
import type { Authorization, Call } from '../call';
import { Constraints } from '../constraints';
import { type Operation, operation } from '../service';
import { supportedMembers } from '../supported-members';
import { functionPolicy } from './function-policy';
import type { LambdaEvents } from './lambda-events';
import type { LambdaFunction, LambdaFunctions } from './lambda-functions';
import { functionArn } from './lambda-reference';

type EventInvokeInput = api.PutFunctionEventInvokeConfigCommandInput;

/** Invoking functions, who else may, and how often events are retried. */
export function invocationOperations(functions: LambdaFunctions, events: LambdaEvents): Record<string, Operation> {
  const allowed = (action: string, name: string | undefined, call: Call): Authorization => ({
    action: `lambda:${action}`,
    resource: functionArn(name, undefined, call),
  });
  const target = ({ FunctionName, Qualifier }: { FunctionName?: string; Qualifier?: string }, call: Call) =>
    functions.get(functionArn(FunctionName, Qualifier, call));
  const setEventInvoke = (input: EventInvokeInput, before: LambdaFunction['eventInvoke'], call: Call) => {
    supportedMembers(call, input, 'FunctionName Qualifier MaximumRetryAttempts MaximumEventAgeInSeconds');
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = input;
    const constraints = new Constraints();
    constraints.range(MaximumRetryAttempts, 'maximumRetryAttempts', 0, 2);
    constraints.range(MaximumEventAgeInSeconds, 'maximumEventAgeInSeconds', 60, 21_600);
    constraints.check();
    const found = target(input, call);
    found.eventInvoke = {
      MaximumRetryAttempts: MaximumRetryAttempts ?? before?.MaximumRetryAttempts,
      MaximumEventAgeInSeconds: MaximumEventAgeInSeconds ?? before?.MaximumEventAgeInSeconds,
    };
    found.eventInvokeModified = call.time;
    return eventInvokeOf(found);
  };

  return {
    Invoke: operation<api.InvokeCommandInput, api.InvokeCommandOutput>({
      authorize: (input, call) => [
        {
          ...allowed('InvokeFunction', input.FunctionName, call),
          resourcePolicy: functionPolicy(functions.find(functionArn(input.FunctionName, undefined, call))),
        },
      ],
      run: async (input, call) => {
        supportedMembers(call, input, 'FunctionName Qualifier InvocationType LogType Payload');
        const { arn, log } = target(input, call);
        const payload = jsonOf(input.Payload as Uint8Array | undefined);
        switch (input.InvocationType ?? 'RequestResponse') {
          case 'DryRun':
            return { StatusCode: 204 };
          case 'Event':
            events.accept(arn, call.requestId, payload);
            return { StatusCode: 202 };
          default: {
            const result = await functions.invoke(arn, { requestId: call.requestId, payload });
            return {
              ...{ StatusCode: 200, ExecutedVersion: '$LATEST', FunctionError: result?.functionError },
              LogResult: input.LogType === 'Tail' ? log.tail().toString('base64') : undefined,
              Payload: Buffer.from(result?.payload ?? 'null') as unknown as api.InvokeCommandOutput['Payload'],
            };
          }
        }
      },
    }),

    PutFunctionConcurrency: operation<api.PutFunctionConcurrencyCommandInput, api.PutFunctionConcurrencyCommandOutput>({
      authorize: ({ FunctionName }, call) => [allowed('PutFunctionConcurrency', FunctionName, call)],
      run: (input, call) => {
        const reserved = input.ReservedConcurrentExecutions ?? 0;
        target(input, call).reserved.limit = reserved;
        return { ReservedConcurrentExecutions: reserved };
      },
    }),
    DeleteFunctionConcurrency: operation<api.DeleteFunctionConcurrencyCommandInput, object>({
      authorize: ({ FunctionName }, call) => [allowed('DeleteFunctionConcurrency', FunctionName, call)],
      run: (input, call) => {
        target(input, call).reserved.limit = Number.POSITIVE_INFINITY;
        return {};
      },
    }),

    // A record: no loop is ended here.
    PutFunctionRecursionConfig: operation<
      api.PutFunctionRecursionConfigCommandInput,
      api.PutFunctionRecursionConfigCommandOutput
    >({
      authorize: ({ FunctionName }, call) => [allowed('PutFunctionRecursionConfig', FunctionName, call)],
      run: (input, call) => {
        const found = target(input, call);
        found.recursiveLoop = input.RecursiveLoop;
        return { RecursiveLoop: found.recursiveLoop };
      },
    }),
    GetFunctionRecursionConfig: operation<
      api.GetFunctionRecursionConfigCommandInput,
      api.GetFunctionRecursionConfigCommandOutput
    >({
      authorize: ({ FunctionName }, call) => [allowed('GetFunctionRecursionConfig', FunctionName, call)],
      run: (input, call) => ({ RecursiveLoop: target(input, call).recursiveLoop ?? 'Terminate' }),
    }),

    PutFunctionEventInvokeConfig: operation<EventInvokeInput, api.PutFunctionEventInvokeConfigCommandOutput>({
      authorize: ({ FunctionName }, call) => [allowed('PutFunctionEventInvokeConfig', FunctionName, call)],
      run: (input, call) => setEventInvoke(input, undefined, call),
    }),
    UpdateFunctionEventInvokeConfig: operation<EventInvokeInput, api.UpdateFunctionEventInvokeConfigCommandOutput>({
      authorize: ({ FunctionName }, call) => [allowed('UpdateFunctionEventInvokeConfig', FunctionName, call)],
      run: (input, call) => setEventInvoke(input, existing(target(input, call)).eventInvoke, call),
    }),
    GetFunctionEventInvokeConfig: operation<
      api.GetFunctionEventInvokeConfigCommandInput,
      api.GetFunctionEventInvokeConfigCommandOutput
    >({
      authorize: ({ FunctionName }, call) => [allowed('GetFunctionEventInvokeConfig', FunctionName, call)],
      run: (input, call) => eventInvokeOf(existing(target(input, call))),
    }),
    DeleteFunctionEventInvokeConfig: operation<
      api.DeleteFunctionEventInvokeConfigCommandInput,
      api.DeleteFunctionEventInvokeConfigCommandOutput
    >({
      authorize: ({ FunctionName }, call) => [allowed('DeleteFunctionEventInvokeConfig', FunctionName, call)],
      run: (input, call) => {
        existing(target(input, call)).eventInvoke = undefined;
        return {};
      },
    }),

    AddPermission: operation<api.AddPermissionCommandInput, api.AddPermissionCommandOutput>({
      authorize: ({ FunctionName }, call) => [allowed('AddPermission', FunctionName, call)],
      run: (input, call) => {
        supportedMembers(call, input, 'FunctionName StatementId Action Principal SourceArn SourceAccount');
        const { arn, permissions } = target(input, call);
        const { StatementId = '', Action, Principal = '', SourceArn, SourceAccount } = input;
        if (permissions.has(StatementId)) {
          const message = `The statement id (${StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`;
          throw new AwsError('ResourceConflictException', 409, message, { Type: 'User' });
        }
        const statement = {
          ...{ Sid: StatementId, Effect: 'Allow', Action, Resource: arn },
          Principal: Principal.endsWith('.amazonaws.com') ? { Service: Principal } : { AWS: Principal },
          Condition: {
            ...(SourceArn && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
            ...(SourceAccount && { StringEquals: { 'AWS:SourceAccount': SourceAccount } }),
          },
        };
        permissions.set(StatementId, statement);
        return { Statement: JSON.stringify(statement) };
      },
    }),
    RemovePermission: operation<api.RemovePermissionCommandInput, api.RemovePermissionCommandOutput>({
      authorize: ({ FunctionName }, call) => [allowed('RemovePermission', FunctionName, call)],
      run: (input, call) => {
        if (!target(input, call).permissions.delete(input.StatementId ?? '')) {
          throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
        }
        return {};
      },
    }),
    GetPolicy: operation<api.GetPolicyCommandInput, api.GetPolicyCommandOutput>({
      authorize: ({ FunctionName }, call) => [allowed('GetPolicy', FunctionName, call)],
      run: (input, call) => {
        const found = target(input, call);
        const policy = functionPolicy(found);
        if (!policy) {
          throw notFound('The resource you requested does not exist.');
        }
        return { Policy: JSON.stringify(policy), RevisionId: found.revisionId };
      },
    }),
  };
}

function jsonOf(payload: Uint8Array | undefined): string {
  const text = Buffer.from(payload ?? []).toString() || '{}';
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    throw new AwsError('InvalidRequestContentException', 400, message, { Type: 'User' });
  }
}

function existing(found: LambdaFunction): LambdaFunction {
  if (!found.eventInvoke) {
    throw notFound(`The function ${found.arn}:$LATEST doesn't have an EventInvokeConfig`);
  }
  return found;
}

function eventInvokeOf({ arn, eventInvoke, eventInvokeModified }: LambdaFunction) {
  return { FunctionArn: `${arn}:$LATEST`, LastModified: eventInvokeModified, ...eventInvoke, DestinationConfig: {} };
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', 404, message, { Type: 'User' });
}
