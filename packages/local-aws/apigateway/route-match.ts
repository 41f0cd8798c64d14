/**
 * The route of an HTTP API that takes a request: the most specific path, then the method before `ANY`, then `$default`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function matchRoute<Route extends { readonly key: string }>(
  routes: readonly Route[],
  method: string,
  path: string,
): Route | undefined {
  const matching = routes
    .map((route) => ({ route, weight: weightOf(route.key, method, path) }))
    .filter(({ weight }) => weight > 0);
  return matching.toSorted((one, other) => other.weight - one.weight)[0]?.route;
}

function weightOf(key: string, method: string, path: string): number {
  if (key === '$default') {
    return 1;
  }
  const [itsMethod, template = ''] = key.split(' ');
  if (itsMethod !== 'ANY' && itsMethod !== method) {
    return 0;
  }
  const pattern = template
    .split('/')
    .map((part) => (/^\{.+\+\}$/.test(part) ? '.+' : /^\{.+\}$/.test(part) ? '[^/]+' : quoted(part)))
    .join('/');
  if (!new RegExp(`^${pattern}$`, 's').test(path)) {
    return 0;
  }
  const isGreedy = template.includes('+}');
  const fixed = template.split('/').filter((part) => part !== '' && !part.startsWith('{')).length;
  return 10 + fixed * 100 + (isGreedy ? 0 : 50) + (itsMethod === 'ANY' ? 0 : 5);
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
