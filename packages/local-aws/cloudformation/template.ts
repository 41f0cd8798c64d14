import { type Document, isCollection, isScalar, Pair, parseDocument, visit, YAMLMap } from 'yaml';
import { notImplemented } from '../aws-error';
import { validationError } from './validation-error';

export interface Template {
  readonly Description?: string;
  readonly Parameters?: Record<string, ParameterDefinition>;
  readonly Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  readonly Conditions?: Record<string, unknown>;
  readonly Rules?: Record<string, RuleDefinition>;
  readonly Resources: Record<string, ResourceDefinition>;
  readonly Outputs?: Record<string, OutputDefinition>;
}

export interface ParameterDefinition {
  readonly Type: string;
  readonly Default?: unknown;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: readonly unknown[];
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
  readonly ConstraintDescription?: string;
  readonly Description?: string;
  readonly NoEcho?: boolean | string;
}

export interface RuleDefinition {
  readonly RuleCondition?: unknown;
  readonly Assertions: readonly { readonly Assert: unknown; readonly AssertDescription?: string }[];
}

export interface ResourceDefinition {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: RemovalPolicy;
  readonly UpdateReplacePolicy?: RemovalPolicy;
  readonly Metadata?: unknown;
}

export interface OutputDefinition {
  readonly Value: unknown;
  readonly Description?: string;
  readonly Condition?: string;
  readonly Export?: { readonly Name: unknown };
}

export type RemovalPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

const sections = 'AWSTemplateFormatVersion Description Metadata Parameters Mappings Conditions Rules Resources Outputs';
const attributes = 'Type Properties DependsOn Condition DeletionPolicy UpdateReplacePolicy Metadata Description';
const MOST_DYNAMIC_REFERENCES = 60;
const DEEPEST = 500;
/** JSON is read as YAML is, which knows these characters as escapes only: https://yaml.org/spec/1.1/#c-printable */
const UNPRINTABLE = /[^\t\n\r\x20-\x7E\x85\xA0-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const policies = ['Delete', 'Retain', 'RetainExceptOnCreate'];

/** Reads a template, JSON or YAML. */
export function parseTemplate(body: string): Template {
  if (UNPRINTABLE.test(body)) {
    throw validationError('Template contains invalid characters');
  }
  const document = parseDocument(body, { schema: 'core', logLevel: 'silent' });
  writeLongForms(document);
  const [error] = document.errors;
  const template = error ? undefined : document.toJS();
  if (typeof template !== 'object' || template === null || Array.isArray(template)) {
    throw validationError(`Template format error: ${error?.message ?? 'unsupported structure.'}`);
  }
  refuseNulls(template, []);
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
  if (body.split('{{resolve:').length - 1 > MOST_DYNAMIC_REFERENCES) {
    throw validationError(`Template may not have more than ${MOST_DYNAMIC_REFERENCES} dynamic references`);
  }
  for (const section of Object.keys(template)) {
    if (!sections.split(' ').includes(section)) {
      throw notImplemented(`template section ${section}`);
    }
  }
  const resources = Object.entries(template.Resources ?? {}) as [string, ResourceDefinition][];
  if (resources.length === 0) {
    throw validationError('Template format error: At least one Resources member must be defined.');
  }
  for (const [logicalId, resource] of resources) {
    if ([resource.DependsOn ?? []].flat().some((name) => typeof name !== 'string')) {
      throw validationError('Template format error: DependsOn must be a string or list of strings.');
    }
    checkResource(logicalId, resource, template);
  }
  return template;
}

/** Nowhere, free JSON included; below a resource its properties stand under `Type`: aws/aws-cdk#8660. */
function refuseNulls(value: unknown, path: readonly string[]): void {
  if (value === null) {
    throw validationError(`[/${path.join('/')}] 'null' values are not allowed in templates`);
  }
  if (typeof value !== 'object') return;
  // An alias within what it names has no end.
  if (path.length > DEEPEST) throw validationError('Template format error: unsupported structure.');
  for (const [name, member] of Object.entries(value as object)) {
    const isProperties = path.length === 2 && path[0] === 'Resources' && name === 'Properties';
    refuseNulls(member, [...path, isProperties ? 'Type' : name]);
  }
}

/**
 * `!Ref x` is `{Ref: x}`, `!GetAtt a.b` is `{Fn::GetAtt: [a, b]}`, and so on.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
function writeLongForms(document: Document): void {
  visit(document, (_, node) => {
    if (!(isScalar(node) || isCollection(node)) || !/^![A-Za-z]/.test(node.tag ?? '')) {
      return undefined;
    }
    const short = node.tag?.slice(1) ?? '';
    node.tag = undefined;
    const long = new YAMLMap();
    long.add(new Pair(short === 'Ref' || short === 'Condition' ? short : `Fn::${short}`, node));
    return long;
  });
}

function checkResource(logicalId: string, resource: ResourceDefinition, template: Template): void {
  if (!/^[A-Za-z0-9]+$/.test(logicalId)) {
    throw validationError(`Template format error: Resource name ${logicalId} is non alphanumeric.`);
  }
  for (const name of Object.keys(resource)) {
    if (!attributes.split(' ').includes(name)) {
      throw notImplemented(`resource attribute ${name} (${logicalId})`);
    }
  }
  if (typeof resource.Type !== 'string') {
    throw validationError(
      `Template format error: [/Resources/${logicalId}] Every Resources object must contain a Type.`,
    );
  }
  for (const policy of [resource.DeletionPolicy ?? 'Delete', resource.UpdateReplacePolicy ?? 'Delete']) {
    if (!policies.includes(policy)) {
      throw notImplemented(`removal policy ${policy} (${logicalId})`);
    }
  }
  if (resource.Condition !== undefined && template.Conditions?.[resource.Condition] === undefined) {
    throw validationError(
      `Template format error: Unresolved condition dependency ${resource.Condition} in the Resources block of the template`,
    );
  }
}

/** The capabilities that a template's resources call for, the stronger one only. */
export function requiredCapabilities(template: Template): ('CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM')[] {
  const iam = Object.values(template.Resources).filter(({ Type }) =>
    ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].includes(Type),
  );
  if (iam.some(({ Properties = {} }) => 'RoleName' in Properties || 'ManagedPolicyName' in Properties)) {
    return ['CAPABILITY_NAMED_IAM'];
  }
  return iam.length > 0 ? ['CAPABILITY_IAM'] : [];
}
