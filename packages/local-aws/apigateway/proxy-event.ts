import type { FrontAnswer, FrontRequest } from './http-front';

export interface ProxyPlace {
  readonly apiId: string;
  readonly account: string;
  readonly stage: string;
  readonly routeKey: string;
  readonly requestId: string;
  readonly time: Date;
  readonly path: string;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export function proxyEvent({ method, query, headers, body }: FrontRequest, place: ProxyPlace): object {
  const { apiId, account, stage, routeKey, requestId, time, path } = place;
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    parameters.set(name, parameters.has(name) ? `${parameters.get(name)},${value}` : value);
  }
  const { cookie, ...others } = headers;
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split('; ') }),
    headers: others,
    ...(parameters.size > 0 && { queryStringParameters: Object.fromEntries(parameters) }),
    requestContext: {
      ...{ accountId: account, apiId, domainName: headers.host, domainPrefix: apiId, requestId, routeKey, stage },
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: headers['user-agent'] ?? '' },
      ...{ time: time.toISOString(), timeEpoch: time.getTime() },
    },
    ...(body.length > 0 && bodyOf(headers['content-type'] ?? '', body)),
    ...(body.length === 0 && { isBase64Encoded: false }),
  };
}

/** Text goes as text, everything else as base64. */
function bodyOf(contentType: string, body: Buffer) {
  const isText = /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded)|$)/.test(contentType);
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

/** What a function returned, as an HTTP response: an object with `statusCode`, or anything else as its JSON. */
export function proxyAnswer(payload: string): FrontAnswer {
  const returned = JSON.parse(payload);
  if (typeof returned !== 'object' || returned === null || !('statusCode' in returned)) {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: payload };
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = returned;
  const set = cookies.length > 0 ? { 'set-cookie': cookies } : {};
  return {
    status: Number(statusCode),
    headers: { ...headers, ...set },
    body: isBase64Encoded ? Buffer.from(body, 'base64') : String(body),
  };
}
