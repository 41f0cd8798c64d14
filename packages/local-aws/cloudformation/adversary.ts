/** What CloudFormation leaves open, or does at its worst; each can be fixed for a test, or left to the seed. */
export interface AdversaryOptions {
  /** Makes all choices below that are not fixed; without one everything is kind: template order, each event once. */
  readonly seed?: number;
  /** Whether a resource that is put back sees its dependencies' attributes as they were, or as they now answer. Undocumented by AWS. */
  readonly attributesOnRollback?: 'stored' | 'fresh' | 'either';
  /** The order in which updated resources are put back. Undocumented by AWS. */
  readonly rollbackOrder?: 'dependencies-first' | 'dependents-first' | 'either';
  /** Custom resource events may be delivered twice. */
  readonly duplicateEvents?: boolean;
  /** Custom resource events, or their repetition, may be delivered after CloudFormation has given up on them. */
  readonly lateEvents?: boolean;
  /** Independent resources start in any order, several at once or one by one. */
  readonly shuffle?: boolean;
  /**
   * How numbers and booleans in a prompt's free JSON reach Bedrock: `as-texts` is what AWS's own users report, `300` as
   * `"300"` and `false` as `"false"`: aws-cloudformation/cloudformation-coverage-roadmap#2303, #2464.
   * @default 'kept'
   */
  readonly freeJson?: 'kept' | 'as-texts';
  /**
   * Describe operations and `GetTemplate` answer `?` for each character beyond ASCII, as AWS is reported to do:
   * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/814 and /1220
   */
  readonly questionMarks?: boolean;
  /** Lists of every service come at most so many entries a page. @default 2 with a seed, as many as AWS gives without */
  readonly pageSize?: number;
  /** Asked before each step: true makes it fail. It may wait, so that a test holds a step until others are where it wants them. */
  readonly failAt?: (logicalId: string, step: Step) => boolean | Promise<boolean>;
}

export type Step = 'Create' | 'Update' | 'Delete' | 'Rollback' | 'Import';

/** When an event is handed to its handler: at once, once nothing else runs or the attempt is over, and when all is over. */
export type Delivery = 'now' | 'when-idle' | 'after-the-operation';

/** Draws everything that is left open from one seed. */
export class Adversary {
  private state: number;
  private readonly isSeeded: boolean;

  constructor(private readonly options: AdversaryOptions = {}) {
    this.isSeeded = options.seed !== undefined;
    this.state = (options.seed ?? 0) >>> 0;
  }

  /** All choices from here on are those of another seed. */
  reseed(seed: number): void {
    this.state = seed >>> 0;
  }

  get answersQuestionMarks(): boolean {
    return this.options.questionMarks ?? false;
  }

  get pageSize(): number | undefined {
    return this.options.pageSize ?? (this.isSeeded ? 2 : undefined);
  }

  fails(logicalId: string, step: Step): boolean | Promise<boolean> {
    return this.options.failAt?.(logicalId, step) ?? false;
  }

  get freeJson(): 'kept' | 'as-texts' {
    return this.options.freeJson ?? 'kept';
  }

  attributesOnRollback(): 'stored' | 'fresh' {
    const wanted = this.options.attributesOnRollback ?? (this.isSeeded ? 'either' : 'stored');
    return wanted === 'either' ? this.pick(['stored', 'fresh']) : wanted;
  }

  rollbackOrder(): 'dependencies-first' | 'dependents-first' {
    const wanted = this.options.rollbackOrder ?? (this.isSeeded ? 'either' : 'dependencies-first');
    return wanted === 'either' ? this.pick(['dependencies-first', 'dependents-first']) : wanted;
  }

  deliveries(): Delivery[] {
    const { duplicateEvents = this.isSeeded, lateEvents = this.isSeeded } = this.options;
    const deliveries: Delivery[] = [lateEvents && this.chance(0.3) ? 'when-idle' : 'now'];
    if (duplicateEvents && this.chance(0.3)) {
      deliveries.push(lateEvents ? this.pick(['now', 'when-idle', 'after-the-operation']) : 'now');
    }
    return deliveries;
  }

  /** Which of the resources that are ready starts next; undefined to wait for one that runs. */
  choose(ready: readonly string[], running: number): string | undefined {
    if (!(this.options.shuffle ?? this.isSeeded)) {
      return ready[0];
    }
    return running > 0 && this.chance(0.4) ? undefined : this.pick(ready);
  }

  /** Random text of upper-case letters and digits, as in generated names. */
  suffix(length: number): string {
    return Array.from({ length }, () => this.pick([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'])).join('');
  }

  private chance(probability: number): boolean {
    return this.next() < probability;
  }

  private pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)] as T;
  }

  /** mulberry32: [0, 1). */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
}
