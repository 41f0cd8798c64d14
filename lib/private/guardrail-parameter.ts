import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import {
  GUARDRAIL_ARN_PATTERN,
  GUARDRAIL_VERSION_PATTERN,
  guardrailParameterName,
} from '../../core/contract/guardrail';
import { NO_VERSION } from '../../core/contract/no-version';
import { constructError } from './construct-error';
import { type FrozenIdentity, freezeLogicalId } from './frozen-logical-id';
import type { ReleaseRecord } from './release-record';

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html */
const MOST_LEVELS = 15;

export interface GuardrailParameterProps {
  readonly identity: FrozenIdentity;
  /** Name of the alias's own parameter. */
  readonly pointerName: string;
  readonly named: string;
  readonly record: ReleaseRecord;
}

/** Tells clients which guardrail to name, beside the version. They read both in one request. */
export class GuardrailParameter extends CfnParameter {
  constructor(scope: Construct, id: string, { identity, pointerName, named, record }: GuardrailParameterProps) {
    const name = guardrailParameterName(pointerName);
    const levels = name.split('/').length - 1;
    if (levels > MOST_LEVELS) {
      throw constructError(
        scope,
        'InvalidParameterPrefix',
        `expected a parameter prefix of at most 12 parts for an alias with a guardrail, whose parameter ${name} may have ${MOST_LEVELS} levels, found ${levels}: shorten the prefix`,
      );
    }
    super(scope, id, {
      name,
      type: 'String',
      value: named,
      // Of a token only the deployment knows what it is.
      allowedPattern: `^(${NO_VERSION}|${GUARDRAIL_ARN_PATTERN}:${GUARDRAIL_VERSION_PATTERN})$`,
      description: `Guardrail that callers of ${identity.aliasName} of ${identity.promptName} must name`,
    });
    freezeLogicalId(this, identity, 'GuardrailParameter');
    // Nobody names a guardrail before the policies let callers do so.
    this.node.addDependency(record);
  }
}
