import { randomBytes } from 'node:crypto';
import * as client from '@aws-sdk/client-apigatewayv2';
import { notImplemented } from '../aws-error';
import { type Operation, operation, type Service } from '../service';
import { supportedMembers } from '../supported-members';
import { jsonRefusals } from '../wire/refusals';
import { restJson } from '../wire/rest-json';
import type { FunctionIntegration } from './function-integration';
import { CHILD_KINDS, type ChildKind, type HttpApi, type HttpApis } from './http-apis';
import { HttpFront } from './http-front';

type Input = Record<string, unknown> & { readonly ApiId?: string };
type Output = Record<string, unknown>;

const API = 'Name ProtocolType Description Tags DisableExecuteApiEndpoint';
const CHILD: Readonly<Record<ChildKind, { readonly settings: string; readonly id: string }>> = {
  Stage: { settings: 'StageName AutoDeploy DefaultRouteSettings Description Tags', id: 'StageName' },
  Integration: {
    settings: 'IntegrationType IntegrationUri PayloadFormatVersion IntegrationMethod Description',
    id: 'IntegrationId',
  },
  Route: { settings: 'RouteKey Target AuthorizationType', id: 'RouteId' },
};

/**
 * HTTP APIs in front of functions, each at a loopback port of its own: `ApiEndpoint` is that address. No REST or
 * WebSocket APIs, authorizers, CORS, domain names, models, deployments or logs.
 */
export function apiGateway(apis: HttpApis, integration: FunctionIntegration): Service {
  const operations: Record<string, Operation> = {
    CreateApi: operation<Input, Output>({
      authorize: () => [may('POST')],
      run: async (input, call) => {
        supportedMembers(call, input, API);
        if (input.ProtocolType !== 'HTTP') {
          throw notImplemented(`an API of protocol ${input.ProtocolType}`);
        }
        const children = { Stage: new Map(), Integration: new Map(), Route: new Map() };
        const front = await new HttpFront((request) => integration.answer(api, request)).open();
        const api: HttpApi = { id: newId(), region: call.region, created: call.time, settings: input, children, front };
        apis.add(api);
        return shown(api);
      },
    }),
    GetApi: operation<Input, Output>({
      authorize: () => [may('GET')],
      run: ({ ApiId }) => shown(apis.get(ApiId)),
    }),
    UpdateApi: operation<Input, Output>({
      authorize: () => [may('PATCH')],
      run: ({ ApiId, ...input }, call) => {
        supportedMembers(call, input, API);
        const api = apis.get(ApiId);
        api.settings = { ...api.settings, ...given(input) };
        return shown(api);
      },
    }),
    DeleteApi: operation<Input, Output>({
      authorize: () => [may('DELETE')],
      run: async ({ ApiId }) => {
        await apis.delete(apis.get(ApiId));
        return {};
      },
    }),
    ...Object.assign({}, ...CHILD_KINDS.map((kind) => childOperations(apis, kind))),
  };
  return {
    ...{ name: 'apigatewayv2', signingName: 'apigateway', client, operations },
    protocol: restJson('com.amazonaws.apigatewayv2', jsonRefusals),
  };
}

function childOperations(apis: HttpApis, kind: ChildKind): Record<string, Operation> {
  const { settings, id } = CHILD[kind];
  return {
    [`Create${kind}`]: operation<Input, Output>({
      authorize: () => [may('POST')],
      run: ({ ApiId, ...input }, call) => {
        supportedMembers(call, input, settings);
        const own = kind === 'Stage' ? String(input.StageName) : newId();
        const child = { ...given(input), [id]: own };
        apis.get(ApiId).children[kind].set(own, child);
        return child;
      },
    }),
    [`Get${kind}`]: operation<Input, Output>({
      authorize: () => [may('GET')],
      run: (input) => apis.child(apis.get(input.ApiId), kind, String(input[id])),
    }),
    [`Update${kind}`]: operation<Input, Output>({
      authorize: () => [may('PATCH')],
      run: ({ ApiId, ...input }, call) => {
        supportedMembers(call, input, `${id} ${settings}`);
        const api = apis.get(ApiId);
        const child = { ...apis.child(api, kind, String(input[id])), ...given(input) };
        api.children[kind].set(String(input[id]), child);
        return child;
      },
    }),
    [`Delete${kind}`]: operation<Input, Output>({
      authorize: () => [may('DELETE')],
      run: (input) => {
        const api = apis.get(input.ApiId);
        apis.child(api, kind, String(input[id]));
        api.children[kind].delete(String(input[id]));
        return {};
      },
    }),
  };
}

/**
 * IAM is asked about `*`: the data of its simulator has the resource types of REST APIs alone. A policy that names an HTTP
 * API (`arn:aws:apigateway:us-east-1::/apis/…`) therefore allows nothing here, and denies nothing.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html
 */
function may(method: string) {
  return { action: `apigateway:${method}`, resource: '*' };
}

function given(input: Input): Output {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

function shown({ id, created, settings, front }: HttpApi): Output {
  return { ...given(settings), ApiId: id, CreatedDate: created, ApiEndpoint: front.address };
}

function newId(): string {
  return randomBytes(5).toString('hex');
}
