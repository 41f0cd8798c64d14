import type {
  DeleteModelInvocationLoggingConfigurationCommandOutput,
  GetModelInvocationLoggingConfigurationCommandOutput,
  PutModelInvocationLoggingConfigurationCommandInput,
  PutModelInvocationLoggingConfigurationCommandOutput,
} from '@aws-sdk/client-bedrock';
import { type Operation, operation } from '../service';
import type { InvocationLogging } from './invocation-logging';

/** An account and Region have one configuration; none of the actions names a resource. */
export function invocationLoggingOperations(logging: InvocationLogging): Record<string, Operation> {
  return {
    PutModelInvocationLoggingConfiguration: operation<
      PutModelInvocationLoggingConfigurationCommandInput,
      PutModelInvocationLoggingConfigurationCommandOutput
    >({
      // https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
      authorize: ({ loggingConfig }) => [
        { action: 'bedrock:PutModelInvocationLoggingConfiguration', resource: '*' },
        {
          action: 'iam:PassRole',
          resource: loggingConfig?.cloudWatchConfig?.roleArn ?? '',
          context: { 'iam:PassedToService': 'bedrock.amazonaws.com' },
        },
      ],
      run: async ({ loggingConfig = {} }, call) => {
        await logging.put(loggingConfig, call);
        return {};
      },
    }),
    GetModelInvocationLoggingConfiguration: operation<object, GetModelInvocationLoggingConfigurationCommandOutput>({
      authorize: () => [{ action: 'bedrock:GetModelInvocationLoggingConfiguration', resource: '*' }],
      run: () => ({ loggingConfig: logging.config }),
    }),
    DeleteModelInvocationLoggingConfiguration: operation<
      object,
      DeleteModelInvocationLoggingConfigurationCommandOutput
    >({
      authorize: () => [{ action: 'bedrock:DeleteModelInvocationLoggingConfiguration', resource: '*' }],
      run: () => {
        logging.config = undefined;
        return {};
      },
    }),
  };
}
