/** A request as it came over the wire, body read to its end. */
export interface WireRequest {
  readonly method: string;
  /** Path, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
  /** The body as it was sent: of an upload in chunks, with their sizes and signatures. */
  readonly sent: Uint8Array;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
}
