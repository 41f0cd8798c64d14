import { randomUUID } from 'node:crypto';
import type * as api from '@aws-sdk/client-lambda';
import { AwsError } from '../aws-error';
import type { Authorization, Call } from '../call';
import { type Operation, operation } from '../service';
import type { CredentialStore } from '../sts/credential-store';
import type { RoleDirectory } from '../sts/sts';
import { supportedMembers } from '../supported-members';
import { unpackCode } from './lambda-code';
import type { LambdaFunction, LambdaFunctions } from './lambda-functions';
import { functionArn } from './lambda-reference';
import { functionSettings } from './lambda-settings';

const SETTINGS =
  'FunctionName Runtime Role Handler Description Timeout MemorySize Environment Architectures TracingConfig EphemeralStorage LoggingConfig';

/** Creating, reading, changing and deleting functions, and their tags. */
export function configurationOperations(
  functions: LambdaFunctions,
  credentials: CredentialStore,
  roles: RoleDirectory,
): Record<string, Operation> {
  const touched = async (target: LambdaFunction, call: Call) => {
    target.lastModified = call.time;
    target.revisionId = randomUUID();
    await target.pool.renew();
    return configurationOf(target);
  };
  return {
    CreateFunction: operation<api.CreateFunctionCommandInput, api.CreateFunctionCommandOutput>({
      authorize: ({ FunctionName, Role, Tags }, call) => [
        { ...allowed('CreateFunction', FunctionName, call), context: requestTags(Tags) },
        ...passRole(Role),
      ],
      run: async (input, call) => {
        supportedMembers(call, input, `${SETTINGS} Code Tags PackageType`);
        supportedMembers(call, { PackageType: input.PackageType === 'Zip' ? undefined : input.PackageType }, '');
        const arn = functionArn(input.FunctionName, undefined, call);
        if (functions.find(arn)) {
          const message = `Function already exist: ${input.FunctionName}`;
          throw new AwsError('ResourceConflictException', 409, message, { Type: 'User' });
        }
        const settings = functionSettings(input, undefined, roles);
        const code = await unpackCode(input.Code ?? {}, functions.directory(), call, credentials);
        functions.endpoint = call.endpoint;
        const created = functions.add({
          ...{ arn, name: arn.slice(arn.lastIndexOf(':') + 1), region: call.region, settings, code },
          ...{ lastModified: call.time, revisionId: randomUUID(), tags: input.Tags ?? {} },
        });
        return configurationOf(created);
      },
    }),

    GetFunction: operation<api.GetFunctionCommandInput, api.GetFunctionCommandOutput>({
      authorize: ({ FunctionName }, call) => [allowed('GetFunction', FunctionName, call)],
      run: ({ FunctionName, Qualifier }, call) => {
        const found = functions.get(functionArn(FunctionName, Qualifier, call));
        return { Configuration: configurationOf(found), Code: { RepositoryType: 'S3' }, Tags: found.tags };
      },
    }),

    GetFunctionConfiguration: operation<
      api.GetFunctionConfigurationCommandInput,
      api.GetFunctionConfigurationCommandOutput
    >({
      authorize: ({ FunctionName }, call) => [allowed('GetFunctionConfiguration', FunctionName, call)],
      run: ({ FunctionName, Qualifier }, call) =>
        configurationOf(functions.get(functionArn(FunctionName, Qualifier, call))),
    }),

    ListFunctions: operation<api.ListFunctionsCommandInput, api.ListFunctionsCommandOutput>({
      authorize: () => [{ action: 'lambda:ListFunctions', resource: '*' }],
      run: (input, call) => {
        supportedMembers(call, input, 'MaxItems');
        return { Functions: functions.in(call.region).map(configurationOf) };
      },
    }),

    UpdateFunctionCode: operation<api.UpdateFunctionCodeCommandInput, api.UpdateFunctionCodeCommandOutput>({
      authorize: ({ FunctionName }, call) => [allowed('UpdateFunctionCode', FunctionName, call)],
      run: async (input, call) => {
        supportedMembers(call, input, 'FunctionName ZipFile S3Bucket S3Key S3ObjectVersion Architectures');
        const target = functions.get(functionArn(input.FunctionName, undefined, call));
        target.code = await unpackCode(input, functions.directory(), call, credentials);
        return await touched(target, call);
      },
    }),

    UpdateFunctionConfiguration: operation<
      api.UpdateFunctionConfigurationCommandInput,
      api.UpdateFunctionConfigurationCommandOutput
    >({
      authorize: ({ FunctionName, Role }, call) => [
        allowed('UpdateFunctionConfiguration', FunctionName, call),
        ...(Role === undefined ? [] : passRole(Role)),
      ],
      run: async (input, call) => {
        supportedMembers(call, input, SETTINGS);
        const target = functions.get(functionArn(input.FunctionName, undefined, call));
        target.settings = functionSettings(input, target.settings, roles);
        return await touched(target, call);
      },
    }),

    DeleteFunction: operation<api.DeleteFunctionCommandInput, api.DeleteFunctionCommandOutput>({
      authorize: ({ FunctionName }, call) => [allowed('DeleteFunction', FunctionName, call)],
      run: async ({ FunctionName, Qualifier }, call) => {
        await functions.delete(functionArn(FunctionName, Qualifier, call));
        return { StatusCode: 204 };
      },
    }),

    TagResource: operation<api.TagResourceCommandInput, api.TagResourceCommandOutput>({
      authorize: ({ Resource, Tags }, call) => [
        { ...allowed('TagResource', Resource, call), context: requestTags(Tags) },
      ],
      run: ({ Resource, Tags }, call) => {
        const target = functions.get(functionArn(Resource, undefined, call));
        target.tags = { ...target.tags, ...Tags };
        return {};
      },
    }),

    UntagResource: operation<api.UntagResourceCommandInput, api.UntagResourceCommandOutput>({
      authorize: ({ Resource, TagKeys = [] }, call) => [
        { ...allowed('UntagResource', Resource, call), context: { 'aws:TagKeys': TagKeys } },
      ],
      run: ({ Resource, TagKeys = [] }, call) => {
        const target = functions.get(functionArn(Resource, undefined, call));
        target.tags = Object.fromEntries(Object.entries(target.tags).filter(([key]) => !TagKeys.includes(key)));
        return {};
      },
    }),

    ListTags: operation<api.ListTagsCommandInput, api.ListTagsCommandOutput>({
      authorize: ({ Resource }, call) => [allowed('ListTags', Resource, call)],
      run: ({ Resource }, call) => ({ Tags: functions.get(functionArn(Resource, undefined, call)).tags }),
    }),
  };
}

