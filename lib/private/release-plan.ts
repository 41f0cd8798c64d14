import { CustomResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  type CallableSlotPart,
  RELEASE_PLAN_TYPE,
  type ReleasePlanAttribute,
  type ReleasePlanProperties,
} from '../../core/contract/release-plan-resource';
import type { AliasTargetConfig } from '../alias-target';
import type { ReleasablePrompt } from '../releasable-prompt';
import type { AliasGating } from './alias-gating';
import { attribute, properties } from './contracted-resource';
import { freezeLogicalId } from './frozen-logical-id';
import { dependOnPermissions } from './prompt-permissions';
import { HANDLERS } from './registry-handler';
import { takeTurns } from './taking-turns';
import { withdrawnParameter } from './withdrawn-parameter';

export interface ReleasePlanProps {
  readonly prompt: ReleasablePrompt;
  readonly aliasName: string;
  readonly target: AliasTargetConfig;
  readonly callableVersions: number;
  readonly gating: AliasGating;
  /** How the alias rolls out; undefined where it does not. */
  readonly rollout: string | undefined;
}

/** The ARNs of one callable version; where there are fewer versions than slots, ARNs that cannot exist. */
export interface CallableSlot {
  readonly version: string;
  readonly model: string;
  readonly profile: string;
  readonly profileModel: string;
  readonly globalModel: string;
}

/** `Custom::PromptReleasePlan`: what a release will do, decided before anything changes. */
export class ReleasePlan extends CustomResource {
  private readonly callableVersions: number;

  constructor(scope: Construct, id: string, props: ReleasePlanProps) {
    const { prompt, aliasName, target, gating, rollout } = props;
    const { registry, promptName } = prompt;
    super(scope, id, {
      resourceType: RELEASE_PLAN_TYPE,
      serviceToken: registry.handlers.plan,
      serviceTimeout: HANDLERS['prompt-release-plan'].serviceTimeout,
      properties: properties<ReleasePlanProperties>({
        Schema: '1',
        PromptId: prompt.promptId,
        PromptArn: prompt.promptArn,
        PromptName: promptName,
        AliasName: aliasName,
        Target: target.target,
        TargetParameter: target.parameterId ?? '',
        CallableVersions: String(props.callableVersions),
        WithdrawnVersions: withdrawnParameter(prompt).valueAsString,
        Gates: gating.gates,
        Follows: gating.follows,
        Rollout: rollout,
      }),
    });
    this.callableVersions = props.callableVersions;
    freezeLogicalId(this, { parameterPrefix: registry.parameterPrefix, promptName, aliasName }, 'ReleasePlan');
    dependOnPermissions(this, registry, 'Releaser');
    takeTurns(this, 'plan');
    if (prompt.currentVersion !== undefined) {
      this.node.addDependency(prompt.currentVersion);
    }
  }

  public slots(): CallableSlot[] {
    return Array.from({ length: this.callableVersions }, (_, index) => {
      const slot = (part: CallableSlotPart) => attribute<ReleasePlanAttribute>(this, `${part}${index + 1}`);
      return {
        version: slot('CallableArn'),
        model: slot('ModelArn'),
        profile: slot('ProfileArn'),
        profileModel: slot('ProfileModelArn'),
        globalModel: slot('GlobalModelArn'),
      };
    });
  }
}
