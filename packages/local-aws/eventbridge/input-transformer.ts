import { AwsError, notImplemented } from '../aws-error';

/** How a target's input is made of an event. */
export interface InputTransformer {
  readonly InputPathsMap?: Readonly<Record<string, string>>;
  readonly InputTemplate: string | undefined;
}

/** Variables that EventBridge fills in itself. */
export type PredefinedVariables = Readonly<Record<'aws.events.rule-arn' | 'aws.events.rule-name', string>>;

const VARIABLE = /<([A-Za-z0-9_.-]+)>/g;
/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html */
const LONGEST_TEMPLATE = 8_192;
const MOST_VARIABLES = 100;

/** Checks a transformer as PutTargets does; throws ValidationException. */
export function checkTransformer({ InputPathsMap: paths = {}, InputTemplate: template = '' }: InputTransformer): void {
  if (template.length < 1 || template.length > LONGEST_TEMPLATE) {
    throw validation(`the template must have 1 to ${LONGEST_TEMPLATE} characters`);
  }
  const names = Object.keys(paths);
  if (names.length > MOST_VARIABLES || names.some((name) => !/^[A-Za-z0-9_-]+$/.test(name) || /^aws\./i.test(name))) {
    throw validation(
      `at most ${MOST_VARIABLES} variables of letters, digits, _ and -, none of them beginning with AWS.`,
    );
  }
  for (const path of Object.values(paths)) {
    steps(path);
  }
  for (const [, name = ''] of template.matchAll(VARIABLE)) {
    if (!(name in paths) && !name.startsWith('aws.events.')) {
      throw validation(`Invalid InputTemplate for target: unknown variable <${name}>`);
    }
  }
  // "For strings, quotes are required": a template is JSON, or lines of it, once its variables have values.
  const filled = template.replace(VARIABLE, (_match, _name, at: number) => (isInString(template, at) ? '' : '0'));
  if (!isJson(filled) && !filled.split('\n').every(isJson)) {
    throw validation('Invalid InputTemplate for target: it is not valid JSON, or lines of it');
  }
}

/**
 * What the target gets, as of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html:
 * values inside a string are put in as they are, without escaping; a path that the event lacks leaves nothing; and the
 * quotes of a template that is a string belong to the output.
 */
export function transformed(transformer: InputTransformer, event: object, predefined: PredefinedVariables): string {
  const { InputPathsMap: paths = {}, InputTemplate: template = '' } = transformer;
  return template.replace(VARIABLE, (_, name: string, at: number) => {
    const path = paths[name];
    const value = path === undefined ? predefinedValue(name, predefined) : valueAt(event, path);
    if (isInString(template, at)) {
      return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    }
    if (value === undefined) {
      throw notImplemented(`an input template with <${name}> outside a string, which the event lacks`);
    }
    return JSON.stringify(value);
  });
}

function predefinedValue(name: string, predefined: PredefinedVariables): string {
  if (name in predefined) {
    return predefined[name as keyof PredefinedVariables];
  }
  throw notImplemented(`the variable <${name}> in an input template`);
}

function isInString(template: string, at: number): boolean {
  const quotes = template.slice(0, at).match(/(?<!\\)"/g) ?? [];
  return quotes.length % 2 === 1;
}

function valueAt(event: unknown, path: string): unknown {
  return steps(path).reduce((value: unknown, step) => {
    const isContainer = typeof value === 'object' && value !== null;
    return isContainer && Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
  }, event);
}

/** `$.detail.requestParameters.names[0]`, as names. */
function steps(path: string): string[] {
  if (!/^\$(\.[\w/-]+|\[\d+\])*$/.test(path)) {
    throw notImplemented(`the JSON path ${path}`);
  }
  return [...path.matchAll(/\.([\w/-]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? index ?? '');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function validation(message: string): AwsError {
  return new AwsError('ValidationException', 400, message);
}
