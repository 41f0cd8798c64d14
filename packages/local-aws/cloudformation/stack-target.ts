import type { Capability, Parameter, Tag } from '@aws-sdk/client-cloudformation';
import type { RemovalPolicy, Template } from './template';

export type Properties = Readonly<Record<string, unknown>>;

/** One resource as the stack has it. Never changed, only exchanged: a copy of the map is the state before an operation. */
export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string;
  readonly properties: Properties;
  readonly attributes: Properties;
  readonly dependencies: ReadonlySet<string>;
  readonly deletionPolicy: RemovalPolicy;
  readonly updateReplacePolicy: RemovalPolicy;
  readonly status: string;
  readonly reason?: string;
  readonly time: Date;
}

export interface StackParameter extends Parameter {
  readonly ParameterKey: string;
  readonly ParameterValue: string;
  /** What `Ref` gives. */
  readonly value: string | readonly string[];
  readonly isSecret: boolean;
}

/** What a deployment asks for, checked. */
export interface StackTarget {
  readonly template: Template;
  readonly templateBody: string;
  readonly parameters: readonly StackParameter[];
  readonly tags: readonly Tag[];
  readonly capabilities: readonly Capability[];
  readonly notificationArns: readonly string[];
  readonly roleArn?: string;
}

/** A resource that exists and comes into a stack, under the logical id that the template has for it. */
export interface ResourceImport {
  readonly logicalId: string;
  readonly type: string;
  readonly identifier: Properties;
}
