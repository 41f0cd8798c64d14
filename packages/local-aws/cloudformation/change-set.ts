import type {
  Change,
  ChangeSetStatus,
  DeploymentMode,
  ExecutionStatus,
  OnStackFailure,
  RollbackConfiguration,
} from '@aws-sdk/client-cloudformation';
import type { ResourceImport, StackTarget } from './stack-target';

/** What a change set says besides its target; as `DescribeChangeSet` answers it. */
export interface ChangeSetOptions {
  readonly RollbackConfiguration?: RollbackConfiguration;
  readonly OnStackFailure?: OnStackFailure;
  readonly ImportExistingResources?: boolean;
  readonly IncludeNestedStacks?: boolean;
  readonly DeploymentMode?: DeploymentMode;
}

export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly type: 'CREATE' | 'UPDATE' | 'IMPORT';
  /** What a change set of type IMPORT takes in. */
  readonly imports: readonly ResourceImport[];
  readonly description?: string;
  readonly clientToken?: string;
  readonly created: Date;
  readonly target: StackTarget;
  readonly options: ChangeSetOptions;
  readonly changes: readonly Change[];
  /** The stack's revision that it was made for. */
  readonly revision: number;
  readonly status: ChangeSetStatus;
  readonly statusReason?: string;
  executionStatus: ExecutionStatus;
}
