import type { Capability, Parameter, Tag } from '@aws-sdk/client-cloudformation';
import { AwsError } from '../aws-error';
import type { Call } from '../call';
import type { Credentials } from '../iam/principal';
import type { Outstanding } from '../outstanding';
import { Adversary, type AdversaryOptions } from './adversary';
import { readTemplate, ssmReader } from './caller-reads';
import type { ExecutionCredentials } from './execution-credentials';
import { parameterValues } from './parameters';
import { refuseUnknownProperties } from './providers';
import { ResourceSteps } from './resource-steps';
import { isCustomResource } from './resource-types';
import { ResponseDesk } from './response-desk';
import type { AlarmStates } from './rollback-triggers';
import type { Stack } from './stack';
import { evaluatedTarget } from './stack-evaluation';
import { stackEvent } from './stack-event';
import { StackOperation } from './stack-operation';
import { StackRegistry } from './stack-registry';
import type { ResourceImport, StackTarget } from './stack-target';
import { parseTemplate, requiredCapabilities } from './template';
import { validationError } from './validation-error';

export interface EngineOptions {
  readonly account: string;
  readonly region: string;
  /** Base URL of the endpoint; asked once it listens. */
  readonly endpoint: () => string;
  readonly now: () => Date;
  readonly credentials: ExecutionCredentials;
  /** What CloudFormation does where AWS leaves it open. @default kind */
  readonly adversary?: AdversaryOptions | Adversary;
  /** Told of events of custom resources that are not handed over yet. */
  readonly outstanding?: Outstanding;
  /** The alarms that operations may be watched by. */
  readonly alarmState: AlarmStates;
  /** Takes what EventBridge is told of stacks. */
  readonly tell?: (event: object) => void;
}

/** The members that all requests for a deployment have in common. */
export interface DeploymentInput {
  readonly StackName?: string;
  readonly TemplateBody?: string;
  readonly TemplateURL?: string;
  readonly UsePreviousTemplate?: boolean;
  readonly Parameters?: Parameter[];
  readonly Capabilities?: Capability[];
  readonly NotificationARNs?: string[];
  readonly Tags?: Tag[];
  readonly RoleARN?: string;
}

/** The stacks of this endpoint, and what makes them; the operations of the API are written on it. */
export class CloudFormationEngine {
  readonly registry: StackRegistry;
  readonly desk: ResponseDesk;
  readonly account: string;
  readonly region: string;
  readonly endpoint: () => string;
  readonly adversary: Adversary;
  readonly alarmState: AlarmStates;

  constructor(private readonly options: EngineOptions) {
    const { account, region, endpoint, now } = options;
    this.account = account;
    this.region = region;
    this.endpoint = endpoint;
    this.alarmState = options.alarmState;
    this.registry = new StackRegistry(account, region, now, (stack) => options.tell?.(stackEvent(stack, now())));
    this.desk = new ResponseDesk(endpoint, options.outstanding);
    const { adversary } = options;
    this.adversary = adversary instanceof Adversary ? adversary : new Adversary(adversary);
  }

  /** Reads and checks what a caller wants deployed; throws for all that can be known before anything is done. */
  async target(input: DeploymentInput, stack: Stack, call: Call): Promise<StackTarget> {
    const own = await this.callerCredentials(call);
    const templateBody = await this.templateBody(input, stack, own);
    const template = parseTemplate(templateBody);
    const capabilities = input.Capabilities ?? [];
    const [needed] = requiredCapabilities(template);
    if (needed && !capabilities.includes('CAPABILITY_NAMED_IAM') && !capabilities.includes(needed)) {
      throw new AwsError('InsufficientCapabilitiesException', 400, `Requires capabilities : [${needed}]`);
    }
    const previous = stack.target?.parameters ?? [];
    const roleArn = input.RoleARN ?? stack.target?.roleArn;
    const target = {
      ...{ template, templateBody, capabilities, roleArn },
      parameters: await parameterValues(template, input.Parameters ?? [], previous, ssmReader(this, own)),
      tags: input.Tags ?? stack.target?.tags ?? [],
      notificationArns: input.NotificationARNs ?? stack.target?.notificationArns ?? [],
    };
    const evaluated = await evaluatedTarget(target, stack, this.evaluationEnvironment(own));
    await evaluated.checkRules();
    for (const [logicalId, { Type, Properties = {} }] of evaluated.resources) {
      const old = stack.resources.get(logicalId);
      if (old && old.type !== Type) {
        throw validationError(
          `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${logicalId}]`,
        );
      }
      if (!isCustomResource(Type)) {
        refuseUnknownProperties(Type, Properties);
      }
    }
    return target;
  }

  evaluationEnvironment(credentials: Credentials) {
    const { account, region, registry } = this;
    return { account, region, registry, readSsm: ssmReader(this, credentials) };
  }

  callerCredentials(call: Call): Promise<Credentials> {
    return this.options.credentials(undefined, call);
  }

  /** An operation with the rights of the stack's role; the caller must be allowed to pass that role on. */
  async operation(
    stack: Stack,
    roleArn: string | undefined,
    token: string | undefined,
    call: Call,
  ): Promise<StackOperation> {
    return new StackOperation(stack, this.registry, this, await this.rights(roleArn, call), token);
  }

  /** Looks for what an import names, with the rights of the stack's role; gives the physical id. Throws where there is none. */
  async lookUp(each: ResourceImport, stack: Stack, credentials: Credentials): Promise<string> {
    return (await new ResourceSteps(stack, this, credentials, async () => {}).find(each)).physicalId;
  }

  async rights(roleArn: string | undefined, call: Call): Promise<Credentials> {
    if (roleArn) {
      const context = { 'iam:PassedToService': 'cloudformation.amazonaws.com' };
      await call.require({ action: 'iam:PassRole', resource: roleArn, context });
    }
    return this.options.credentials(roleArn, call);
  }

  private async templateBody(input: DeploymentInput, stack: Stack, credentials: Credentials): Promise<string> {
    const { TemplateBody, TemplateURL, UsePreviousTemplate } = input;
    if ([TemplateBody, TemplateURL, UsePreviousTemplate || undefined].filter((way) => way !== undefined).length !== 1) {
      throw validationError('Either Template URL or Template Body must be specified.');
    }
    if (UsePreviousTemplate) {
      if (!stack.target) {
        throw validationError('Previous template cannot be used for a stack without one');
      }
      return stack.target.templateBody;
    }
    const body = TemplateBody ?? (await readTemplate(TemplateURL ?? '', this, credentials));
    const limit = TemplateBody === undefined ? 1_048_576 : 51_200;
    if (Buffer.byteLength(body) > limit) {
      throw validationError(`Template may not exceed ${limit} bytes in size.`);
    }
    return body;
  }
}
