import { readFileSync } from 'node:fs';
import type { IConstruct } from 'constructs';
import type { ModelLock } from '../core/models/model-lock';
import { parseModelLock } from '../core/models/parse-model-lock';
import { atConstruct, constructError } from './private/construct-error';

/**
 * The models that exist, with their routes and ends, as a file in your repository says: synthesis judges the models of
 * prompts by it, without network.
 *
 * @example
 * new PromptRegistry(this, 'Registry', { models: ModelCatalog.fromLockFile('models.lock.json') });
 */
export abstract class ModelCatalog {
  /** Without it any object would pass as one, since the published types leave its internal members out. */
  declare protected readonly nominal: 'ModelCatalog';

  /**
   * What `prompt-registry models refresh` wrote. A relative path is meant from the working directory, which for the `cdk`
   * command is the folder of `cdk.json`.
   */
  public static fromLockFile(path: string): ModelCatalog {
    return new LockFile(path);
  }

  /** Names the source in messages. @internal */
  public abstract readonly _source: string;

  /** @internal */
  public abstract _bind(scope: IConstruct): ModelLock;
}

class LockFile extends ModelCatalog {
  private lock?: ModelLock;

  constructor(public readonly _source: string) {
    super();
  }

  public override _bind(scope: IConstruct): ModelLock {
    this.lock ??= atConstruct(scope, () => parseModelLock(this.read(scope), this._source));
    return this.lock;
  }

  private read(scope: IConstruct): string {
    try {
      return readFileSync(this._source, 'utf8');
    } catch (error) {
      throw constructError(
        scope,
        'InvalidModelLock',
        `expected a lock file at ${this._source}, found none that can be read (${(error as NodeJS.ErrnoException).code}): write one with prompt-registry models refresh, or give a path from ${process.cwd()}`,
        error,
      );
    }
  }
}
