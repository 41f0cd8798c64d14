import { randomBytes } from 'node:crypto';
import { Outstanding } from '../outstanding';
import type { SideDoor } from '../server';

const path = '/cloudformation-custom-resource-response/';

/** Hands out the addresses to which custom resources answer. An address takes the first answer; later ones change nothing. */
export class ResponseDesk {
  private readonly waiting = new Map<string, ((body: Uint8Array) => void) | undefined>();

  constructor(
    private readonly endpoint: () => string,
    /** Events on their way to their handlers. */
    readonly deliveries = new Outstanding(),
  ) {}

  open(): { url: string; answer: Promise<Uint8Array>; close: () => void } {
    const token = randomBytes(24).toString('hex');
    const answer = new Promise<Uint8Array>((resolve) => this.waiting.set(token, resolve));
    return { url: `${this.endpoint()}${path}${token}`, answer, close: () => this.waiting.set(token, undefined) };
  }

  /** Where answers come in: not an AWS operation but, in AWS, an upload to a presigned S3 address, which takes any body. */
  readonly door: SideDoor = async (request) => {
    if (!request.path.startsWith(path)) {
      return undefined;
    }
    const token = request.path.slice(path.length);
    if (request.method !== 'PUT' || !this.waiting.has(token)) {
      return { status: 403, headers: {}, body: 'AccessDenied' };
    }
    this.waiting.get(token)?.(request.body);
    this.waiting.set(token, undefined);
    return { status: 200, headers: {}, body: '' };
  };
}
