import { Effect, ManagedPolicy, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { modelIdentifier } from '../core/models/model-identifier';
import { modelRoute } from '../core/models/model-route';
import { isModelGate } from '../core/release/gates/model';
import { refuseCustomizedRoles } from './private/changeable-role';
import { constructError } from './private/construct-error';
import { registryGates } from './private/registry-gates';
import type { IPromptRegistry } from './prompt-registry';

/** Settings of a `ModelGuard`. */
export interface ModelGuardProps {
  /** The registry whose model gates name the models that stay usable, in `among`. */
  readonly registry: IPromptRegistry;

  /** Name of the policy, for roles that other apps define. @default - a name that CloudFormation makes */
  readonly managedPolicyName?: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, less white space, which does not count. */
const MOST_CHARACTERS = 6_144;

/**
 * Defines a managed policy that takes away every model but those that the registry's model gates name, whatever else allows
 * it: `Gate.model({ among })`, of all aliases together. It allows nothing by itself.
 *
 * What goes round the models of a prompt it takes away as well: bearer tokens, the mantle endpoint, batch jobs and inline
 * agents. Attach it with `role.addManagedPolicy(guard)`, or give `serviceControlPolicy()` to whom your organisation's policies
 * belong to. An inference profile of your own may be called if the model behind it may.
 *
 * @example
 * analyst.addManagedPolicy(new ModelGuard(this, 'Models', { registry }));
 */
export class ModelGuard extends ManagedPolicy {
  private readonly statements: PolicyStatement[];

  constructor(scope: Construct, id: string, props: ModelGuardProps) {
    super(scope, id, {
      managedPolicyName: props.managedPolicyName,
      description: 'No model but those of the model gates',
    });
    refuseCustomizedRoles(this);
    const { registry } = props;
    const gates = Object.values(registryGates(this, registry.gates ?? {}, undefined)).flat();
    const models = [...new Set(gates.filter(isModelGate).flatMap(({ among }) => among ?? []))].sort();
    if (models.length === 0) {
      throw constructError(
        this,
        'InvalidGuard',
        `expected a registry whose gates name models, found none${registry.gates ? '' : ' that this app knows of'}: add Gate.model({ among: [...] }) to its gates`,
      );
    }
    this.statements = guardStatements(models);
    const size = JSON.stringify(this.serviceControlPolicy()).length;
    if (size > MOST_CHARACTERS) {
      throw constructError(
        this,
        'InvalidGuard',
        `expected models for which a managed policy of ${MOST_CHARACTERS} characters has room, found ${models.length}, which take ${size}: name fewer of them in among`,
      );
    }
    this.addStatements(...this.statements);
  }

  /**
   * The same as a service control policy, which an app cannot attach: it binds all roles of an account, whoever made them.
   * `JSON.stringify()` prints it.
   *
   * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
   */
  public serviceControlPolicy(): object {
    return new PolicyDocument({ statements: this.statements.map((statement) => statement.copy()) }).toJSON();
  }
}

/**
 * Of any partition, Region and account, so that the text is the same everywhere. A call through a profile is asked about for
 * the profile and for each model that it may end at:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
 */
function guardStatements(models: readonly string[]): PolicyStatement[] {
  const profiles = models.filter(isProfile).map(nameOf);
  const plain = models.filter((model) => modelRoute(model) === 'on-demand').map(nameOf);
  const routed = [...new Set(profiles.map((id) => id.slice(id.indexOf('.') + 1)))].filter((id) => !plain.includes(id));
  const own = models.filter(
    (model) => model.startsWith('arn:') && !isProfile(model) && modelRoute(model) !== 'on-demand',
  );
  const profileArns = profiles.map((id) => `arn:*:bedrock:*:*:inference-profile/${id}`);
  const invocations = ['bedrock:InvokeModel*'];
  return [
    new PolicyStatement({
      sid: 'NoOtherModel',
      effect: Effect.DENY,
      actions: invocations,
      notResources: [
        ...[...plain, ...routed].map((id) => `arn:*:bedrock:*::foundation-model/${id}`),
        ...profileArns,
        'arn:*:bedrock:*:*:application-inference-profile/*',
        ...own,
      ],
    }),
    ...(routed.length > 0
      ? [
          new PolicyStatement({
            sid: 'NoOtherRoute',
            effect: Effect.DENY,
            actions: invocations,
            resources: routed.map((id) => `arn:*:bedrock:*::foundation-model/${id}`),
            conditions: { ArnNotLike: { 'bedrock:InferenceProfileArn': profileArns } },
          }),
        ]
      : []),
    new PolicyStatement({
      sid: 'NoWayRoundThem',
      effect: Effect.DENY,
      // The mantle knows no prompts: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrockmantle.html
      actions: [
        'bedrock:CallWithBearerToken',
        'bedrock:CreateModelInvocationJob',
        'bedrock:InvokeInlineAgent',
        'bedrock-mantle:CallWithBearerToken',
        'bedrock-mantle:CreateInference',
      ],
      resources: ['*'],
    }),
  ];
}

/** `us.amazon.nova-pro-v1:0`, or its ARN: what a geography or the whole world is reached by. */
function isProfile(model: string): boolean {
  const { kind } = modelIdentifier(model);
  return kind === 'profile' || (kind === 'id' && modelRoute(model) !== 'on-demand');
}

function nameOf(model: string): string {
  return modelIdentifier(model).id;
}
