import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { StackStatus } from '@aws-sdk/client-cloudformation';
import type { Credentials } from '../principal';
import type { Delivery } from './adversary';
import { ssmReader } from './caller-reads';
import { CustomResourceFailure } from './custom-resource-call';
import { type DependencyGraph, restrictedTo, reversed } from './dependency-graph';
import { OperationMoments } from './operation-moments';
import { ResourceSteps, type StepEnvironment } from './resource-steps';
import { type Failure, walk } from './resource-walk';
import type { Properties, Stack, StackResource, StackTarget } from './stack';
import { type EvaluatedTarget, evaluatedTarget } from './stack-evaluation';
import type { StackRegistry } from './stack-registry';
import type { ResourceDefinition } from './template';

interface StateBefore {
  readonly target: StackTarget;
  readonly resources: ReadonlyMap<string, StackResource>;
}

/** One create, update or delete of a stack, from its first event to its last; its rollback included. */
export class StackOperation {
  readonly id = randomUUID();
  private readonly moments = new OperationMoments();
  private steps: ResourceSteps;
  private readonly never = new AbortController().signal;
  /** Updates that were begun: these are put back, others are not. */
  private readonly touched = new Set<string>();
  private readonly created = new Set<string>();
  private readonly replaced: StackResource[] = [];
  private before?: StateBefore;
  private order?: 'dependencies-first' | 'dependents-first';
  private attributes?: 'stored' | 'fresh';

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

  create(target: StackTarget): Promise<void> {
    return this.run(async () => {
      this.stack.target = target;
      this.stack.setStatus('CREATE_IN_PROGRESS', 'User Initiated');
      const reason = await this.goForward(target, new Map());
      if (reason === undefined) {
        this.stack.setStatus('CREATE_COMPLETE');
        return;
      }
      this.stack.setStatus('ROLLBACK_IN_PROGRESS', `${reason} Rollback requested by user.`);
      const records = [...this.stack.resources.values()];
      this.finish(await this.removeAll(records, 'creation'), 'ROLLBACK_COMPLETE', 'ROLLBACK_FAILED');
      this.stack.outputs = [];
    });
  }

