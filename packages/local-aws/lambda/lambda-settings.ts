import type { CreateFunctionCommandInput, UpdateFunctionConfigurationCommandInput } from '@aws-sdk/client-lambda';
import { AwsError, notImplemented } from '../aws-error';
import { Constraints } from '../constraints';
import type { RoleDirectory } from '../sts/sts';
import type { FunctionSettings } from './lambda-functions';

const RESERVED =
  /^(?:_HANDLER|_X_AMZN_TRACE_ID|AWS_REGION|AWS_DEFAULT_REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|AWS_ACCESS_KEY(?:_ID)?|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR)$/;
const ENVIRONMENT_BYTES = 4096;

type Input = UpdateFunctionConfigurationCommandInput & Pick<CreateFunctionCommandInput, 'Architectures'>;

/**
 * A function's settings after a request: what it gives, else what there was, else Lambda's defaults.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 */
export function functionSettings(input: Input, before: FunctionSettings | undefined, roles: RoleDirectory) {
  const constraints = new Constraints();
  constraints.pattern(input.FunctionName, 'functionName', /^(?:[a-zA-Z0-9-_:]{1,140})$/);
  constraints.required(input.Role ?? before?.Role, 'role');
  constraints.pattern(input.Role, 'role', /^(?:arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+)$/);
  constraints.range(input.Timeout, 'timeout', 1, 900);
  constraints.range(input.MemorySize, 'memorySize', 128, 10_240);
  constraints.length(input.Description, 'description', 0, 256);
  constraints.check();
  const { Variables = {} } = input.Environment ?? before?.Environment ?? {};
  checkEnvironment(Variables);
  const { Architectures, TracingConfig, EphemeralStorage, LoggingConfig } = input;
  const given = { Architectures, TracingConfig, EphemeralStorage, LoggingConfig };
  const settings: FunctionSettings = {
    Runtime: input.Runtime ?? before?.Runtime ?? '',
    Role: input.Role ?? before?.Role ?? '',
    Handler: input.Handler ?? before?.Handler ?? '',
    Description: input.Description ?? before?.Description ?? '',
    Timeout: input.Timeout ?? before?.Timeout ?? 3,
    MemorySize: input.MemorySize ?? before?.MemorySize ?? 128,
    Environment: { Variables },
    shown: {
      ...before?.shown,
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    },
  };
  if (!settings.Runtime || !settings.Handler) {
    throw invalid('Runtime and Handler are mandatory parameters for functions created with deployment packages.');
  }
  if (!/^nodejs\d+\.x$/.test(settings.Runtime)) {
    throw notImplemented(`the Lambda runtime ${settings.Runtime}`);
  }
  if (input.Role !== undefined && !lambdaMayAssume(input.Role, roles)) {
    throw invalid('The role defined for the function cannot be assumed by Lambda.');
  }
  return settings;
}

function checkEnvironment(variables: Record<string, string>): void {
  const reserved = Object.keys(variables).filter((name) => RESERVED.test(name));
  if (reserved.length > 0) {
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  if (Buffer.byteLength(JSON.stringify(variables)) > ENVIRONMENT_BYTES) {
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${JSON.stringify(variables)}`,
    );
  }
}

function lambdaMayAssume(roleArn: string, roles: RoleDirectory): boolean {
  try {
    const { Statement = [] } = roles.trustPolicy(roleArn.slice(roleArn.lastIndexOf('/') + 1)) as {
      Statement?: Trust | Trust[];
    };
    return [Statement].flat().some(({ Effect, Principal }) => {
      return Effect === 'Allow' && [Principal?.Service ?? []].flat().includes('lambda.amazonaws.com');
    });
  } catch (error) {
    if (error instanceof AwsError) {
      return false;
    }
    throw error;
  }
}

interface Trust {
  readonly Effect?: string;
  readonly Principal?: { readonly Service?: string | string[] };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', 400, message, { Type: 'User' });
}
