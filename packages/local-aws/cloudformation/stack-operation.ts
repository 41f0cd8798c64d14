import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { RollbackConfiguration, StackStatus } from '@aws-sdk/client-cloudformation';
import type { Credentials } from '../iam/principal';
import type { Delivery } from './adversary';
import { ssmReader } from './caller-reads';
import { CustomResourceFailure } from './custom-resource-call';
import { OperationMoments } from './operation-moments';
import { type RemovalContext, removeResources } from './resource-removal';
import { ResourceSteps, type StepEnvironment } from './resource-steps';
import { type Failure, listed, walk } from './resource-walk';
import { RollbackWatch } from './rollback-triggers';
import type { RunningOperation } from './running-operation';
import type { Stack } from './stack';
import { type EvaluatedTarget, evaluatedTarget } from './stack-evaluation';
import type { StackRegistry } from './stack-registry';
import { StackRollback } from './stack-rollback';
import type { Properties, ResourceImport, StackResource, StackTarget } from './stack-target';
import type { ResourceDefinition } from './template';

const replacing = 'Requested update requires the creation of a new physical resource; hence creating one.';

const CANCELLED = 'Update cancelled by user. ';

class NotBegun extends Error {}

/** One create, update or delete of a stack, from its first event to its last; its rollback included. */
export class StackOperation implements RunningOperation {
  readonly id = randomUUID();
  private readonly moments = new OperationMoments();
  private steps: ResourceSteps;
  private readonly touched = new Set<string>();
  private readonly created = new Set<string>();
  private readonly replaced: StackResource[] = [];
  private rollback?: { plan: StackRollback; target: StackTarget };

  constructor(
    private readonly stack: Stack,
    private readonly registry: StackRegistry,
    private readonly environment: StepEnvironment,
    private credentials: Credentials,
    /** The caller's, on every event. */
    public token: string | undefined,
  ) {
    this.steps = this.stepsWith(credentials);
  }

  create(target: StackTarget, watched: RollbackConfiguration = {}): Promise<void> {
    return this.run(async () => {
      const { stack } = this;
      stack.target = target;
      stack.rollbackConfiguration = watched;
      stack.setStatus('CREATE_IN_PROGRESS', 'User Initiated');
      const reason = await this.goForwardWatched(target, new Map());
      if (reason === undefined) {
        stack.setStatus('CREATE_COMPLETE');
        return;
      }
      stack.setStatus('ROLLBACK_IN_PROGRESS', `${reason.trimEnd()} Rollback requested by user.`);
      const failed = await removeResources([...stack.resources.values()], 'creation', this.context);
      this.finish(failed, 'ROLLBACK_COMPLETE', 'ROLLBACK_FAILED');
    });
  }

