import type { Parameter } from '@aws-sdk/client-cloudformation';
import { notImplemented } from '../aws-error';
import type { StackParameter } from './stack-target';
import type { ParameterDefinition, Template } from './template';
import { validationError } from './validation-error';

const ssmString = 'AWS::SSM::Parameter::Value<String>';
const types = ['String', 'Number', 'CommaDelimitedList', 'List<Number>', ssmString];

/** Reads an SSM parameter's value as the caller; undefined when there is none. */
export type SsmReader = (name: string) => Promise<string | undefined>;

/**
 * The values that a template's parameters take: those given, those the stack has (`UsePreviousValue`), defaults.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
export async function parameterValues(
  template: Template,
  given: readonly Parameter[],
  previous: readonly StackParameter[],
  readSsm: SsmReader,
): Promise<StackParameter[]> {
  const definitions = template.Parameters ?? {};
  const surplus = given.map(({ ParameterKey = '' }) => ParameterKey).filter((key) => !(key in definitions));
  if (surplus.length > 0) {
    throw validationError(`Parameters: [${surplus.join(', ')}] do not exist in the template`);
  }
  const texts = new Map<string, string>();
  for (const [key, definition] of Object.entries(definitions)) {
    const text = textFor(key, definition, given, previous);
    if (text !== undefined) {
      texts.set(key, text);
    }
  }
  const missing = Object.keys(definitions).filter((key) => !texts.has(key));
  if (missing.length > 0) {
    throw validationError(`Parameters: [${missing.join(', ')}] must have values`);
  }
  return Promise.all(
    [...texts].map(([key, text]) => value(key, definitions[key] as ParameterDefinition, text, readSsm)),
  );
}

function textFor(
  key: string,
  definition: ParameterDefinition,
  given: readonly Parameter[],
  previous: readonly StackParameter[],
): string | undefined {
  const entry = given.find(({ ParameterKey }) => ParameterKey === key);
  if (entry?.UsePreviousValue) {
    const before = previous.find(({ ParameterKey }) => ParameterKey === key);
    if (!before) {
      throw validationError(
        `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
      );
    }
    return before.ParameterValue;
  }
  return entry?.ParameterValue ?? (definition.Default === undefined ? undefined : String(definition.Default));
}

async function value(
  key: string,
  definition: ParameterDefinition,
  text: string,
  readSsm: SsmReader,
): Promise<StackParameter> {
  const { Type } = definition;
  if (!types.includes(Type)) {
    throw notImplemented(`the parameter type ${Type} (${key})`);
  }
  const isSecret = String(definition.NoEcho) === 'true';
  const base = { ParameterKey: key, ParameterValue: text, isSecret };
  if (Type === ssmString) {
    const resolved = await readSsm(text);
    if (resolved === undefined) {
      throw validationError(`Unable to fetch parameters [${text}] from parameter store for this account.`);
    }
    return { ...base, value: resolved, ResolvedValue: resolved };
  }
  const isList = Type === 'CommaDelimitedList' || Type === 'List<Number>';
  const items = isList ? (text === '' ? [] : text.split(',').map((item) => item.trim())) : [text];
  for (const item of items) {
    check(key, definition, item);
  }
  return { ...base, value: isList ? items : text };
}

function check(key: string, definition: ParameterDefinition, text: string): void {
  const { AllowedPattern, AllowedValues, ConstraintDescription, MinLength, MaxLength } = definition;
  const fail = (what: string) => {
    throw validationError(
      ConstraintDescription ? `Parameter ${key} failed to satisfy constraint: ${ConstraintDescription}` : what,
    );
  };
  const isNumber = definition.Type.includes('Number');
  if (isNumber && (text.trim() === '' || Number.isNaN(Number(text)))) {
    throw validationError(`Parameter '${key}' must be a number.`);
  }
  if (AllowedValues && !AllowedValues.map(String).includes(text)) {
    fail(`Parameter '${key}' must be one of AllowedValues`);
  }
  // The pattern must match the whole value.
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(text)) {
    fail(`Parameter '${key}' must match pattern ${AllowedPattern}`);
  }
  if (text.length < Number(MinLength ?? 0)) {
    fail(`Parameter '${key}' must contain at least ${MinLength} characters`);
  }
  if (text.length > Number(MaxLength ?? Number.POSITIVE_INFINITY)) {
    fail(`Parameter '${key}' must contain at most ${MaxLength} characters`);
  }
  if (isNumber) {
    checkRange(key, definition, Number(text), fail);
  }
}

function checkRange(
  key: string,
  { MinValue, MaxValue }: ParameterDefinition,
  value: number,
  fail: (what: string) => void,
): void {
  if (value < Number(MinValue ?? Number.NEGATIVE_INFINITY)) {
    fail(`Parameter '${key}' must be a number not less than ${MinValue}`);
  }
  if (value > Number(MaxValue ?? Number.POSITIVE_INFINITY)) {
    fail(`Parameter '${key}' must be a number not greater than ${MaxValue}`);
  }
}
