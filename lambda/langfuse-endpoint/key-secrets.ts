import { timingSafeEqual } from 'node:crypto';
import { isAccessError } from '../../core/contract/access-error';
import type { LangfuseKeySettings } from '../../core/contract/langfuse-endpoint';
import { Refusal } from '../../core/langfuse/refusal';
import { secretHash } from '../../core/langfuse/same-secret';
import type { HandlerClock } from '../clock';
import { isAwsError } from '../error-code';
import type { Log } from '../log';
import { PATIENCE } from './patience';

export interface SecretValue {
  /** `{ "publicKey": …, "secretKey": … }` */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/**
 * Undefined where the secret has no version of that stage.
 *
 * @param patience milliseconds after which it gives up; without it, when the SDK does
 */
export type ReadSecret = (
  arn: string,
  stage: 'AWSCURRENT' | 'AWSPREVIOUS',
  patience?: number,
) => Promise<SecretValue | undefined>;

export interface KeySecretsDeps {
  readonly secrets: ReadSecret;
  readonly clock: Pick<HandlerClock, 'now'>;
  readonly log: Log;
  /** Milliseconds for which the secret of before a rotation is taken. */
  readonly grace: number;
}

const TTL = 5 * 60_000;
/** A secret that does not fit may be new; so often it is looked up again. */
const LOOK_AGAIN = 10_000;
/** Between two tries while nothing is known. */
const PAUSE = 1_000;

interface Known {
  readonly current: Buffer;
  readonly previous?: Buffer;
  /** When `previous` is no longer taken. */
  readonly until: number;
}

/** Compares secrets of keys, of which only hashes are in memory. */
export class KeySecrets {
  private readonly known = new Map<string, Known>();
  private readonly reading = new Map<string, Promise<void>>();
  private readonly looked = new Map<string, number>();

  constructor(private readonly deps: KeySecretsDeps) {}

  /** @throws Refusal 503 where the secret cannot be read, and never was */
  async isSecret(key: LangfuseKeySettings, given: string): Promise<boolean> {
    const age = this.deps.clock.now() - (this.looked.get(key.secretArn) ?? -Infinity);
    const isDue = age >= (this.known.has(key.secretArn) ? TTL : PAUSE);
    if (isDue) await this.look(key);
    if (this.fits(key, given)) return true;
    if (isDue || age < LOOK_AGAIN) return false;
    await this.look(key);
    return this.fits(key, given);
  }

  private fits({ secretArn }: LangfuseKeySettings, given: string): boolean {
    const known = this.known.get(secretArn);
    if (!known) throw new Refusal('ServiceUnavailableError', 'The keys cannot be read just now');
    const hash = secretHash(given);
    const isCurrent = timingSafeEqual(hash, known.current);
    const isPrevious = known.previous !== undefined && timingSafeEqual(hash, known.previous);
    return isCurrent || (isPrevious && this.deps.clock.now() < known.until);
  }

  private look(key: LangfuseKeySettings): Promise<void> {
    const reading = this.reading.get(key.secretArn) ?? this.read(key).finally(() => this.reading.delete(key.secretArn));
    this.reading.set(key.secretArn, reading);
    return reading;
  }

  private async read({ name, secretArn }: LangfuseKeySettings): Promise<void> {
    const { secrets, clock, log, grace } = this.deps;
    const now = clock.now();
    const patience = this.known.has(secretArn) ? PATIENCE : undefined;
    this.looked.set(secretArn, now);
    try {
      const current = await secrets(secretArn, 'AWSCURRENT', patience);
      const until = (current?.createdAt ?? 0) + grace;
      const previous = now < until ? await secrets(secretArn, 'AWSPREVIOUS', patience) : undefined;
      this.known.set(secretArn, {
        current: hashOf(current) ?? NOTHING,
        previous: hashOf(previous),
        until,
      });
    } catch (error) {
      log('ERROR', 'the secret of a key could not be read', { key: name, error: nameOf(error) });
      // What Secrets Manager refuses is a key no more; while it is away the hashes hold.
      if (isAccessError(error) || isAwsError(error, 'ResourceNotFoundException', 'InvalidRequestException'))
        this.known.set(secretArn, { current: NOTHING, until: 0 });
    }
  }
}

/** No secret has this hash. */
const NOTHING = Buffer.alloc(32);

function hashOf(value: SecretValue | undefined): Buffer | undefined {
  if (!value) return undefined;
  try {
    const { secretKey } = JSON.parse(value.text) as { secretKey?: unknown };
    return typeof secretKey === 'string' && secretKey !== '' ? secretHash(secretKey) : undefined;
  } catch {
    return undefined;
  }
}

/** Its name alone: a message might hold what was read. */
function nameOf(error: unknown): string {
  return (error as { name?: string } | null)?.name ?? 'Error';
}
