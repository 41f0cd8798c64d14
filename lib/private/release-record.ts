import { CustomResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  PROMPT_ALIAS_TYPE,
  type PromptAliasAttribute,
  type PromptAliasProperties,
} from '../../core/contract/prompt-alias-resource';
import type { ReleasePlanAttribute } from '../../core/contract/release-plan-resource';
import type { ReleasablePrompt } from '../releasable-prompt';
import type { AliasGating } from './alias-gating';
import { attribute, properties } from './contracted-resource';
import { freezeLogicalId } from './frozen-logical-id';
import { dependOnPermissions } from './prompt-permissions';
import { HANDLERS } from './registry-handler';
import type { ReleasePlan } from './release-plan';
import { takeTurns } from './taking-turns';

export interface ReleaseRecordProps {
  readonly prompt: ReleasablePrompt;
  readonly aliasName: string;
  readonly plan: ReleasePlan;
  readonly gating: AliasGating;
  /** What clients are told to name; undefined where the alias has no guardrail. */
  readonly guardrail: string | undefined;
  /** How the alias rolls out; undefined where it does not. */
  readonly rollout: string | undefined;
}

/** `Custom::PromptAlias`: the commit point of a release, one more record in the alias's ledger. */
export class ReleaseRecord extends CustomResource {
  constructor(scope: Construct, id: string, props: ReleaseRecordProps) {
    const { prompt, aliasName, plan, gating, guardrail, rollout } = props;
    const { registry, promptName } = prompt;
    const planned = (name: ReleasePlanAttribute) => plan.getAtt(name);
    super(scope, id, {
      resourceType: PROMPT_ALIAS_TYPE,
      serviceToken: registry.handlers.alias,
      serviceTimeout: HANDLERS['prompt-alias'].serviceTimeout,
      properties: properties<PromptAliasProperties>({
        Schema: '1',
        PromptId: prompt.promptId,
        PromptName: promptName,
        AliasName: aliasName,
        Version: planned('Version'),
        VersionArn: planned('TargetArn'),
        ContentDigest: planned('ContentDigest'),
        ModelId: planned('ModelId'),
        WithdrawnVersions: planned('WithdrawnVersions'),
        Revision: planned('Revision'),
        PlannedAt: planned('PlannedAt'),
        Direction: planned('Direction'),
        Gates: gating.gates,
        // A plan of before there were gates or rollouts does not answer it, and CloudFormation fails the release instead of
        // passing it.
        Terms: gating.gates === undefined && rollout === undefined ? undefined : planned('Terms'),
        Guardrail: guardrail,
        ...(rollout !== undefined && {
          Rollout: rollout,
          Candidate: planned('Candidate'),
          CandidateDigest: planned('CandidateDigest'),
          CandidateModel: planned('CandidateModel'),
        }),
      }),
    });
    freezeLogicalId(this, { parameterPrefix: registry.parameterPrefix, promptName, aliasName }, 'Alias');
    dependOnPermissions(this, registry, 'Releaser');
    takeTurns(this, 'alias');
  }

  public recorded(name: PromptAliasAttribute): string {
    return attribute<PromptAliasAttribute>(this, name);
  }
}
