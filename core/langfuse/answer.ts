import { authorize } from './authorization';
import { readCreateRequest } from './create-request';
import { readLabelRequest } from './label-request';
import { listPrompts, readListQuery } from './list-prompts';
import type { KeyHolder, Keys } from './ports';
import { PRODUCTION, type PromptRow, wireRow } from './prompt-row';
import { type Query, QueryReader } from './query';
import { Refusal } from './refusal';
import { CannotResolve, resolvePrompt } from './resolve-prompt';
import { type Route, routeOf } from './route';

export interface LangfuseRequest {
  readonly method: string;
  /** As it came, encoded or not. */
  readonly path: string;
  readonly query: Query;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

export interface LangfuseResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Which key got which version, for the access log. */
  readonly use?: Use;
}

export interface Use {
  readonly publicKey?: string;
  readonly prompt?: string;
  readonly label?: string;
  readonly version?: number;
  /** Why there was nothing to get. */
  readonly refusal?: string;
}

interface Answered {
  readonly status: number;
  readonly json?: unknown;
  readonly use?: Use;
}

type Act = (request: LangfuseRequest, holder: KeyHolder, route: Route) => Promise<Answered>;

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE', 'PUT'];

/** What each place does with each method; every other method is 405. */
const ACTS: Readonly<Record<Route['kind'], Readonly<Record<string, Act>>>> = {
  prompts: { GET: list, POST: (request, holder) => create(request, holder, 'v2') },
  prompt: { GET: get, DELETE: remove },
  version: { GET: getByWholePath, PATCH: label },
  legacy: { GET: getLegacy, POST: (request, holder) => create(request, holder, 'v1') },
  projects: { GET: projects },
  health: {},
  ready: {},
  ingestion: { POST: takeEvents },
  otel: { POST: takeSpans },
};

/**
 * Langfuse's public API for prompts, as of its version 4, over whatever is behind `keys`.
 *
 * Its caller answers 500 for what it throws: nothing that a request says makes it throw.
 */
export async function answerLangfuse(request: LangfuseRequest, keys: Keys): Promise<LangfuseResponse> {
  const route = routeOf(request.path);
  const cors = { 'access-control-allow-origin': request.headers.origin ?? '*', vary: 'Origin' };
  if (request.method === 'OPTIONS')
    return {
      status: 204,
      headers: {
        ...cors,
        'access-control-allow-methods': METHODS.join(','),
        'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
      },
      body: '',
    };
  try {
    const { status, json, use } = await act(request, keys, route);
    return respond(status, json, cors, use);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, message, detail } = error;
    const wait = status === 429 ? { 'retry-after': '1' } : undefined;
    return respond(status, { message, error: detail }, { ...cors, ...wait }, { refusal: message });
  }
}

function respond(
  status: number,
  json: unknown,
  headers: Readonly<Record<string, string>>,
  use: Use | undefined,
): LangfuseResponse {
  if (json === undefined) return { status, headers, body: '', use };
  const body = JSON.stringify(json);
  return { status, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, body, use };
}

