import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli-error';
import { ExitCode } from '../exit-code';
import type { LangfuseRow } from './langfuse-version';

export interface ListedPrompt {
  readonly name: string;
  readonly versions: readonly number[];
  readonly labels?: readonly string[];
}

/** An item of a dataset, as far as a case is made of it. */
export interface DatasetItem {
  readonly id?: string;
}

interface ListMeta {
  readonly totalPages?: number;
  readonly totalItems?: number;
}

/** Langfuse's public API, as far as prompts come from there and go there, and the items of datasets come. */
export class LangfuseApi {
  private readonly authorization: string;

  constructor(
    private readonly baseUrl: string,
    { publicKey, secretKey }: { readonly publicKey: string; readonly secretKey: string },
  ) {
    this.authorization = `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
  }

  /** @throws CliError */
  static from(url: string | undefined, env: NodeJS.ProcessEnv): LangfuseApi {
    const { LANGFUSE_PUBLIC_KEY: publicKey, LANGFUSE_SECRET_KEY: secretKey } = env;
    const baseUrl = url ?? env.LANGFUSE_BASE_URL ?? env.LANGFUSE_HOST;
    if (!baseUrl || !/^https?:\/\/[^\s/]/.test(baseUrl)) {
      const what = baseUrl ? `${baseUrl} is no address` : 'no address of a Langfuse server';
      throw new CliError({ what, fix: 'say it with --url https://…, or in LANGFUSE_BASE_URL' }, ExitCode.Usage);
    }
    if (publicKey && secretKey) return new LangfuseApi(baseUrl.replace(/\/+$/, ''), { publicKey, secretKey });
    const fix = 'put a pair of keys into LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY; nothing is written there';
    throw new CliError({ what: `no keys for ${baseUrl}`, fix }, ExitCode.NotAllowed);
  }

  async prompts(): Promise<ListedPrompt[]> {
    return (await this.list<ListedPrompt>(PROMPTS, 'prompts')).found;
  }

  /**
   * Items of a dataset, archived ones too, each once: another that is made meanwhile pushes one onto the next page.
   *
   * @see https://api.reference.langfuse.com/#tag/datasetitems/GET/api/public/dataset-items
   * @throws CliError where there is no such dataset, or where it changed while it was read
   */
  async datasetItems(name: string, say: (doing: string) => void): Promise<readonly DatasetItem[]> {
    const datasets = '/api/public/v2/datasets';
    if ((await this.get(`${datasets}/${encodeURIComponent(name)}`, true)) === undefined) {
      const names = (await this.list<{ readonly name: string }>(datasets, 'datasets')).found.map((one) => one.name);
      const fix = names.length > 0 ? `datasets there: ${names.sort().join(', ')}` : 'it has no datasets yet';
      throw new CliError({ what: `${this.baseUrl} has no dataset ${name}`, fix });
    }
    const path = `/api/public/dataset-items?datasetName=${encodeURIComponent(name)}`;
    const { found, total } = await this.list<DatasetItem>(path, 'items', say);
    const items = [...new Map(found.map((item, index) => [item.id ?? `#${index}`, item])).values()];
    if (total !== undefined && items.length < total) {
      const why = `it says ${total} items, and gave ${items.length}`;
      throw new CliError({ what: `dataset ${name} changed while it was read`, why, fix: 'run the same command again' });
    }
    return items;
  }

  private async list<Entry>(path: string, what: string, say: (doing: string) => void = () => {}) {
    const found: Entry[] = [];
    let total: number | undefined;
    for (let page = 1, pages = 1; page <= pages; page++) {
      const { data, meta, pagination } = (await this.get(
        `${path}${path.includes('?') ? '&' : '?'}limit=100&page=${page}`,
      )) as {
        data?: Entry[];
        meta?: ListMeta;
        pagination?: ListMeta;
      };
      if (!Array.isArray(data)) throw this.unexpected(`its list of ${what} holds no data`);
      found.push(...data);
      pages = meta?.totalPages ?? pagination?.totalPages ?? 1;
      total = meta?.totalItems;
      say(`reading ${what}: page ${page} of ${pages}`);
    }
    return { found, total };
  }

