import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error';

export interface SecretVersion {
  readonly id: string;
  readonly value: string;
  readonly created: Date;
  readonly stages: Set<string>;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  description?: string;
  readonly tags: Map<string, string>;
  readonly created: Date;
  changed: Date;
  /** Set: it cannot be read until it is restored, and goes at this time. */
  deletion?: Date;
  readonly versions: Map<string, SecretVersion>;
}

export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';

/** Secrets of one account and Region, with the versions that a stage keeps. */
export class SecretStore {
  private readonly secrets = new Map<string, Secret>();

  list(): Secret[] {
    return [...this.secrets.values()];
  }

  /** By name, ARN, or ARN without its random end. */
  find(id: string | undefined): Secret | undefined {
    return this.list().find(({ name, arn }) => id === name || id === arn || id === arn.slice(0, -7));
  }

  /** Throws ResourceNotFoundException. */
  get(id: string | undefined): Secret {
    const found = this.find(id);
    if (!found) {
      throw new AwsError('ResourceNotFoundException', 400, "Secrets Manager can't find the specified secret.");
    }
    return found;
  }

  /** One that is not about to be deleted. Throws InvalidRequestException. */
  usable(id: string | undefined): Secret {
    const found = this.get(id);
    if (found.deletion) {
      const message = "You can't perform this operation on the secret because it was marked for deletion.";
      throw new AwsError('InvalidRequestException', 400, message);
    }
    return found;
  }

  create(secret: Omit<Secret, 'arn' | 'versions' | 'changed'>, prefix: string): Secret {
    if (this.find(secret.name)) {
      const message = `The operation failed because the secret ${secret.name} already exists.`;
      throw new AwsError('ResourceExistsException', 400, message);
    }
    const arn = `${prefix}${secret.name}-${randomBytes(3).toString('hex')}`;
    const made: Secret = { ...secret, arn, changed: secret.created, versions: new Map() };
    this.secrets.set(arn, made);
    return made;
  }

  delete(secret: Secret): void {
    this.secrets.delete(secret.arn);
  }

  /** A new version; each stage leaves the version that it was on, and what was current becomes the previous one. */
  put(secret: Secret, value: string, time: Date, token = randomUUID() as string, stages = [CURRENT]): SecretVersion {
    const same = secret.versions.get(token);
    if (same) {
      if (same.value !== value) {
        const message = "You can't modify an existing version, you can only create a new version.";
        throw new AwsError('ResourceExistsException', 400, message);
      }
      return same;
    }
    const made: SecretVersion = { id: token, value, created: time, stages: new Set() };
    secret.versions.set(token, made);
    for (const stage of stages) {
      this.move(secret, stage, made);
    }
    secret.changed = time;
    return made;
  }

  version(secret: Secret, { id, stage = CURRENT }: { id?: string; stage?: string }): SecretVersion {
    const found = [...secret.versions.values()].find((one) => (id ? one.id === id : one.stages.has(stage)));
    if (!found) {
      const which = id ? `VersionId: ${id}` : `staging label: ${stage}`;
      const message = `Secrets Manager can't find the specified secret value for ${which}`;
      throw new AwsError('ResourceNotFoundException', 400, message);
    }
    return found;
  }

  private move(secret: Secret, stage: string, to: SecretVersion): void {
    const from = [...secret.versions.values()].find(({ stages }) => stages.has(stage));
    from?.stages.delete(stage);
    to.stages.add(stage);
    if (stage === CURRENT && from && from !== to) {
      this.move(secret, PREVIOUS, from);
    }
    // https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
    for (const { id, stages } of secret.versions.values()) {
      if (stages.size === 0) {
        secret.versions.delete(id);
      }
    }
  }
}