  update(target: StackTarget, watched: RollbackConfiguration = {}): Promise<void> {
    return this.run(async () => {
      const { stack } = this;
      const { outputs, imports } = stack;
      const before = { target: stack.target as StackTarget, resources: new Map(stack.resources) };
      stack.target = target;
      stack.rollbackConfiguration = watched;
      stack.updated = this.registry.now();
      stack.setStatus('UPDATE_IN_PROGRESS', 'User Initiated');
      const reason = await this.goForwardWatched(target, before.resources);
      if (reason !== undefined) {
        Object.assign(stack, { target: before.target, outputs, imports });
        stack.setStatus('UPDATE_ROLLBACK_IN_PROGRESS', reason);
        const plan = new StackRollback(before, this.touched, this.created, this.context);
        this.rollback = { plan, target: before.target };
        await this.goBack([]);
        return;
      }
      stack.setStatus('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      const evaluated = await this.evaluate(target);
      const left = [...stack.resources.values()].filter(({ logicalId }) => !evaluated.resources.has(logicalId));
      await removeResources([...this.replaced, ...left], 'cleanup', this.context);
      stack.setStatus('UPDATE_COMPLETE');
    });
  }

  /** Takes resources that exist into the stack. What is in them stays, whatever the template says. */
  import(target: StackTarget, imports: readonly ResourceImport[]): Promise<void> {
    return this.run(async () => {
      const { stack } = this;
      const before = { target: stack.target, resources: new Map(stack.resources) };
      stack.target = target;
      stack.updated = this.registry.now();
      stack.setStatus('IMPORT_IN_PROGRESS', 'User Initiated');
      try {
        const evaluated = await this.evaluate(target);
        for (const each of imports) await this.take(each, evaluated);
        stack.setStatus('IMPORT_COMPLETE');
      } catch (error) {
        stack.target = before.target;
        stack.setStatus('IMPORT_ROLLBACK_IN_PROGRESS', (error as Error).message);
        stack.resources = before.resources;
        stack.setStatus('IMPORT_ROLLBACK_COMPLETE');
      }
    });
  }

  delete(): Promise<void> {
    return this.run(async () => {
      const { stack } = this;
      stack.setStatus('DELETE_IN_PROGRESS', 'User Initiated');
      const used = this.registry.exportInUse(stack, []);
      if (used) {
        stack.setStatus('DELETE_FAILED', `Delete canceled. Cannot delete export ${used}`);
        return;
      }
      const failed = await removeResources([...stack.resources.values()], 'deletion', this.context);
      this.finish(failed, 'DELETE_COMPLETE', 'DELETE_FAILED');
    });
  }

  /** Takes the rollback that failed up again. */
  continueRollback(skip: readonly string[], credentials: Credentials, token: string | undefined): Promise<void> {
    this.token = token;
    this.credentials = credentials;
    this.steps = this.stepsWith(credentials);
    return this.run(async () => {
      this.stack.setStatus('UPDATE_ROLLBACK_IN_PROGRESS', 'User Initiated');
      await this.goBack(skip);
    });
  }

  /** Makes an update fail as if a resource had. */
  cancel(): void {
    this.turnBack();
  }

  private turnBack(): void {
    this.steps.giveUp.abort();
    this.moments.turnBack();
  }

  private async run(work: () => Promise<void>): Promise<void> {
    const { stack } = this;
    stack.operation = this;
    stack.unfinished = undefined;
    stack.revision += 1;
    try {
      await work();
    } catch (error) {
      // Not a resource's failure but a fault of this endpoint: shown, so that it gets mended.
      console.error('local-aws failed inside a stack operation:', error);
      const status = stack.status.replace(/(_COMPLETE_CLEANUP)?_IN_PROGRESS$/, '_FAILED') as StackStatus;
      stack.setStatus(status, `Internal Failure: ${error}`);
    } finally {
      stack.operation = undefined;
      this.moments.over();
    }
  }

  /** As `goForward`; also fails where an alarm rings meanwhile, or within the monitoring time after it. */
  private async goForwardWatched(target: StackTarget, before: ReadonlyMap<string, StackResource>) {
    const { stack, environment, registry } = this;
    const watch = new RollbackWatch(stack.rollbackConfiguration, environment.alarmState, () => registry.now());
    watch.begin(() => this.turnBack());
    try {
      const reason = await this.goForward(target, before);
      const { signal } = this.steps.giveUp;
      await (reason === undefined ? watch.afterwards(signal) : undefined);
      return watch.reason ?? reason ?? (signal.aborted ? CANCELLED : undefined);
    } finally {
      watch.end();
    }
  }

  /** Brings all resources and outputs to what `target` says; gives the reason if that failed. */
  private async goForward(
    target: StackTarget,
    before: ReadonlyMap<string, StackResource>,
  ): Promise<string | undefined> {
    const { adversary } = this.environment;
    try {
      const evaluated = await this.evaluate(target);
      const visit = (logicalId: string) =>
        this.moments.during(() => this.bring(logicalId, evaluated, before.get(logicalId)));
      const failures = await walk(evaluated.graph, visit, { adversary, onFailure: () => this.turnBack() });
      if (failures.length > 0) {
        return failureReason(failures, before);
      }
      const outputs = await evaluated.outputs();
      this.registry.checkExports(this.stack, outputs);
      this.stack.outputs = outputs;
      this.stack.imports = evaluated.imports;
      return undefined;
    } catch (error) {
      return `${(error as Error).message}.`;
    }
  }

  private async bring(logicalId: string, evaluated: EvaluatedTarget, old: StackResource | undefined): Promise<void> {
    const { stack, steps } = this;
    if (steps.giveUp.signal.aborted) {
      throw new NotBegun();
    }
    const verb = old ? 'UPDATE' : 'CREATE';
    const definition = evaluated.resources.get(logicalId) as ResourceDefinition;
    const { Type: type, DeletionPolicy = 'Delete', UpdateReplacePolicy = 'Delete' } = definition;
    const resolution = evaluated.resolve(definition.Properties ?? {}) as Promise<Properties>;
    const properties = await resolution.catch((error: Error) => {
      const reason = error.message;
      stack.addEvent({ logicalId, type, physicalId: old?.physicalId, status: `${verb}_FAILED`, reason });
      throw error;
    });
    const policies = { deletionPolicy: DeletionPolicy, updateReplacePolicy: UpdateReplacePolicy };
    const dependencies = evaluated.graph.get(logicalId) as ReadonlySet<string>;
    const base = { logicalId, type, properties, dependencies, ...policies };
    if (old && isDeepStrictEqual(old.properties, properties)) {
      stack.resources.set(logicalId, { ...old, ...base });
      return;
    }
    let known = { physicalId: old?.physicalId, attributes: old?.attributes ?? {} };
    const made = (physicalId: string) => {
      known = { ...known, physicalId };
    };
    (old ? this.touched : this.created).add(logicalId);
    const reason = old && steps.replaces(old, properties) ? replacing : undefined;
    stack.setResource({ ...base, ...known, status: `${verb}_IN_PROGRESS`, reason });
    try {
      known = old ? await steps.update(old, properties, made) : await steps.create(base, made);
    } catch (error) {
      const physicalId = (error instanceof CustomResourceFailure && error.physicalId) || known.physicalId;
      stack.setResource({ ...base, ...known, physicalId, status: `${verb}_FAILED`, reason: (error as Error).message });
      throw error;
    }
    if (!old) {
      stack.setResource({ ...base, ...known, status: 'CREATE_IN_PROGRESS', reason: 'Resource creation Initiated' });
    } else if (old.physicalId !== known.physicalId) {
      this.replaced.push({ ...old, updateReplacePolicy: UpdateReplacePolicy });
    }
    stack.setResource({ ...base, ...known, status: `${verb}_COMPLETE` });
  }

  private async take(each: ResourceImport, evaluated: EvaluatedTarget): Promise<void> {
    const { stack } = this;
    const { logicalId, type } = each;
    const definition = evaluated.resources.get(logicalId) as ResourceDefinition;
    const { DeletionPolicy: deletionPolicy = 'Delete', UpdateReplacePolicy: updateReplacePolicy = 'Delete' } =
      definition;
    const dependencies = evaluated.graph.get(logicalId) as ReadonlySet<string>;
    const properties = (await evaluated.resolve(definition.Properties ?? {})) as Properties;
    const base = { logicalId, type, properties, dependencies, deletionPolicy, updateReplacePolicy, attributes: {} };
    const physicalId = Object.values(each.identifier).join('|');
    const started = { status: 'IMPORT_IN_PROGRESS', reason: 'Resource import started.' };
    stack.setResource({ ...base, physicalId, ...started });
    try {
      const found = await this.steps.find(each);
      stack.setResource({ ...base, ...found, status: 'IMPORT_COMPLETE', reason: 'Resource import completed.' });
    } catch (error) {
      stack.setResource({ ...base, physicalId, status: 'IMPORT_FAILED', reason: (error as Error).message });
      throw error;
    }
  }

  private async goBack(skip: readonly string[]): Promise<void> {
    const { plan, target } = this.rollback as NonNullable<typeof this.rollback>;
    const isDone = await plan.run(await this.evaluate(target), skip, this.context);
    this.stack.unfinished = isDone ? undefined : this;
  }

  private finish(failures: readonly Failure[], done: StackStatus, failed: StackStatus): void {
    if (failures.length > 0) {
      this.stack.setStatus(failed, listed('delete', failures));
      return;
    }
    this.stack.deleted = done === 'DELETE_COMPLETE' ? this.registry.now() : undefined;
    this.stack.setStatus(done);
  }

  private evaluate(target: StackTarget): Promise<EvaluatedTarget> {
    const { stack, registry, environment, credentials } = this;
    return evaluatedTarget(target, stack, { ...environment, registry, readSsm: ssmReader(environment, credentials) });
  }

  private stepsWith(credentials: Credentials): ResourceSteps {
    const moment = (delivery: Delivery) => this.moments.of(delivery);
    return new ResourceSteps(this.stack, this.environment, credentials, moment);
  }

  private get context(): RemovalContext {
    const { stack, steps, moments, environment } = this;
    return { stack, steps, moments, adversary: environment.adversary };
  }
}

function failureReason(failures: readonly Failure[], before: ReadonlyMap<string, StackResource>): string {
  const begun = failures.filter(({ error }) => !(error instanceof NotBegun));
  const creates = begun.filter(({ logicalId }) => !before.has(logicalId));
  const updates = begun.filter(({ logicalId }) => before.has(logicalId));
  const reasons = [creates.length > 0 && listed('create', creates), updates.length > 0 && listed('update', updates)];
  return reasons.filter(Boolean).join('') || CANCELLED;
}
