import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import { type AwsError, notImplemented } from '../aws-error';
import { checkShape, missingMembers, WrongShape } from './check-shape';
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
    const schema = operations.get(fieldsOf(request).get('Action') ?? '');
    return schema && { schema, labels: {} };
  }

  unmatched(service: string, request: WireRequest): AwsError {
    const name = fieldsOf(request).get('Action');
    return name ? notImplemented(`${service} ${name}`) : this.refusals.unnamed();
  }

  async read({ schema }: Match, request: WireRequest) {
    const input = this.readFields(schema, fieldsOf(request));
    const missing = missingMembers(schema[4], input);
    if (missing.length > 0 && this.refusals.missing) {
      throw this.refusals.missing(missing);
    }
    return input;
  }

  private readFields(schema: OperationSchema, fields: URLSearchParams): Record<string, unknown> {
    try {
      const tree = branch();
      for (const [name, value] of fields) {
        plant(tree, name.split('.'), value);
      }
      // Lists come as `X.member.1`: with the numbers folded into arrays this is the tree that the XML reader knows.
      const input = NormalizedSchema.of(schema[4] as never);
      const form = folded(tree);
      checkBranches(input, form);
      const value = new XmlShapeDeserializer(this.settings as never).readSchema(schema[4] as never, form) ?? {};
      if (!input.isUnitSchema()) {
        checkShape(input, value);
      }
      return value as Record<string, unknown>;
    } catch (error) {
      const why = error instanceof WrongShape ? error.message : 'Start of structure or map found where not expected.';
      throw this.refusals.malformed(why, 'body');
    }
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

/** The fields of a form; a signed URL carries them in its query. */
function fieldsOf({ query, headers, body }: WireRequest): URLSearchParams {
  const isForm = /^application\/x-www-form-urlencoded/i.test(headers['content-type'] ?? '');
  return new URLSearchParams([...query, ...new URLSearchParams(isForm ? Buffer.from(body).toString() : '')]);
}

/** Without a prototype: fields may be called `__proto__`. */
function branch(): Tree {
  return Object.create(null);
}

function plant(tree: Tree, [head = '', ...rest]: string[], value: string): void {
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const below = tree[head];
  const next = typeof below === 'object' ? below : branch();
  tree[head] = next;
  plant(next, rest, value);
}

/** The XML reader takes a text where a structure belongs for an empty one. */
function checkBranches(schema: NormalizedSchema, value: unknown): void {
  const isBranch = typeof value === 'object' && value !== null;
  if ((schema.isStructSchema() || schema.isListSchema()) && !isBranch && value !== '') {
    throw new WrongShape('Unexpected list element termination');
  }
  for (const [below, part] of isBranch ? branchesOf(schema, value as Record<string, unknown>) : []) {
    checkBranches(below, part);
  }
}

function branchesOf(
  schema: NormalizedSchema,
  value: Record<string, unknown>,
): (readonly [NormalizedSchema, unknown])[] {
  if (schema.isStructSchema()) {
    const members = [...schema.structIterator()].map(([name, member]) => [member, value[name]] as const);
    return members.filter(([, part]) => part !== undefined);
  }
  const entries = schema.isListSchema() && Array.isArray(value.member) ? value.member : [];
  return entries.map((entry) => [schema.getValueSchema(), entry]);
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