/** The question to IAM for an action on a function. */
function allowed(action: string, name: string | undefined, call: Call): Authorization {
  return { action: `lambda:${action}`, resource: functionArn(name, undefined, call) };
}

function passRole(role: string | undefined): Authorization[] {
  const context = { 'iam:PassedToService': 'lambda.amazonaws.com' };
  return [{ action: 'iam:PassRole', resource: role ?? '', context }];
}

function requestTags(tags: Record<string, string> = {}): Record<string, string | string[]> {
  const keys = Object.keys(tags);
  const values = Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return keys.length > 0 ? { ...Object.fromEntries(values), 'aws:TagKeys': keys } : {};
}

/** A function as the API shows it: changes are in force at once, so it is always active. */
function configurationOf({ arn, name, settings, code, lastModified, revisionId }: LambdaFunction) {
  const { shown, Runtime, ...plain } = settings;
  return {
    ...{ FunctionName: name, FunctionArn: arn, Version: '$LATEST', PackageType: 'Zip' as const },
    ...{ CodeSha256: code.sha256, CodeSize: code.size, RevisionId: revisionId },
    ...{ State: 'Active' as const, LastUpdateStatus: 'Successful' as const },
    LastModified: lastModified.toISOString().replace('Z', '+0000'),
    ...plain,
    Runtime: Runtime as api.Runtime,
    ...{ Architectures: ['x86_64' as const], TracingConfig: { Mode: 'PassThrough' as const } },
    ...{
      EphemeralStorage: { Size: 512 },
      LoggingConfig: { LogFormat: 'Text' as const, LogGroup: `/aws/lambda/${name}` },
    },
    ...shown,
  };
}
