import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error';
import type { Authorizer } from '../iam/authorizer';
import { functionPolicy } from '../lambda/function-policy';
import type { LambdaFunctions } from '../lambda/lambda-functions';
import type { HttpApi } from './http-apis';
import type { FrontAnswer, FrontRequest } from './http-front';
import { proxyAnswer, proxyEvent } from './proxy-event';
import { matchRoute } from './route-match';

export interface FunctionIntegrationOptions {
  readonly account: string;
  readonly functions: LambdaFunctions;
  readonly authorizer: Authorizer;
  readonly now: () => Date;
  /** Whether `rawPath` reaches functions decoded, which AWS does not document. @default as it was sent */
  readonly decodesPaths?: boolean;
}

interface Throttle {
  tokens: number;
  at: number;
}

/** Answers the requests of HTTP APIs by invoking the functions behind their routes, in API Gateway's name. */
export class FunctionIntegration {
  private readonly throttles = new WeakMap<object, Throttle>();

  constructor(private readonly options: FunctionIntegrationOptions) {}

  async answer(api: HttpApi, request: FrontRequest): Promise<FrontAnswer> {
    const stage = stageOf(api, request.path);
    if (!stage) {
      return message(404, 'Not Found');
    }
    const { now, decodesPaths, account } = this.options;
    const sent = decodesPaths ? decoded(request.path) : request.path;
    const inside = stage.name === '$default' ? sent : sent.slice(stage.name.length + 1) || '/';
    const routes = [...api.children.Route.values()].map((route) => ({ route, key: String(route.RouteKey) }));
    const found = matchRoute(routes, request.method, inside);
    if (!found) {
      return message(404, 'Not Found');
    }
    if (!this.admits(stage.settings)) {
      return message(429, 'Too Many Requests');
    }
    const integration = api.children.Integration.get(String(found.route.Target).replace('integrations/', ''));
    const requestId = randomUUID();
    const event = proxyEvent(request, {
      ...{ apiId: api.id, account, stage: stage.name, routeKey: found.key, requestId, time: now(), path: sent },
    });
    const path = found.key === '$default' ? '/$default' : found.key.split(' ')[1];
    const source = `arn:aws:execute-api:${api.region}:${account}:${api.id}/${stage.name}/${request.method}${path}`;
    return this.invoke(functionArnOf(String(integration?.IntegrationUri)), source, requestId, event);
  }

  private async invoke(arn: string, sourceArn: string, requestId: string, event: object): Promise<FrontAnswer> {
    const { functions, authorizer, account } = this.options;
    const target = functions.find(arn);
    const principal = { arn: 'apigateway.amazonaws.com', account, service: { sourceArn } };
    const question = { action: 'lambda:InvokeFunction', resource: arn, resourcePolicy: functionPolicy(target) };
    try {
      await authorizer.require(principal, arn.split(':')[3] ?? '', question);
      const result = await functions.invoke(arn, { requestId, payload: JSON.stringify(event) });
      return result?.functionError || !result ? message(500, 'Internal Server Error') : proxyAnswer(result.payload);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const isThrottled = error.code === 'TooManyRequestsException';
      return isThrottled ? message(503, 'Service Unavailable') : message(500, 'Internal Server Error');
    }
  }

  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html */
  private admits(stage: Record<string, unknown>): boolean {
    const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = (stage.DefaultRouteSettings ?? {}) as Record<
      string,
      number | undefined
    >;
    if (rate === undefined || burst === undefined) {
      return true;
    }
    const now = performance.now();
    const state = this.throttles.get(stage) ?? { tokens: burst, at: now };
    state.tokens = Math.min(burst, state.tokens + ((now - state.at) / 1_000) * rate);
    state.at = now;
    this.throttles.set(stage, state);
    if (state.tokens < 1) {
      return false;
    }
    state.tokens -= 1;
    return true;
  }
}

function stageOf({ children }: HttpApi, path: string) {
  const [, first = ''] = path.split('/');
  const name = children.Stage.has(first) ? first : '$default';
  const settings = children.Stage.get(name);
  return settings && { name, settings };
}

/** Of the function, or of `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations`. */
function functionArnOf(uri: string): string {
  return /functions\/(arn:[^/]+)\/invocations$/.exec(uri)?.[1] ?? uri;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function message(status: number, text: string): FrontAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message: text }) };
}
