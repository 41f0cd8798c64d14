import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  DeleteApiCommand,
  DeleteIntegrationCommand,
  DeleteRouteCommand,
  DeleteStageCommand,
  GetApiCommand,
  UpdateApiCommand,
  UpdateIntegrationCommand,
  UpdateRouteCommand,
  UpdateStageCommand,
} from '@aws-sdk/client-apigatewayv2';
import type { Properties } from '../stack-target';
import { as, type ResourceProvider, unlessGone } from './provider';

type Command = new (input: never) => never;

export const httpApi: ResourceProvider = {
  properties: 'Name ProtocolType Description Tags DisableExecuteApiEndpoint',

  async create(properties, context) {
    const made = await context.client(ApiGatewayV2Client).send(new CreateApiCommand(as(properties)));
    return { physicalId: String(made.ApiId), attributes: { ApiId: made.ApiId, ApiEndpoint: made.ApiEndpoint } };
  },

  async update(ApiId, { ProtocolType: _, Tags: __, ...properties }, ___, context) {
    const client = context.client(ApiGatewayV2Client);
    await client.send(new UpdateApiCommand(as({ ...properties, ApiId })));
    const { ApiEndpoint } = await client.send(new GetApiCommand({ ApiId }));
    return { ApiId, ApiEndpoint };
  },

  async remove(ApiId, _, context) {
    await unlessGone(context.client(ApiGatewayV2Client).send(new DeleteApiCommand({ ApiId })));
  },
};

export const httpStage = child('ApiId StageName AutoDeploy DefaultRouteSettings Description Tags', 'StageName', [
  CreateStageCommand,
  UpdateStageCommand,
  DeleteStageCommand,
] as unknown as [Command, Command, Command]);

export const httpIntegration = child(
  'ApiId IntegrationType IntegrationUri PayloadFormatVersion IntegrationMethod Description',
  'IntegrationId',
  [CreateIntegrationCommand, UpdateIntegrationCommand, DeleteIntegrationCommand] as unknown as [
    Command,
    Command,
    Command,
  ],
);

export const httpRoute = child('ApiId RouteKey Target AuthorizationType', 'RouteId', [
  CreateRouteCommand,
  UpdateRouteCommand,
  DeleteRouteCommand,
] as unknown as [Command, Command, Command]);

/** What belongs to an API: `Ref` is its own id. */
function child(
  properties: string,
  id: string,
  [Create, Update, Delete]: readonly [Command, Command, Command],
): ResourceProvider {
  return {
    properties,

    async create(given, context) {
      const made = as<Properties>(await context.client(ApiGatewayV2Client).send(new Create(typed(given) as never)));
      return { physicalId: String(made[id]), attributes: { [id]: made[id] } };
    },

    async update(physicalId, given, _, context) {
      await context.client(ApiGatewayV2Client).send(new Update({ ...typed(given), [id]: physicalId } as never));
      return { [id]: physicalId };
    },

    async remove(physicalId, { ApiId }, context) {
      await unlessGone(context.client(ApiGatewayV2Client).send(new Delete({ ApiId, [id]: physicalId } as never)));
    },
  };
}

/** Numbers and booleans come as text from parameters. */
function typed({ DefaultRouteSettings, AutoDeploy, ...others }: Properties): Properties {
  const limits = Object.entries((DefaultRouteSettings ?? {}) as Properties).map(([name, value]) => [
    name,
    Number(value),
  ]);
  return {
    ...others,
    ...(DefaultRouteSettings !== undefined && { DefaultRouteSettings: Object.fromEntries(limits) }),
    ...(AutoDeploy !== undefined && { AutoDeploy: String(AutoDeploy) === 'true' }),
  };
}
