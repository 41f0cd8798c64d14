import { UNKNOWN } from '../core/audit/bucket-policy';
import { object } from '../core/audit/trail-event';
import type { TemplateResource } from './stack-template';

/** What a stack's references stand for, as far as its list of resources and parameters tells. */
export interface StackFacts {
  readonly stackId: string;
  readonly stackName: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Physical ids by logical id. */
  readonly resources: ReadonlyMap<string, { readonly type: string; readonly physicalId: string }>;
  readonly template: Readonly<Record<string, TemplateResource>>;
}

/**
 * A value of a template as it is deployed. What only CloudFormation knows is `UNKNOWN`.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function resolved(value: unknown, facts: StackFacts): unknown {
  if (Array.isArray(value)) return value.map((one) => resolved(one, facts));
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = ['', undefined], ...more] = Object.entries(value);
  if (more.length === 0 && name === 'Ref') return refTo(String(argument), facts);
  if (more.length === 0 && name.startsWith('Fn::')) return call(name, argument, facts);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, resolved(member, facts)]));
}

/** Logical ids of the resources whose attribute stands anywhere in a value. */
export function attributeOwners(value: unknown, attribute: string): string[] {
  if (typeof value === 'string') {
    return [...value.matchAll(/\$\{([A-Za-z0-9]+)\.([A-Za-z0-9.]+)\}/g)].flatMap(([, id = '', name]) =>
      name === attribute ? [id] : [],
    );
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name !== 'Fn::GetAtt') return attributeOwners(member, attribute);
    const [id, found] = attributeParts(member);
    return found === attribute ? [id] : [];
  });
}

function call(name: string, argument: unknown, facts: StackFacts): unknown {
  if (name === 'Fn::GetAtt') return attributeOf(...attributeParts(argument), facts);
  if (name === 'Fn::Join' && Array.isArray(argument)) {
    const [delimiter, parts] = [String(argument[0]), resolved(argument[1], facts)];
    return Array.isArray(parts) ? parts.map(String).join(delimiter) : UNKNOWN;
  }
  if (name === 'Fn::Sub') {
    const [template, own] = Array.isArray(argument) ? argument : [argument, {}];
    return String(template).replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, reference: string) => {
      if (literal) return `\${${reference}}`;
      const key = reference.trim();
      if (Object.hasOwn(object(own), key)) return String(resolved(object(own)[key], facts));
      return key.includes('.') ? attributeOf(...attributeParts(key), facts) : refTo(key, facts);
    });
  }
  return UNKNOWN;
}

/** `[id, attribute]`, or `id.attribute` as YAML has it. */
function attributeParts(argument: unknown): [string, string] {
  const [id = '', ...attribute] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
  return [id, attribute.join('.')];
}

function refTo(name: string, { stackId, stackName, parameters, resources }: StackFacts): string {
  const [, partition = '', , region = '', account = ''] = stackId.split(':');
  const pseudo = new Map([
    ['AWS::Partition', partition],
    ['AWS::Region', region],
    ['AWS::AccountId', account],
    ['AWS::StackId', stackId],
    ['AWS::StackName', stackName],
    ['AWS::URLSuffix', partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'],
  ]);
  const parameter = parameters.get(name);
  // The value of a NoEcho parameter.
  const known = parameter === undefined || /^\*+$/.test(parameter) ? undefined : parameter;
  return pseudo.get(name) ?? known ?? resources.get(name)?.physicalId ?? UNKNOWN;
}

function attributeOf(id: string, attribute: string, { stackId, resources, template }: StackFacts): string {
  const found = resources.get(id);
  if (found === undefined) return UNKNOWN;
  if (found.type.startsWith('AWS::Bedrock::Guardrail')) return guardrailAttribute(found, attribute, stackId);
  if (attribute !== 'Arn') return UNKNOWN;
  const [, partition, , region, account] = stackId.split(':');
  const { type, physicalId } = found;
  if (type === 'AWS::S3::Bucket') return `arn:${partition}:s3:::${physicalId}`;
  if (type === 'AWS::KMS::Key') return `arn:${partition}:kms:${region}:${account}:key/${physicalId}`;
  if (type !== 'AWS::IAM::Role') return UNKNOWN;
  const { Path = '/' } = template[id]?.Properties ?? {};
  return `arn:${partition}:iam::${account}:role${Path === '/' ? '/' : `/${UNKNOWN}/`}${physicalId}`;
}

/**
 * The physical id of a guardrail is its ARN, that of a version `id|number` or `arn|number`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrock-guardrail.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrock-guardrailversion.html
 */
function guardrailAttribute(
  { physicalId }: { readonly physicalId: string },
  attribute: string,
  stackId: string,
): string {
  const [, partition, , region, account] = stackId.split(':');
  const [, id, version] = /^(?:arn:.+:guardrail\/)?([a-z0-9]+)(?:\|([1-9][0-9]*))?$/.exec(physicalId) ?? [];
  if (id === undefined) return UNKNOWN;
  if (attribute === 'GuardrailArn') return `arn:${partition}:bedrock:${region}:${account}:guardrail/${id}`;
  return (attribute === 'GuardrailId' ? id : attribute === 'Version' ? version : undefined) ?? UNKNOWN;
}
