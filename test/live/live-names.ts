import { randomInt } from 'node:crypto';
import { aliasParameterId, logicalId } from '../../core/contract/names';

const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** The names of all that a run creates: each holds the run's id, so that two runs do not meet. */
export class LiveNames {
  static readonly PATTERN = /^live-[a-z0-9]{6}$/;

  static random(): LiveNames {
    return new LiveNames(`live-${Array.from({ length: 6 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`);
  }

  constructor(readonly id: string) {}

  get registryStack(): string {
    return `Prompts-${this.id}`;
  }

  get consumerStack(): string {
    return `Consumer-${this.id}`;
  }

  /** A prompt with free JSON, and nothing else. */
  get typesStack(): string {
    return `Types-${this.id}`;
  }

  get parameterPrefix(): string {
    return `/prompts/${this.id}`;
  }

  /** The registry's prompt, or one that a check makes by itself. */
  prompt(role?: string): string {
    return role === undefined ? this.id : `${this.id}-${role}`;
  }

  /** Stack parameter that says where PROD points. */
  get prodParameter(): string {
    return aliasParameterId(this.prompt(), 'PROD');
  }

  resource(alias: 'STAGING' | 'PROD', role: 'ReleasePlan' | 'CallerPolicy' | 'Alias' | 'Parameter'): string {
    return logicalId(this.parameterPrefix, this.prompt(), alias, role);
  }
}