async function act(request: LangfuseRequest, keys: Keys, route: Route | undefined): Promise<Answered> {
  const { method, headers } = request;
  if (!route) throw new Refusal('LangfuseNotFoundError', 'There is nothing at this address');
  if (route.kind === 'health' || route.kind === 'ready')
    return { status: 200, json: { status: 'OK', version: '4.0.0' } };
  const acts = ACTS[route.kind];
  const chosen = Object.hasOwn(acts, method) ? acts[method] : undefined;
  if (!chosen) throw new Refusal('MethodNotAllowedError', 'Method not allowed');
  const holder = await authorize(headers.authorization, method, keys);
  if (holder.admits && !holder.admits()) throw new Refusal('TooManyRequestsError', 'Rate limit exceeded');
  const { publicKey } = holder;
  try {
    const answered = await chosen(request, holder, route);
    return { ...answered, use: answered.use && { publicKey, ...answered.use } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return {
      status: error.status,
      json: { message: error.message, error: error.detail },
      use: { publicKey, prompt: 'name' in route ? route.name : undefined, refusal: error.message },
    };
  }
}

interface Wanted {
  readonly name: string;
  readonly version?: number;
  readonly label?: string;
}

/** Version 0 and an empty label are none, as in Langfuse. */
function readWanted(name: string, query: QueryReader): Wanted {
  const version = query.integer('version') || undefined;
  const label = query.text('label') || undefined;
  return { name, version, label };
}

function refuseBoth({ version, label }: Wanted): void {
  if (version !== undefined && label !== undefined)
    throw new Refusal('InvalidRequestError', 'Cannot specify both version and label');
}

async function get({ query }: LangfuseRequest, holder: KeyHolder, route: Route): Promise<Answered> {
  const reader = new QueryReader(query);
  const wanted = readWanted((route as { name: string }).name, reader);
  const resolves = reader.oneOf('resolve', ['true', 'false']) !== 'false';
  reader.done();
  refuseBoth(wanted);
  const { name, version, label = PRODUCTION } = wanted;
  const which = version === undefined ? `label '${label}'` : `version ${version}`;
  return find(wanted, holder, resolves, `Prompt not found: '${name}' with ${which}`);
}

/** A name may end in `/versions/3`; Langfuse itself has nothing to get there. */
async function getByWholePath(request: LangfuseRequest, holder: KeyHolder, route: Route): Promise<Answered> {
  const { name, version } = route as { name: string; version: number };
  const whole = `${name}/versions/${version}`;
  if ((await holder.pointers.standings(whole, 'all')).length === 0)
    throw new Refusal('MethodNotAllowedError', 'Method not allowed');
  return get(request, holder, { kind: 'prompt', name: whole });
}

/** The first protocol knows no labels, and always resolves. */
async function getLegacy({ query }: LangfuseRequest, holder: KeyHolder): Promise<Answered> {
  const reader = new QueryReader(query);
  const name = reader.require('name');
  const version = reader.integer('version') || undefined;
  reader.done();
  return find({ name, version }, holder, true, 'Prompt not found');
}

async function find(wanted: Wanted, holder: KeyHolder, resolves: boolean, notFound: string): Promise<Answered> {
  const { name, version, label: written = PRODUCTION } = wanted;
  const { pointers, contents } = holder;
  const label = pointers.spelling?.(name, written) ?? written;
  const standings = await pointers.standings(name, version === undefined ? 'labelled' : 'all');
  const standing = standings.find((one) =>
    version === undefined ? one.labels.includes(label) : one.version === version,
  );
  const row = standing && (await contents.read(name, standing.version));
  if (!row) throw new Refusal('LangfuseNotFoundError', notFound);
  const { prompt, graph } =
    resolves && contents.composes ? await composed(row, holder) : { prompt: row.prompt, graph: null };
  const json = { ...wireRow({ ...row, prompt }, standing.labels), resolutionGraph: graph };
  return {
    status: 200,
    json,
    use: { prompt: name, label: version === undefined ? label : undefined, version: row.version },
  };
}

async function composed(row: PromptRow, holder: KeyHolder) {
  try {
    return await resolvePrompt(row, holder);
  } catch (error) {
    if (!(error instanceof CannotResolve)) throw error;
    throw new Refusal('LangfuseConflictError', error.message);
  }
}

/**
 * A project is its own organization here, and has to have one: without it, the Python client's `auth_check` throws.
 * https://github.com/langfuse/langfuse/issues/11826
 */
async function projects(_: LangfuseRequest, { project }: KeyHolder): Promise<Answered> {
  return { status: 200, json: { data: [{ ...project, organization: project, metadata: {} }] }, use: {} };
}

async function list({ query }: LangfuseRequest, { pointers, contents }: KeyHolder): Promise<Answered> {
  const json = await listPrompts(readListQuery(new QueryReader(query)), pointers, contents);
  return { status: 200, json, use: {} };
}

async function create({ body }: LangfuseRequest, { writes }: KeyHolder, protocol: 'v1' | 'v2'): Promise<Answered> {
  const request = readCreateRequest(readJson(body), protocol);
  const labels = request.isActive ? [...request.labels, PRODUCTION] : request.labels;
  const { row, labels: standing, changed } = await writes.create({ ...request, labels });
  return { status: changed ? 201 : 200, json: wireRow(row, standing), use: { prompt: row.name, version: row.version } };
}

async function label({ body }: LangfuseRequest, { writes }: KeyHolder, route: Route): Promise<Answered> {
  const { name, version } = route as { name: string; version: number };
  const labels = readLabelRequest(readJson(body));
  const { row, labels: standing } = await writes.label(name, version, labels);
  return { status: 200, json: wireRow(row, standing), use: { prompt: name, version } };
}

async function remove({ query }: LangfuseRequest, { writes }: KeyHolder, route: Route): Promise<Answered> {
  const reader = new QueryReader(query);
  const wanted = readWanted((route as { name: string }).name, reader);
  reader.done();
  refuseBoth(wanted);
  await writes.remove(wanted.name, wanted);
  return { status: 204, use: { prompt: wanted.name } };
}

/** Events of clients before version 5; each is acknowledged, none is kept. */
async function takeEvents({ body }: LangfuseRequest, { writes }: KeyHolder): Promise<Answered> {
  refuseTraces(writes.takesTraces);
  const { batch } = (readJson(body) ?? {}) as { batch?: unknown };
  if (!Array.isArray(batch)) throw new Refusal('InvalidRequestError', 'Invalid request data');
  const successes = batch.map((event) => ({ id: (event as { id?: unknown } | null)?.id ?? 'unknown', status: 201 }));
  return { status: 207, json: { successes, errors: [] } };
}

async function takeSpans(_: LangfuseRequest, { writes }: KeyHolder): Promise<Answered> {
  refuseTraces(writes.takesTraces);
  return { status: 200, json: {} };
}

function refuseTraces(takesTraces: boolean): void {
  if (!takesTraces)
    throw new Refusal('LangfuseNotFoundError', 'This address serves prompts only: send traces to your Langfuse server');
}

function readJson(body: string | undefined): unknown {
  if (!body) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    throw new Refusal('InvalidRequestError', 'Invalid request data', 'Invalid JSON');
  }
}
