import { type Document, isCollection, isScalar, Pair, parseDocument, visit, YAMLMap } from 'yaml';
import { CliError } from './cli-error';

export interface StackTemplate {
  readonly Parameters?: Readonly<Record<string, { readonly NoEcho?: unknown }>>;
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly [section: string]: unknown;
}

export interface TemplateResource {
  readonly Type?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/**
 * Reads a template as CloudFormation keeps it: JSON or YAML, as it was deployed.
 *
 * In YAML every scalar is a text, as CloudFormation hands it to a custom resource, and `!Ref x` is `{Ref: x}`.
 *
 * @throws CliError
 */
export function readStackTemplate(body: string): StackTemplate {
  // JSON is YAML as well, but a template of a megabyte takes a YAML parser seconds.
  if (body.trimStart().startsWith('{')) {
    try {
      return JSON.parse(body);
    } catch {
      // YAML may begin with a brace, too.
    }
  }
  const document = parseDocument(body, { schema: 'failsafe', logLevel: 'silent' });
  const [error] = document.errors;
  if (error) throw new CliError({ what: "the stack's template cannot be read", why: error.message });
  writeLongForms(document);
  return document.toJS() ?? {};
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
function writeLongForms(document: Document): void {
  visit(document, (_, node) => {
    if (!(isScalar(node) || isCollection(node)) || !/^![A-Za-z]/.test(node.tag ?? '')) return undefined;
    const short = node.tag?.slice(1) ?? '';
    node.tag = undefined;
    const long = new YAMLMap();
    long.add(new Pair(short === 'Ref' || short === 'Condition' ? short : `Fn::${short}`, node));
    return long;
  });
}
