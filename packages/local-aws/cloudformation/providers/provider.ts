import type { RetryStrategyV2 } from '@smithy/types';
import { notImplemented } from '../../aws-error';
import type { Properties } from '../stack-target';

/** What a provider works with: SDK clients of this endpoint with the rights of the stack's execution role. */
export interface ProviderContext {
  readonly account: string;
  readonly region: string;
  /** How numbers and booleans in free JSON reach the service. */
  readonly freeJson: 'kept' | 'as-texts';
  client<Client>(Client: new (configuration: ClientConfiguration) => Client): Client;
}

export interface ClientConfiguration {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly retryStrategy: RetryStrategyV2;
  readonly forcePathStyle: boolean;
}

export interface CreationContext extends ProviderContext {
  /** `stack-logicalid-suffix`, cut to fit, for a resource without a name of its own. */
  generatedName(maxLength: number): string;
  /** To be told as soon as the resource exists, so that it is deleted if a later step of its creation fails. */
  made(physicalId: string): void;
}

export interface FoundResource {
  readonly physicalId: string;
  readonly attributes: Properties;
}

/** One resource type: a client of its service, as CloudFormation's own handlers are. */
export interface ResourceProvider {
  /** The top-level properties it knows, separated by blanks; another one answers 501 by name. */
  readonly properties: string;
  /** Gives the physical id (what `Ref` is) and the attributes. */
  create(properties: Properties, context: CreationContext): Promise<{ physicalId: string; attributes: Properties }>;
  /** Changes the resource in place, from whatever state it is in, and gives its attributes. */
  update(physicalId: string, properties: Properties, before: Properties, context: ProviderContext): Promise<Properties>;
  /**
   * The resource that the type's primary identifier names, for an import; undefined where there is none. A type without it
   * cannot be imported here.
   */
  find?(identifier: Properties, context: ProviderContext): Promise<FoundResource | undefined>;
  /** A resource that is gone already counts as deleted. */
  remove(physicalId: string, properties: Properties, context: ProviderContext): Promise<void>;
}

/** `value` as the shape that an SDK command takes; the service checks it. */
export function as<T>(value: unknown): T {
  return value as T;
}

/** Throws 501 for a member of `value` whose name is not among `known` (separated by blanks). */
export function only(type: string, value: object, known: string): void {
  const names = known.split(/\s+/);
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) {
      throw notImplemented(`property ${name} of ${type}`);
    }
  }
}

const gone =
  /^(ParameterNotFound|TrailNotFoundException|NoSuch\w+|NoSuchEntity(Exception)?|ResourceNotFound(Exception)?|NotFound)$/;

/** Undefined for what is not there. */
export async function ifThere<T>(step: Promise<T>): Promise<T | undefined> {
  return step.catch((error: Error) => {
    if (gone.test(error.name)) return undefined;
    throw error;
  });
}

/** Waits for a deletion; what is gone already counts as deleted. */
export async function unlessGone(step: Promise<unknown>): Promise<void> {
  await ifThere(step);
}
