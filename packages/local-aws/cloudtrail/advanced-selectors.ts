import type { AdvancedEventSelector, AdvancedFieldSelector } from '@aws-sdk/client-cloudtrail';
import { AwsError, notImplemented } from '../aws-error';
import type { CloudTrailRecord } from './cloudtrail-record';

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html */
const fieldsOf = {
  Management: ['eventCategory', 'eventSource', 'readOnly'],
  Data: [
    'eventCategory',
    'eventName',
    'eventSource',
    'readOnly',
    'resources.ARN',
    'resources.type',
    'userIdentity.arn',
  ],
};
const onlyEquals = ['eventCategory', 'readOnly', 'resources.type'];
const leftOutOfManagement = ['kms.amazonaws.com', 'rdsdata.amazonaws.com'];

/*
 * A part of CloudTrail's list. `AWS::Bedrock::Prompt`, which Bedrock's guide names, is refused by CloudTrail itself:
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html has
 * `AWS::Bedrock::PromptVersion`.
 */
const resourceTypes = [
  ...['AWS::S3::Object', 'AWS::Lambda::Function', 'AWS::SNS::Topic', 'AWS::Bedrock::PromptVersion'],
  ...['AgentAlias', 'AsyncInvoke', 'FlowAlias', 'Guardrail', 'InlineAgent', 'KnowledgeBase', 'Model'].map(
    (name) => `AWS::Bedrock::${name}`,
  ),
];

/** Throws InvalidEventSelectorsException as PutEventSelectors does. */
export function checkSelectors(selectors: readonly AdvancedEventSelector[]): void {
  if (selectors.length === 0) {
    throw invalid('Advanced event selectors must not be empty.');
  }
  for (const { FieldSelectors = [] } of selectors) {
    checkSelector(FieldSelectors);
  }
}

function checkSelector(fields: readonly AdvancedFieldSelector[]): void {
  const category = valuesOf(fields, 'eventCategory')[0] ?? '';
  if (category === 'NetworkActivity') {
    throw notImplemented('cloudtrail selectors of network activity');
  }
  if (category !== 'Management' && category !== 'Data') {
    throw invalid('The eventCategory field is required and must be set to Equals Management or Data.');
  }
  for (const field of fields) {
    checkField(field, category);
  }
  const types = valuesOf(fields, 'resources.type');
  if (category === 'Data' && (types.length !== 1 || !resourceTypes.includes(types[0] ?? ''))) {
    throw invalid('The resources.type field value is not valid');
  }
  if (new Set(fields.map(({ Field }) => Field)).size < fields.length) {
    throw invalid('A field can be used only once in a selector.');
  }
}

function checkField(selector: AdvancedFieldSelector, category: keyof typeof fieldsOf): void {
  const { Field = '', ...operators } = selector;
  const used = Object.entries(operators).filter(([, values]) => values !== undefined);
  if (!fieldsOf[category].includes(Field)) {
    throw invalid(`The field ${Field} is not valid for eventCategory ${category}.`);
  }
  if (used.length === 0 || used.some(([, values]) => values?.length === 0)) {
    throw invalid(`The field ${Field} needs an operator with at least one value.`);
  }
  if (onlyEquals.includes(Field) && used.some(([operator]) => operator !== 'Equals')) {
    throw invalid(`The field ${Field} can only be used with the operator Equals.`);
  }
  if (Field === 'readOnly' && !selector.Equals?.every((value) => /^(true|false)$/.test(value))) {
    throw invalid('The readOnly field must be true or false.');
  }
  const isLeftOut = selector.NotEquals?.every((value) => leftOutOfManagement.includes(value));
  if (category === 'Management' && Field === 'eventSource' && !(used.length === 1 && isLeftOut)) {
    throw invalid(
      `The eventSource field of management events takes NotEquals ${leftOutOfManagement.join(' or ')} only.`,
    );
  }
}

function valuesOf(selectors: readonly AdvancedFieldSelector[], field: string): string[] {
  return selectors.filter(({ Field }) => Field === field).flatMap(({ Equals = [] }) => Equals);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidEventSelectorsException', 400, message);
}

/** Whether one of the selectors takes the event: all its fields must. */
export function isSelected(record: CloudTrailRecord, selectors: readonly AdvancedEventSelector[]): boolean {
  return selectors.some(({ FieldSelectors = [] }) => {
    const [type] = valuesOf(FieldSelectors, 'resources.type');
    return FieldSelectors.every((selector) => fieldTakes(selector, fieldValues(record, selector.Field ?? '', type)));
  });
}

function fieldValues(record: CloudTrailRecord, field: string, type: string | undefined): string[] {
  const resources = record.resources ?? [];
  switch (field) {
    case 'resources.type':
      return resources.map((resource) => resource.type);
    case 'resources.ARN':
      return resources.filter((resource) => resource.type === type).map(({ ARN, ARNPrefix }) => ARN ?? ARNPrefix ?? '');
    case 'userIdentity.arn':
      return [record.userIdentity.arn ?? ''];
    default:
      return [String(record[field as 'eventName' | 'eventSource' | 'readOnly' | 'eventCategory'])];
  }
}

/**
 * One of the operators that select must hold, and every one that deselects.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
 */
function fieldTakes(selector: AdvancedFieldSelector, found: readonly string[]): boolean {
  const { Equals, StartsWith, EndsWith, NotEquals, NotStartsWith, NotEndsWith } = selector;
  const any = (wanted: readonly string[] | undefined, test: (value: string, want: string) => boolean) =>
    wanted?.some((want) => found.some((value) => test(value, want))) ?? false;
  const equal = (value: string, want: string) => value === want;
  const starts = (value: string, want: string) => value.startsWith(want);
  const ends = (value: string, want: string) => value.endsWith(want);
  const selects = Equals || StartsWith || EndsWith;
  const isSelectedHere = any(Equals, equal) || any(StartsWith, starts) || any(EndsWith, ends);
  const isDeselected = any(NotEquals, equal) || any(NotStartsWith, starts) || any(NotEndsWith, ends);
  return (!selects || isSelectedHere) && !isDeselected;
}
