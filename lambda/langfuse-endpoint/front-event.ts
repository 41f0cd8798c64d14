import type { LangfuseRequest, LangfuseResponse } from '../../core/langfuse/answer';

/** What API Gateway (HTTP API, payload 2.0) and a function URL send; a load balancer sends the second form. */
export type FrontEvent = GatewayEvent | BalancerEvent;

interface GatewayEvent {
  readonly version: '2.0';
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: { readonly stage?: string; readonly http: { readonly method: string } };
}

interface BalancerEvent {
  readonly httpMethod: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>>;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

export function requestOf(event: FrontEvent): LangfuseRequest {
  return 'rawPath' in event ? gatewayRequest(event) : balancerRequest(event);
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
function gatewayRequest(event: GatewayEvent): LangfuseRequest {
  const { stage, http } = event.requestContext;
  const mount = stage && stage !== '$default' ? `/${stage}/` : '/';
  return {
    method: http.method,
    path: event.rawPath.startsWith(mount) ? `/${event.rawPath.slice(mount.length)}` : event.rawPath,
    query: queryOf([...new URLSearchParams(event.rawQueryString)]),
    headers: lowerCase(event.headers),
    body: bodyOf(event),
  };
}

/** Query values come as they were written: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html */
function balancerRequest(event: BalancerEvent): LangfuseRequest {
  const single = Object.entries(event.queryStringParameters ?? {});
  const multiple = Object.entries(event.multiValueQueryStringParameters ?? {}).flatMap(([name, values]) =>
    values.map((value) => [name, value] as [string, string]),
  );
  const written = (multiple.length > 0 ? multiple : single).map(([name, value]) => `${name}=${value}`).join('&');
  const headers =
    event.headers ??
    Object.fromEntries(Object.entries(event.multiValueHeaders ?? {}).map(([name, values]) => [name, values.at(-1)]));
  return {
    method: event.httpMethod,
    path: event.path,
    query: queryOf([...new URLSearchParams(written)]),
    headers: lowerCase(headers),
    body: bodyOf(event),
  };
}

export function frontResponse(event: FrontEvent, { status, headers, body }: LangfuseResponse) {
  const answer = { statusCode: status, headers, body, isBase64Encoded: false };
  if (!('multiValueHeaders' in event)) return answer;
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return { ...answer, multiValueHeaders };
}

function queryOf(pairs: readonly [string, string][]): ReadonlyMap<string, readonly string[]> {
  const query = new Map<string, string[]>();
  for (const [name, value] of pairs) query.set(name, [...(query.get(name) ?? []), value]);
  return query;
}

function lowerCase(headers: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function bodyOf({ body, isBase64Encoded }: Pick<FrontEvent, 'body' | 'isBase64Encoded'>): string | undefined {
  return body && isBase64Encoded ? Buffer.from(body, 'base64').toString() : (body ?? undefined);
}