  /** Undefined where it is gone; a text where the server cannot put it together. */
  async version(name: string, version: number, resolve: boolean): Promise<LangfuseRow | string | undefined> {
    const path = `${PROMPTS}/${encodeURIComponent(name)}?version=${version}${resolve ? '' : '&resolve=false'}`;
    const row = (await this.get(path, true)) as LangfuseRow | string | undefined;
    if (row === undefined || typeof row === 'string') return row;
    if (row.name !== name || row.version !== version)
      throw this.unexpected(`asked for ${name} version ${version}, it answered another`);
    return row;
  }

  /** The version that a label stands on; undefined where there is none. */
  async labelled(name: string, label: string): Promise<number | undefined> {
    const path = `${PROMPTS}/${encodeURIComponent(name)}?label=${encodeURIComponent(label)}&resolve=false`;
    return ((await this.get(path, true)) as LangfuseRow | undefined)?.version;
  }

  /** Makes a version and answers its number. Not tried again: nobody could say whether the first one arrived. */
  async create(body: { readonly name: string }): Promise<number> {
    const { version } = (await this.write('POST', '', body)) as { version?: number };
    if (typeof version !== 'number') throw this.unexpected(`it answers no version for ${body.name}`);
    return version;
  }

  async label(name: string, version: number, newLabels: readonly string[]): Promise<void> {
    await this.write('PATCH', `/${encodeURIComponent(name)}/versions/${version}`, { newLabels });
  }

  private async write(method: string, path: string, body: object): Promise<unknown> {
    const headers = { authorization: this.authorization, 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const request = { method, headers, body: JSON.stringify(body), signal };
    const response = await fetch(`${this.baseUrl}${PROMPTS}${path}`, request).catch((cause: Error) => {
      throw new CliError({ what: `${this.baseUrl} did not answer`, why: cause.message, fix: RESUME }, undefined, {
        cause,
      });
    });
    if (response.ok) return this.json(response);
    const { message = '' } = (await response.json().catch(() => ({}))) as { message?: string };
    throw this.failure(response.status, message);
  }

  /** @param mayLack whether undefined is answered for what is not there */
  private async get(path: string, mayLack = false): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.ask(path);
      const { status } = response;
      if (status === 200) return this.json(response);
      if (status === 404 && mayLack) return undefined;
      const { message = '' } = (await response.json().catch(() => ({}))) as { message?: string };
      if (status === 409) return message;
      if (attempt < ATTEMPTS && (status === 429 || status >= 500)) {
        await sleep(waitFor(response, attempt));
        continue;
      }
      throw this.failure(status, message);
    }
  }

  private async ask(path: string): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      try {
        const headers = { authorization: this.authorization };
        const signal = AbortSignal.timeout(PATIENCE_MS);
        return await fetch(`${this.baseUrl}${path}`, { headers, signal });
      } catch (cause) {
        if (attempt < ATTEMPTS) {
          await sleep(200 * attempt);
          continue;
        }
        const { message, cause: inner } = cause as Error & { cause?: Error };
        const parts = { what: `${this.baseUrl} did not answer`, why: inner?.message || message, fix: RESUME };
        throw new CliError(parts, undefined, { cause });
      }
    }
  }

  private async json(response: Response): Promise<unknown> {
    try {
      return await response.json();
    } catch (cause) {
      throw this.unexpected(`what it answered is no JSON: ${(cause as Error).message}`);
    }
  }

  private failure(status: number, message: string): CliError {
    const what = `${this.baseUrl} answered ${status}`;
    if (status === 401 || status === 403) {
      const fix = 'give a pair of keys of the project in LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY';
      return new CliError({ what, why: message, fix }, ExitCode.NotAllowed);
    }
    return new CliError({ what, why: message, fix: fixOf(status) });
  }

  private unexpected(why: string): CliError {
    return new CliError({ what: `${this.baseUrl} does not answer as Langfuse does`, why, fix: IS_LANGFUSE });
  }
}

const PROMPTS = '/api/public/v2/prompts';
const ATTEMPTS = 4;
const PATIENCE_MS = 60_000;
const IS_LANGFUSE = 'is it a Langfuse server of version 3 or later? --url is its address without /api';
const RESUME = 'run the same command again: what is done already is not done twice';

/** What it refuses once it refuses again. */
function fixOf(status: number): string {
  if (status === 429 || status >= 500) return RESUME;
  return status === 404 || status === 405 ? IS_LANGFUSE : `mend what it names, then ${RESUME}`;
}

function waitFor(response: Response, attempt: number): number {
  const seconds = Number(response.headers.get('retry-after'));
  return Math.min(Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 300 * 2 ** attempt, 30_000);
}
