import { AwsError } from '../aws-error';
import type { HttpFront } from './http-front';

/** An HTTP API and what belongs to it, each by its id: a stage's is its name. */
export interface HttpApi {
  readonly id: string;
  readonly region: string;
  readonly created: Date;
  settings: Record<string, unknown>;
  readonly children: Readonly<Record<ChildKind, Map<string, Record<string, unknown>>>>;
  readonly front: HttpFront;
}

export const CHILD_KINDS = ['Stage', 'Integration', 'Route'] as const;
export type ChildKind = (typeof CHILD_KINDS)[number];

/** The HTTP APIs of an account. */
export class HttpApis {
  private readonly apis = new Map<string, HttpApi>();

  add(api: HttpApi): void {
    this.apis.set(api.id, api);
  }

  find(id: string | undefined): HttpApi | undefined {
    return this.apis.get(id ?? '');
  }

  /** Throws NotFoundException. */
  get(id: string | undefined): HttpApi {
    return this.find(id) ?? notFound('API', id);
  }

  child(api: HttpApi, kind: ChildKind, id: string | undefined): Record<string, unknown> {
    return api.children[kind].get(id ?? '') ?? notFound(kind.toUpperCase(), id);
  }

  async delete(api: HttpApi): Promise<void> {
    this.apis.delete(api.id);
    await api.front.close();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.apis.values()].map(({ front }) => front.close()));
  }
}

function notFound(kind: string, id: string | undefined): never {
  throw new AwsError('NotFoundException', 404, `Invalid ${kind} identifier specified ${id}`);
}
