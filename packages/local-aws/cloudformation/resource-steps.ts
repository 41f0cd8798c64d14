import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { AwsError, notImplemented } from '../aws-error';
import type { Credentials } from '../iam/principal';
import type { Adversary, Delivery, Step } from './adversary';
import { type CustomResourceAnswer, CustomResourceFailure, callCustomResource } from './custom-resource-call';
import { patientRetries } from './patient-retries';
import { providerOf } from './providers';
import type { ClientConfiguration, FoundResource, ProviderContext } from './providers/provider';
import { changedProperties, isCustomResource, missingProperties, nameProperty, replacementFor } from './resource-types';
import type { ResponseDesk } from './response-desk';
import type { AlarmStates } from './rollback-triggers';
import type { Stack } from './stack';
import type { Properties, ResourceImport, StackResource } from './stack-target';
import { validationError } from './validation-error';

export interface StepEnvironment {
  readonly account: string;
  readonly region: string;
  readonly endpoint: () => string;
  readonly desk: ResponseDesk;
  readonly adversary: Adversary;
  readonly alarmState: AlarmStates;
}

type NewResource = Pick<StackResource, 'logicalId' | 'type' | 'properties'>;

/** Creates, updates and deletes single resources with one operation's rights; knows nothing of order or rollback. */
export class ResourceSteps {
  /** Aborted when the operation turns back: calls to custom resources are given up. */
  readonly giveUp = new AbortController();
  /** Going back and deleting are never given up. */
  private readonly never = new AbortController().signal;
  private readonly clients = new Map<unknown, unknown>();
  private readonly context: ProviderContext;

  constructor(
    private readonly stack: Stack,
    private readonly environment: StepEnvironment,
    credentials: Credentials,
    private readonly moment: (delivery: Delivery) => Promise<void>,
  ) {
    const { endpoint, region, account, adversary } = environment;
    const configuration = {
      endpoint: endpoint(),
      region,
      credentials,
      retryStrategy: patientRetries,
      forcePathStyle: true,
    };
    // A stack may have any number of custom resources under way.
    setMaxListeners(0, this.giveUp.signal, this.never);
    this.context = {
      account,
      region,
      freeJson: adversary.freeJson,
      client: <C>(Client: new (configuration: ClientConfiguration) => C) => {
        const client = (this.clients.get(Client) as C | undefined) ?? new Client(configuration);
        this.clients.set(Client, client);
        return client;
      },
    };
  }

  /** `made` hears the physical id as soon as there is one. */
  async create({ logicalId, type, properties }: NewResource, made: (physicalId: string) => void) {
    await this.failIfWanted(logicalId, 'Create');
    if (isCustomResource(type)) {
      return this.call('Create', { logicalId, type, properties }, this.giveUp.signal);
    }
    const missing = missingProperties(type, properties);
    if (missing.length > 0) {
      throw validationError(
        `Properties validation failed for resource ${logicalId}: required key [${missing[0]}] not found`,
      );
    }
    const context = { ...this.context, made, generatedName: (max: number) => this.generatedName(logicalId, max) };
    return this.asHandler(providerOf(type).create(properties, context));
  }

  /** The answer's physical id is another one if the resource was replaced; the old one is still there then. */
  async update(current: StackResource, properties: Properties, made: (physicalId: string) => void) {
    const { logicalId, type, physicalId = '' } = current;
    await this.failIfWanted(logicalId, 'Update');
    if (isCustomResource(type)) {
      if (current.properties.ServiceToken !== properties.ServiceToken) {
        throw new CustomResourceFailure('Modifying service token is not allowed.');
      }
      return this.call('Update', { ...current, properties, oldProperties: current.properties }, this.giveUp.signal);
    }
    if (!this.replaces(current, properties)) {
      const update = providerOf(type).update(physicalId, properties, current.properties, this.context);
      return { physicalId, attributes: await this.asHandler(update) };
    }
    const name = nameProperty(type);
    if (name && properties[name] !== undefined && properties[name] === current.properties[name]) {
      throw validationError(
        `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${properties[name]} and update the stack again.`,
      );
    }
    return this.create({ logicalId, type, properties }, made);
  }

