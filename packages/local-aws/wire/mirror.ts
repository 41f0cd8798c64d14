import { Readable } from 'node:stream';
import { type HttpProtocol, HttpResponse } from '@smithy/core/protocols';
import type { OperationSchema } from './operation-schema';

/*
 * A client writes an operation's input and reads its output; a server does the reverse. Handed a schema with input
 * and output exchanged, the SDK's own protocol classes are the server: no wire format is written by hand.
 */
interface ClientProtocol {
  setSerdeContext(context: object): void;
  serializeRequest(
    schema: never,
    value: never,
    context: never,
  ): Promise<{ headers: Record<string, string>; body?: unknown }>;
  deserializeResponse(schema: never, context: never, response: never): Promise<Record<string, unknown>>;
}

const serdeContext = {
  base64Decoder: (text: string) => Uint8Array.from(Buffer.from(text, 'base64')),
  base64Encoder: (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64'),
  utf8Decoder: (text: string) => Uint8Array.from(Buffer.from(text, 'utf8')),
  utf8Encoder: (bytes: Uint8Array | string) => Buffer.from(bytes).toString('utf8'),
  streamCollector: async (body: unknown) => (body instanceof Uint8Array ? body : new Uint8Array()),
  endpoint: async () => ({ protocol: 'http:', hostname: 'localhost', path: '/' }),
};

export class Mirror {
  private readonly protocol: ClientProtocol;

  constructor(protocol: HttpProtocol) {
    this.protocol = protocol as unknown as ClientProtocol;
    this.protocol.setSerdeContext(serdeContext);
  }

  /** Reads an operation's input out of a request's headers and body; `stream` stands for a body that is bytes, not members. */
  async readInput(schema: OperationSchema, headers: Record<string, string>, body: Uint8Array | 'stream') {
    const [kind, namespace, name, traits, input] = schema;
    const response = new HttpResponse({
      statusCode: 200,
      headers: { ...headers },
      body: body === 'stream' ? Readable.from([]) : body,
    });
    const mirrored = reversed([kind, namespace, name, traits, 'unit', input]);
    const { $metadata: _, ...value } = await this.protocol.deserializeResponse(
      mirrored as never,
      serdeContext as never,
      response as never,
    );
    return value;
  }

  /** Writes an operation's output into headers and body. */
  async writeOutput(schema: OperationSchema, output: object) {
    const [kind, namespace, name, , , outputSchema] = schema;
    const mirrored = reversed([kind, namespace, name, { http: ['POST', '/', 200] }, outputSchema, 'unit']);
    const { headers, body } = await this.protocol.serializeRequest(
      mirrored as never,
      output as never,
      serdeContext as never,
    );
    const written = typeof body === 'string' || body instanceof Uint8Array ? body : '';
    const { 'x-amz-target': _, ...kept } = headers;
    return { headers: kept, body: written };
  }
}

/** The form in which the protocol classes take an operation: an object with named parts. */
function reversed(schema: OperationSchema) {
  const [, namespace, name, traits, input, output] = schema;
  return { namespace, name: `${namespace}#${name}`, traits, input, output };
}
