import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { NO_VERSION } from '../../core/contract/no-version';
import { VERSION_ARN_PATTERN } from '../../core/contract/version-arn';
import { type FrozenIdentity, freezeLogicalId } from './frozen-logical-id';
import type { ReleaseRecord } from './release-record';

export interface AliasParameterProps {
  readonly identity: FrozenIdentity;
  readonly parameterName: string;
  readonly record: ReleaseRecord;
}

/** The alias itself: a native SSM parameter whose value is what the record says, so that CloudFormation moves and restores it. */
export class AliasParameter extends CfnParameter {
  constructor(scope: Construct, id: string, { identity, parameterName, record }: AliasParameterProps) {
    super(scope, id, {
      name: parameterName,
      type: 'String',
      value: record.recorded('VersionArn'),
      allowedPattern: `^(${NO_VERSION}|${VERSION_ARN_PATTERN})$`,
      description: `Version of ${identity.promptName} that ${identity.aliasName} points to`,
    });
    freezeLogicalId(this, identity, 'Parameter');
  }
}