  update(target: StackTarget): Promise<void> {
    return this.run(async () => {
      const { stack } = this;
      this.before = { target: stack.target as StackTarget, resources: new Map(stack.resources) };
      stack.target = target;
      stack.updated = this.registry.now();
      stack.setStatus('UPDATE_IN_PROGRESS', 'User Initiated');
      const reason = await this.goForward(target, this.before.resources);
      if (reason !== undefined) {
        stack.target = this.before.target;
        stack.setStatus('UPDATE_ROLLBACK_IN_PROGRESS', reason);
        await this.goBack([]);
        return;
      }
      stack.setStatus('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      const left = [...stack.resources.values()].filter(({ logicalId }) => !this.wanted.has(logicalId));
      await this.removeAll([...this.replaced, ...left], 'cleanup');
      stack.setStatus('UPDATE_COMPLETE');
    });
  }

  delete(): Promise<void> {
    return this.run(async () => {
      this.stack.setStatus('DELETE_IN_PROGRESS', 'User Initiated');
      const used = this.registry.exportInUse(this.stack, []);
      if (used) {
        this.stack.setStatus('DELETE_FAILED', `Delete canceled. Cannot delete export ${used}`);
        return;
      }
      const failed = await this.removeAll([...this.stack.resources.values()], 'deletion');
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

  private stepsWith(credentials: Credentials): ResourceSteps {
    const moment = (delivery: Delivery) => this.moments.of(delivery);
    return new ResourceSteps(this.stack, this.environment, credentials, moment);
  }

  private wanted: ReadonlyMap<string, ResourceDefinition> = new Map();

  private async run(work: () => Promise<void>): Promise<void> {
    const { stack } = this;
    stack.operation = this;
    stack.unfinished = undefined;
    stack.revision += 1;
    try {
      await work();
    } catch (error) {
      console.error('local-aws failed inside a stack operation:', error);
      const status = stack.status.replace(/(_CLEANUP)?_IN_PROGRESS$/, '').replace(/_COMPLETE$/, '');
      stack.setStatus(`${status}_FAILED` as StackStatus, `Internal Failure: ${error}`);
    } finally {
      stack.operation = undefined;
      this.moments.over();
    }
  }

  /** Brings all resources and outputs to what `target` says; gives the reason if that failed. */
  private async goForward(
    target: StackTarget,
    before: ReadonlyMap<string, StackResource>,
  ): Promise<string | undefined> {
    let evaluated: EvaluatedTarget;
    try {
      evaluated = await this.evaluate(target);
    } catch (error) {
      return `${(error as Error).message}.`;
    }
    this.wanted = evaluated.resources;
    const { adversary } = this.environment;
    const visit = (logicalId: string) => {
      const definition = evaluated.resources.get(logicalId) as ResourceDefinition;
      return this.moments.during(this.bring(logicalId, definition, evaluated, before.get(logicalId)));
    };
    const failures = await walk(evaluated.graph, visit, { adversary, onFailure: () => this.turnBack() });
    if (failures.length > 0) {
      return this.failureReason(failures, before);
    }
    try {
      const outputs = await evaluated.outputs();
      this.registry.checkExports(this.stack, outputs);
      this.stack.outputs = outputs;
      this.stack.imports = evaluated.imports;
      return undefined;
    } catch (error) {
      return `${(error as Error).message}.`;
    }
  }

  private async bring(
    logicalId: string,
    definition: ResourceDefinition,
    evaluated: EvaluatedTarget,
    old: StackResource | undefined,
  ): Promise<void> {
    const { stack, steps } = this;
    if (steps.giveUp.signal.aborted) {
      throw new Error('not begun');
    }
    const properties = (await evaluated.resolve(definition.Properties ?? {})) as Properties;
    const {
      Type: type,
      DeletionPolicy: deletionPolicy = 'Delete',
      UpdateReplacePolicy: updateReplacePolicy = 'Delete',
    } = definition;
    const dependencies = evaluated.graph.get(logicalId) as ReadonlySet<string>;
    const base = { logicalId, type, properties, dependencies, deletionPolicy, updateReplacePolicy };
    if (old && isDeepStrictEqual(old.properties, properties)) {
      stack.resources.set(logicalId, { ...old, ...base });
      return;
    }
    const verb = old ? 'UPDATE' : 'CREATE';
    const reason = old && steps.replaces(old, properties) ? replacing : undefined;
    let known = { physicalId: old?.physicalId, attributes: old?.attributes ?? {} };
    (old ? this.touched : this.created).add(logicalId);
    stack.setResource({ ...base, ...known, status: `${verb}_IN_PROGRESS`, reason });
    try {
      const made = (physicalId: string) => {
        known = { ...known, physicalId };
      };
      await this.failIfWanted(logicalId, old ? 'Update' : 'Create');
      known = old ? await steps.update(old, properties, made) : await steps.create(logicalId, type, properties, made);
    } catch (error) {
      const physicalId = (error instanceof CustomResourceFailure && error.physicalId) || known.physicalId;
      stack.setResource({ ...base, ...known, physicalId, status: `${verb}_FAILED`, reason: (error as Error).message });
      throw error;
    }
    if (!old) {
      stack.setResource({ ...base, ...known, status: 'CREATE_IN_PROGRESS', reason: 'Resource creation Initiated' });
    } else if (old.physicalId !== known.physicalId) {
      this.replaced.push(old);
    }
    stack.setResource({ ...base, ...known, status: `${verb}_COMPLETE` });
  }

  /** Puts back what was touched, then takes away what was made. */
  private async goBack(skip: readonly string[]): Promise<void> {
    const { stack, environment } = this;
    const before = this.before as StateBefore;
    this.attributes ??= environment.adversary.attributesOnRollback();
    // Attributes can only be read again from dependencies that are back already.
    this.order ??= this.attributes === 'fresh' ? 'dependencies-first' : environment.adversary.rollbackOrder();
    for (const logicalId of skip) {
      const { type, physicalId } = stack.resources.get(logicalId) as StackResource;
      stack.setResource({
        ...(before.resources.get(logicalId) as StackResource),
        type,
        physicalId,
        status: 'UPDATE_COMPLETE',
        reason: skipped,
      });
      this.touched.delete(logicalId);
    }
    const evaluated = await this.evaluate(before.target);
    const graph = restrictedTo(evaluated.graph, this.touched);
    const visit = (logicalId: string) => this.moments.during(this.putBack(logicalId, evaluated));
    const failures = await walk(this.order === 'dependents-first' ? reversed(graph) : graph, visit, environment);
    if (failures.length > 0) {
      stack.unfinished = this;
      stack.setStatus('UPDATE_ROLLBACK_FAILED', listed('update', failures));
      return;
    }
    stack.setStatus('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    const made = [...this.created].flatMap((logicalId) => stack.resources.get(logicalId) ?? []);
    await this.removeAll([...this.superseded, ...made], 'cleanup-of-rollback');
    stack.setStatus('UPDATE_ROLLBACK_COMPLETE');
  }

  /** New physical resources whose replacement was undone. */
  private readonly superseded: StackResource[] = [];

  private async putBack(logicalId: string, evaluated: EvaluatedTarget): Promise<void> {
    const { stack, steps } = this;
    const current = stack.resources.get(logicalId) as StackResource;
    const old = this.before?.resources.get(logicalId) as StackResource;
    const definition = evaluated.resources.get(logicalId);
    const isFresh = this.attributes === 'fresh' && definition;
    const properties = isFresh
      ? ((await evaluated.resolve(definition.Properties ?? {})) as Properties)
      : old.properties;
    stack.setResource({ ...current, status: 'UPDATE_IN_PROGRESS', reason: undefined });
    try {
      await this.failIfWanted(logicalId, 'Rollback');
      const isReplaced = current.physicalId !== old.physicalId && !current.type.includes('Custom');
      const answer = isReplaced ? old : await steps.putBack(current, properties, this.never);
      if (answer.physicalId !== current.physicalId) {
        this.superseded.push(current);
      }
      const { physicalId, attributes } = answer;
      stack.setResource({ ...old, properties, physicalId, attributes, status: 'UPDATE_COMPLETE', reason: undefined });
      this.touched.delete(logicalId);
    } catch (error) {
      stack.setResource({ ...current, status: 'UPDATE_FAILED', reason: (error as Error).message });
      throw error;
    }
  }

  /** Deletes resources, dependents first; gives the logical ids of those that could not be deleted. */
  private async removeAll(records: readonly StackResource[], purpose: Purpose): Promise<Failure[]> {
    const keyed = new Map(records.map((record) => [`${record.logicalId} ${record.physicalId}`, record]));
    const graph = new Map<string, Set<string>>();
    for (const [key, { dependencies }] of keyed) {
      graph.set(key, new Set([...keyed].filter(([, other]) => dependencies.has(other.logicalId)).map(([k]) => k)));
    }
    const inCleanup = purpose.startsWith('cleanup');
    const visit = async (key: string) => {
      try {
        await this.moments.during(this.remove(keyed.get(key) as StackResource, purpose));
      } catch (error) {
        // In a cleanup a resource that cannot be deleted is abandoned and the stack's operation succeeds all the same.
        if (!inCleanup) {
          throw error;
        }
      }
    };
    const failures = await walk(reversed(graph as DependencyGraph), visit, { ...this.environment, goOn: true });
    return failures.map(({ logicalId, error }) => ({ logicalId: logicalId.split(' ')[0] ?? '', error }));
  }

  private async remove(record: StackResource, purpose: Purpose): Promise<void> {
    const { stack } = this;
    const { logicalId, deletionPolicy, updateReplacePolicy } = record;
    const isCurrent = stack.resources.get(logicalId)?.physicalId === record.physicalId;
    const policy = isCurrent ? deletionPolicy : updateReplacePolicy;
    const undoesCreation = purpose === 'creation' || purpose === 'cleanup-of-rollback';
    const event = (status: string, reason?: string) => stack.addEvent({ ...record, status, reason });
    if (policy === 'Retain' || (policy === 'RetainExceptOnCreate' && !undoesCreation)) {
      event('DELETE_SKIPPED');
    } else {
      event('DELETE_IN_PROGRESS');
      try {
        await this.failIfWanted(logicalId, 'Delete');
        await this.steps.remove(record, this.never);
        event('DELETE_COMPLETE');
      } catch (error) {
        event('DELETE_FAILED', (error as Error).message);
        if (isCurrent && !purpose.startsWith('cleanup')) {
          stack.resources.set(logicalId, { ...record, status: 'DELETE_FAILED', reason: (error as Error).message });
        } else if (isCurrent) {
          stack.resources.delete(logicalId);
        }
        throw error;
      }
    }
    if (isCurrent) {
      stack.resources.delete(logicalId);
    }
  }

  private finish(failures: readonly Failure[], done: StackStatus, failed: StackStatus): void {
    if (failures.length > 0) {
      this.stack.setStatus(failed, listed('delete', failures));
      return;
    }
    if (done === 'DELETE_COMPLETE') {
      this.stack.deleted = this.registry.now();
    }
    this.stack.setStatus(done);
  }

  private evaluate(target: StackTarget): Promise<EvaluatedTarget> {
    const { stack, registry, environment, credentials } = this;
    return evaluatedTarget(target, stack, { ...environment, registry, readSsm: ssmReader(environment, credentials) });
  }

  private async failIfWanted(logicalId: string, step: 'Create' | 'Update' | 'Delete' | 'Rollback'): Promise<void> {
    if (await this.environment.adversary.fails(logicalId, step)) {
      throw new Error(
        `Resource handler returned message: "made to fail" (RequestToken: ${randomUUID()}, HandlerErrorCode: InternalFailure)`,
      );
    }
  }

  private failureReason(failures: readonly Failure[], before: ReadonlyMap<string, StackResource>): string {
    const begun = failures.filter(({ logicalId }) => this.touched.has(logicalId) || this.created.has(logicalId));
    const [updates, creates] = [
      begun.filter(({ logicalId }) => before.has(logicalId)),
      begun.filter(({ logicalId }) => !before.has(logicalId)),
    ];
    const reasons = [creates.length > 0 && listed('create', creates), updates.length > 0 && listed('update', updates)];
    return reasons.filter(Boolean).join('') || `${failures[0]?.error.message}.`;
  }
}

type Purpose = 'creation' | 'deletion' | 'cleanup' | 'cleanup-of-rollback';

const replacing = 'Requested update requires the creation of a new physical resource; hence creating one.';
const skipped = 'Resource skipped during UpdateRollback';

function listed(verb: string, failures: readonly Failure[]): string {
  return `The following resource(s) failed to ${verb}: [${failures.map(({ logicalId }) => logicalId).join(', ')}]. `;
}
