import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { CONTENT_VALUE } from '../../core/content/content-value';

export interface ContentWithValues {
  /** JSON of the content, in which a text that only the deployment knows is `{"cdk-prompt-registry:value": 0}`. */
  readonly json: string;
  readonly values: unknown[];
}

/**
 * A content with tokens as properties of a custom resource. Texts go next to the JSON, not into it: CloudFormation puts
 * values in as they are, and a quote, a backslash or a line break would break the JSON or change what it says. Numbers
 * stay, because next to it they would arrive as texts.
 */
export function contentWithValues(scope: IConstruct, content: unknown): ContentWithValues {
  const stack = Stack.of(scope);
  const values: unknown[] = [];
  // CloudFormation takes AWS::NoValue out of a list, and what comes after it would move up: in a list of its own it cannot.
  const text = (value: unknown) => ({ [CONTENT_VALUE]: values.push(mayBeNoValue(value) ? [value] : value) - 1 });
  const withoutTexts = (value: unknown): unknown => {
    if (typeof value === 'string') return value.includes('{{resolve:') ? text(value) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(withoutTexts);
    if (isIntrinsic(value)) return isText(stack, value) ? text(value) : value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutTexts(member)]));
  };
  const skeleton = withoutTexts(content);
  return { json: stack.toJsonString(skeleton), values };
}

/** CloudFormation reads every object with such a single key as a call, wherever it stands. */
export function isIntrinsic(value: object): boolean {
  const [key, ...others] = Object.keys(value);
  return others.length === 0 && key !== undefined && (key === 'Ref' || key.startsWith('Fn::'));
}

/** CDK knows what a token stands for, and shows it by the quotes around it. */
function isText(stack: Stack, value: object): boolean {
  return JSON.stringify(stack.resolve(stack.toJsonString(value))).startsWith('{"Fn::Join":["",["\\"');
}

function mayBeNoValue(value: unknown): boolean {
  return JSON.stringify(value).includes('"AWS::NoValue"');
}
