import { isDeepStrictEqual } from 'node:util';
import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteFunctionEventInvokeConfigCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  type PutFunctionEventInvokeConfigCommandInput,
  PutFunctionRecursionConfigCommand,
  RemovePermissionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';
import { notImplemented } from '../../aws-error';
import type { Properties } from '../stack-target';
import { as, only, type ProviderContext, type ResourceProvider, unlessGone } from './provider';

const numbers = ['Timeout', 'MemorySize', 'MaximumRetryAttempts', 'MaximumEventAgeInSeconds'];

export const lambdaFunction: ResourceProvider = {
  properties:
    'FunctionName Code Handler Role Runtime Timeout MemorySize Environment Description Architectures LoggingConfig Tags PackageType TracingConfig EphemeralStorage ReservedConcurrentExecutions RecursiveLoop',

  async create({ Code, Tags, ReservedConcurrentExecutions, RecursiveLoop, ...properties }, context) {
    const FunctionName = String(properties.FunctionName ?? context.generatedName(64));
    const input = { ...withNumbers(properties), FunctionName, Code: s3Code(Code), Tags: asMap(Tags) };
    const { FunctionArn } = await context
      .client(LambdaClient)
      .send(new CreateFunctionCommand(as<CreateFunctionCommandInput>(input)));
    context.made(FunctionName);
    if (ReservedConcurrentExecutions !== undefined) {
      await reserve(FunctionName, ReservedConcurrentExecutions, context);
    }
    if (RecursiveLoop !== undefined) {
      await setRecursion(FunctionName, RecursiveLoop, context);
    }
    return { physicalId: FunctionName, attributes: { Arn: FunctionArn } };
  },

  async update(FunctionName, to, from, context) {
    const { Code, Tags, ReservedConcurrentExecutions, RecursiveLoop, ...properties } = to;
    const { Code: oldCode, Tags: oldTags, ReservedConcurrentExecutions: oldReserved, ...rest } = from;
    const { RecursiveLoop: oldLoop, ...before } = rest;
    if (RecursiveLoop !== oldLoop) {
      await setRecursion(FunctionName, RecursiveLoop ?? 'Terminate', context);
    }
    if (ReservedConcurrentExecutions !== oldReserved) {
      await reserve(FunctionName, ReservedConcurrentExecutions, context);
    }
    const client = context.client(LambdaClient);
    if (!isDeepStrictEqual(Tags, oldTags) || !isDeepStrictEqual(properties.Architectures, before.Architectures)) {
      throw notImplemented('a change of Tags or Architectures of AWS::Lambda::Function');
    }
    if (!isDeepStrictEqual(Code, oldCode)) {
      await client.send(new UpdateFunctionCodeCommand({ FunctionName, ...s3Code(Code) }));
    }
    if (!isDeepStrictEqual(properties, before)) {
      const { Architectures: _, PackageType: __, ...configuration } = withNumbers(properties);
      const input = as<UpdateFunctionConfigurationCommandInput>({ ...configuration, FunctionName });
      await client.send(new UpdateFunctionConfigurationCommand(input));
    }
    return { Arn: functionArn(FunctionName, context) };
  },

  async remove(FunctionName, _, context) {
    await unlessGone(context.client(LambdaClient).send(new DeleteFunctionCommand({ FunctionName })));
  },
};

async function setRecursion(FunctionName: string, loop: unknown, context: ProviderContext): Promise<void> {
  const RecursiveLoop = loop as 'Allow' | 'Terminate';
  await context.client(LambdaClient).send(new PutFunctionRecursionConfigCommand({ FunctionName, RecursiveLoop }));
}

async function reserve(FunctionName: string, reserved: unknown, context: ProviderContext): Promise<void> {
  const client = context.client(LambdaClient);
  if (reserved === undefined) {
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    return;
  }
  const ReservedConcurrentExecutions = Number(reserved);
  await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
}

export const lambdaEventInvokeConfig: ResourceProvider = {
  properties: 'FunctionName Qualifier MaximumRetryAttempts MaximumEventAgeInSeconds DestinationConfig',

  async create(properties, context) {
    await putEventInvokeConfig(properties, context);
    return { physicalId: `${properties.FunctionName}|${properties.Qualifier}`, attributes: {} };
  },

  async update(_, properties, __, context) {
    await putEventInvokeConfig(properties, context);
    return {};
  },

  async remove(_, properties, context) {
    const { FunctionName, Qualifier } = as<{ FunctionName: string; Qualifier: string }>(properties);
    const command = new DeleteFunctionEventInvokeConfigCommand({ FunctionName, Qualifier });
    await unlessGone(context.client(LambdaClient).send(command));
  },
};

async function putEventInvokeConfig(properties: Properties, context: ProviderContext): Promise<void> {
  const input = as<PutFunctionEventInvokeConfigCommandInput>(withNumbers(properties));
  await context.client(LambdaClient).send(new PutFunctionEventInvokeConfigCommand(input));
}

/** Every property of it is create-only. */
export const lambdaPermission: ResourceProvider = {
  properties: 'FunctionName Action Principal SourceArn SourceAccount',

  async create(properties, context) {
    const StatementId = context.generatedName(100);
    const input = as<AddPermissionCommandInput>({ ...properties, StatementId });
    await context.client(LambdaClient).send(new AddPermissionCommand(input));
    return { physicalId: StatementId, attributes: { Id: StatementId } };
  },

  update: () => Promise.reject(notImplemented('an update in place of AWS::Lambda::Permission')),

  async remove(StatementId, { FunctionName }, context) {
    const command = new RemovePermissionCommand({ FunctionName: String(FunctionName), StatementId });
    await unlessGone(context.client(LambdaClient).send(command));
  },
};

function s3Code(code: unknown): { S3Bucket: string; S3Key: string } {
  only('AWS::Lambda::Function Code', code as object, 'S3Bucket S3Key');
  return as(code);
}

function asMap(tags: unknown): Record<string, string> | undefined {
  const list = tags as { Key: string; Value: string }[] | undefined;
  return list && Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
}

/** Numbers come as text from parameters. */
function withNumbers(properties: Properties): Record<string, unknown> {
  const entries = Object.entries(properties);
  return Object.fromEntries(entries.map(([name, value]) => [name, numbers.includes(name) ? Number(value) : value]));
}

function functionArn(name: string, { region, account }: ProviderContext): string {
  return `arn:aws:lambda:${region}:${account}:function:${name}`;
}
