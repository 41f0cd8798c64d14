import { Duration } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { PARAMETER_PREFIX_VARIABLE } from '../../core/contract/handler-environment';
import { HANDLER_ROLES, type HandlerName } from '../../core/contract/handler-name';
import { bundledFunction } from './bundled-function';
import { freezeLogicalId } from './frozen-logical-id';

/**
 * Event age and time-out stay below the service time-out: nothing may start after CloudFormation gave up.
 * They are constants, because a changed ServiceTimeout is a changed property, and so an event to every alias.
 */
const EVENT_AGE = Duration.seconds(90);

export const HANDLERS = {
  'prompt-version': { timeout: Duration.seconds(180), serviceTimeout: Duration.seconds(300) },
  'prompt-release-plan': { timeout: Duration.seconds(90), serviceTimeout: Duration.seconds(210) },
  'prompt-alias': { timeout: Duration.seconds(180), serviceTimeout: Duration.seconds(300) },
} as const satisfies Record<HandlerName, unknown>;

/** The longest wait for IAM that still leaves the alias handler a minute to write its record. */
export const LONGEST_PROPAGATION = Duration.seconds(120);

export interface RegistryHandlerProps {
  readonly handler: HandlerName;
  readonly parameterPrefix: string;
  readonly role: IRole;
  readonly logGroup: ILogGroup;
  readonly environment: Record<string, string>;
}

/** One handler function. */
export class RegistryHandler extends Construct {
  public readonly serviceToken: string;

  constructor(scope: Construct, id: string, props: RegistryHandlerProps) {
    super(scope, id);
    const role = HANDLER_ROLES[props.handler];
    const { timeout } = HANDLERS[props.handler];
    const identity = { parameterPrefix: props.parameterPrefix };

    const handler = new LambdaFunction(this, 'Function', {
      ...bundledFunction(props.handler, props.parameterPrefix),
      role: props.role,
      logGroup: props.logGroup,
      memorySize: 512,
      timeout,
      maxEventAge: EVENT_AGE,
      retryAttempts: 1,
      environment: { [PARAMETER_PREFIX_VARIABLE]: props.parameterPrefix, ...props.environment },
    });
    freezeLogicalId(handler, identity, role);
    freezeLogicalId(
      handler.node.findChild('EventInvokeConfig').node.defaultChild ?? handler,
      identity,
      `${role}Invocation`,
    );
    this.serviceToken = handler.functionArn;
  }
}
