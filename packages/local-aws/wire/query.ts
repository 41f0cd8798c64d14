import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { AwsError } from '../aws-error';
import { escapeXml } from './escape-xml';
import type { WireRequest, WireResponse } from './message';
import type { OperationSchema } from './operation-schema';
import { queryRefusals } from './refusals';
import type { Match, WireProtocol } from './wire-protocol';

type Tree = { [key: string]: Tree | string };

/** AWS Query: form fields in, XML out. STS, IAM, CloudFormation. */
export class Query implements WireProtocol {
  readonly refusals = queryRefusals;
  private readonly settings;

  constructor(private readonly namespace: string) {
    // 5 is the SDK's number for date-time stamps, this protocol's default.
    const timestampFormat = { useTrait: true, default: 5 as const };
    this.settings = { timestampFormat, httpBindings: false, xmlNamespace: namespace, serviceNamespace: namespace };
  }

  match(operations: Map<string, OperationSchema>, request: WireRequest): Match | undefined {
    const schema = operations.get(new URLSearchParams(Buffer.from(request.body).toString()).get('Action') ?? '');
    return schema && { schema, labels: {} };
  }

  async read({ schema }: Match, request: WireRequest) {
    const tree: Tree = {};
    for (const [name, value] of new URLSearchParams(Buffer.from(request.body).toString())) {
      plant(tree, name.split('.'), value);
    }
    // Lists come as `X.member.1`: with the numbers folded into arrays this is the tree that the XML reader knows.
    const value = new XmlShapeDeserializer(this.settings as never).readSchema(schema[4] as never, folded(tree));
    return (value ?? {}) as Record<string, unknown>;
  }

  async write(schema: OperationSchema, output: object, requestId: string): Promise<WireResponse> {
    const name = schema[2];
    const ns = NormalizedSchema.of(schema[5] as never);
    let result = '';
    if (ns.isStructSchema()) {
      const serializer = new XmlShapeSerializer(this.settings as never) as unknown as {
        writeStruct(
          ns: NormalizedSchema,
          value: object,
          xmlns: undefined,
        ): { withName(name: string): { toString(): string } };
      };
      result = serializer.writeStruct(ns, output, undefined).withName(`${name}Result`).toString();
    }
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    return this.xml(
      200,
      `<${name}Response xmlns="${this.namespace}">${result}${metadata}</${name}Response>`,
      requestId,
    );
  }

  writeError(error: AwsError, requestId: string): WireResponse {
    const type = error.status < 500 ? 'Sender' : 'Receiver';
    const detail = `<Error><Type>${type}</Type><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message></Error>`;
    const body = `<ErrorResponse xmlns="${this.namespace}">${detail}<RequestId>${requestId}</RequestId></ErrorResponse>`;
    return this.xml(error.status, body, requestId);
  }

  private xml(status: number, body: string, requestId: string): WireResponse {
    return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
  }
}

function plant(tree: Tree, [head = '', ...rest]: string[], value: string): void {
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const below = tree[head];
  const branch: Tree = typeof below === 'object' ? below : {};
  tree[head] = branch;
  plant(branch, rest, value);
}

function folded(tree: Tree | string): unknown {
  if (typeof tree === 'string') {
    return tree;
  }
  const keys = Object.keys(tree);
  if (keys.length > 0 && keys.every((key) => /^\d+$/.test(key))) {
    return keys.sort((a, b) => Number(a) - Number(b)).map((key) => folded(tree[key] as Tree | string));
  }
  return Object.fromEntries(keys.map((key) => [key, folded(tree[key] as Tree | string)]));
}