  replaces({ type, properties: before }: StackResource, properties: Properties): boolean {
    return changedProperties(before, properties).some((name) => replacementFor(type, name) === 'Always');
  }

  /** Puts a resource back: the event or call is that of an update with old and new exchanged. */
  async putBack(current: StackResource, properties: Properties) {
    const { logicalId, type, physicalId = '' } = current;
    await this.failIfWanted(logicalId, 'Rollback');
    if (isCustomResource(type)) {
      return this.call('Update', { ...current, properties, oldProperties: current.properties }, this.never);
    }
    const update = providerOf(type).update(physicalId, properties, current.properties, this.context);
    return { physicalId, attributes: await this.asHandler(update) };
  }

  /** The resource that an import names, which is left as it is. */
  async find({ logicalId, type, identifier }: ResourceImport): Promise<FoundResource> {
    await this.failIfWanted(logicalId, 'Import');
    const { find } = providerOf(type);
    if (!find) throw notImplemented(`imports of ${type}`);
    const found = await this.asHandler(find(identifier, this.context));
    if (!found) {
      const value = Object.values(identifier).join('|');
      throw new Error(`Resource of type '${type}' with identifier '${value}' was not found.`);
    }
    return found;
  }

  async remove({ logicalId, type, physicalId, properties }: StackResource): Promise<void> {
    await this.failIfWanted(logicalId, 'Delete');
    if (isCustomResource(type)) {
      // A creation that never answered has no name: the handler gets an invented one.
      const named = physicalId ?? this.generatedName(logicalId, 255);
      await this.call('Delete', { logicalId, type, properties, physicalId: named }, this.never);
    } else if (physicalId !== undefined) {
      await this.asHandler(providerOf(type).remove(physicalId, properties, this.context));
    }
  }

  private call(
    requestType: 'Create' | 'Update' | 'Delete',
    resource: NewResource & { oldProperties?: Properties; physicalId?: string },
    signal: AbortSignal,
  ): Promise<CustomResourceAnswer> {
    const { desk, adversary } = this.environment;
    const { logicalId, type, properties, oldProperties, physicalId } = resource;
    const what = { requestType, stackId: this.stack.id, logicalId, type, properties, oldProperties, physicalId };
    const request = { ...what, signal, deliveries: adversary.deliveries(), moment: this.moment };
    return callCustomResource(request, desk, this.context);
  }

  private async failIfWanted(logicalId: string, step: Step): Promise<void> {
    if (await this.environment.adversary.fails(logicalId, step)) {
      throw new Error('Resource handler returned message: "made to fail" (HandlerErrorCode: InternalFailure)');
    }
  }

  private generatedName(logicalId: string, max: number): string {
    const suffix = this.environment.adversary.suffix(12);
    const room = max - suffix.length - 2;
    const ofLogicalId = logicalId.slice(0, Math.max(room - this.stack.name.length, Math.floor(room / 2)));
    return `${this.stack.name.slice(0, room - ofLogicalId.length)}-${ofLogicalId}-${suffix}`;
  }

  /** A service's error in the words of CloudFormation's handlers. */
  private async asHandler<T>(step: Promise<T>): Promise<T> {
    try {
      return await step;
    } catch (error) {
      const { name, message } = error as Error;
      const code = /AlreadyExists/.test(name)
        ? 'AlreadyExists'
        : /AccessDenied/.test(name)
          ? 'AccessDenied'
          : 'GeneralServiceException';
      if (error instanceof AwsError || !('$metadata' in (error as object))) {
        throw error;
      }
      throw new Error(
        `Resource handler returned message: "${message}" (RequestToken: ${randomUUID()}, HandlerErrorCode: ${code})`,
      );
    }
  }
}
