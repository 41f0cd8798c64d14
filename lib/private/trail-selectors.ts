import { Stack } from 'aws-cdk-lib';
import type { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import type { Construct } from 'constructs';
import { constructError } from './construct-error';

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html */
const MOST_VALUES = 500;

export interface TrailSelectorsProps {
  readonly managementEvents: boolean;
  readonly promptResourceType: string;
  /** ARNs of prompts; undefined for all of the account. */
  readonly promptArns: readonly string[] | undefined;
  readonly ledgerBucketNames: readonly string[];
  /** Of registries that have a controller of rollouts. */
  readonly controllerArns: readonly string[];
}

/**
 * What a trail writes down. Advanced selectors take the place of the management events that a trail has by itself, so
 * these have a selector of their own.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
 */
export function trailSelectors(scope: Construct, props: TrailSelectorsProps): CfnTrail.AdvancedEventSelectorProperty[] {
  const { promptArns, ledgerBucketNames, controllerArns } = props;
  const { partition } = Stack.of(scope);
  const selectors = [
    ...(props.managementEvents ? [selector('Management events', [equals('eventCategory', 'Management')])] : []),
    selector('Renderings of prompts', [
      ...dataOf(props.promptResourceType),
      // Without the colon before a version: a prompt's id has ten characters, so no other begins with it.
      ...(promptArns === undefined ? [] : [startsWith(promptArns)]),
    ]),
    selector('Objects of ledgers', [
      ...dataOf('AWS::S3::Object'),
      startsWith(ledgerBucketNames.map((bucketName) => `arn:${partition}:s3:::${bucketName}/`)),
    ]),
    // Who halted: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
    ...(controllerArns.length > 0
      ? [selector('Calls of controllers', [...dataOf('AWS::Lambda::Function'), startsWith(controllerArns)])]
      : []),
  ];
  const values = selectors
    .flatMap(({ fieldSelectors }) => fieldSelectors)
    .reduce((sum, field) => sum + (field.equalTo ?? field.startsWith ?? []).length, 0);
  if (values > MOST_VALUES) {
    throw constructError(
      scope,
      'TooManySelectorValues',
      `expected at most ${MOST_VALUES} values in the selectors of a trail, which is what CloudTrail takes, found ${values} for ${promptArns?.length ?? 0} prompts and ${ledgerBucketNames.length} registries: leave prompts out to write down all, or divide them between two trails`,
    );
  }
  return selectors;
}

interface Selector {
  readonly name: string;
  readonly fieldSelectors: CfnTrail.AdvancedFieldSelectorProperty[];
}

function selector(name: string, fieldSelectors: CfnTrail.AdvancedFieldSelectorProperty[]): Selector {
  return { name, fieldSelectors };
}

function dataOf(resourceType: string): CfnTrail.AdvancedFieldSelectorProperty[] {
  return [equals('eventCategory', 'Data'), equals('resources.type', resourceType)];
}

function equals(field: string, value: string): CfnTrail.AdvancedFieldSelectorProperty {
  return { field, equalTo: [value] };
}

function startsWith(arns: readonly string[]): CfnTrail.AdvancedFieldSelectorProperty {
  return { field: 'resources.ARN', startsWith: [...arns] };
}
