const ROOT = '/api/public/';

/** What a path asks for. */
export type Route =
  | { readonly kind: 'prompts' | 'legacy' | 'projects' | 'health' | 'ready' | 'ingestion' | 'otel' }
  | { readonly kind: 'prompt'; readonly name: string }
  | { readonly kind: 'version'; readonly name: string; readonly version: number };

const PLACES: Readonly<Record<string, Route['kind']>> = {
  'v2/prompts': 'prompts',
  prompts: 'legacy',
  projects: 'projects',
  health: 'health',
  ready: 'ready',
  ingestion: 'ingestion',
  'otel/v1/traces': 'otel',
};

/**
 * Undefined where there is no such place.
 *
 * A name may hold slashes, whether they came as `%2F` or not, and whether the front has decoded them or not: what is
 * behind `/v2/prompts/` is the name, but for `/versions/3` at its end.
 */
export function routeOf(path: string): Route | undefined {
  if (!path.startsWith(ROOT)) return undefined;
  const rest = path.slice(ROOT.length).replace(/\/$/, '');
  const kind = Object.hasOwn(PLACES, rest) ? PLACES[rest] : undefined;
  if (kind) return { kind } as Route;
  const [, named] = /^v2\/prompts\/(.+)$/s.exec(rest) ?? [];
  if (named === undefined) return undefined;
  const [, name, version] = /^(.+)\/versions\/([^/]+)$/s.exec(named) ?? [];
  return name === undefined
    ? { kind: 'prompt', name: decoded(named) }
    : { kind: 'version', name: decoded(name), version: Number(version) };
}

/** Once; a text that is not encoded is taken as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
