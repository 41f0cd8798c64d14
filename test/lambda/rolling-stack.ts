import { expect } from 'vitest';
import { stepKey } from '../../core/ledger/layout';
import { recordDigest } from '../../core/ledger/record';
import { type RolloutStep, serializeStep } from '../../core/ledger/rollout-step';
import { formatRolloutSettings } from '../../core/rollout/settings';
import { event, PROMPT_ID } from './events';
import { type Properties, ReleaseWorld } from './release-world';

export const SETTINGS = { steps: [5, 25, 50], bake: 600, minimum: 50, key: 'session', guards: ['errors'] } as const;

/** A stack as CloudFormation updates it and brings it back, with an alias that rolls out. */
export class RollingStack {
  readonly world = new ReleaseWorld();
  stored: Properties | undefined;
  answered: Record<string, string> = {};
  planned: Record<string, string> = {};
  target = 'none';
  withdrawn = 'none';

  constructor(settings: object = SETTINGS) {
    this.world.more = { CallableVersions: '3', Rollout: formatRolloutSettings({ ...SETTINGS, ...settings } as never) };
  }

  async deploy(target: string, withdrawn = 'none'): Promise<void> {
    await this.forward(target, withdrawn);
    this.world.stack.turn('UPDATE_COMPLETE');
    this.settle(target, withdrawn);
  }

  /** Another resource fails before the record is asked for. */
  async failEarly(target: string, withdrawn: string, attributes: 'stored' | 'fresh'): Promise<void> {
    this.world.stack.now = 'UPDATE_IN_PROGRESS';
    await this.world.plan(target, withdrawn);
    if (attributes === 'fresh') await this.back(attributes);
    else this.world.stack.now = 'UPDATE_ROLLBACK_COMPLETE';
  }

  /** Everything is done, and then something else of the stack fails. */
  async fail(target: string, withdrawn = 'none', attributes: 'stored' | 'fresh' = 'stored'): Promise<void> {
    const before = this.stored;
    await this.forward(target, withdrawn);
    const forward = this.stored;
    await this.back(attributes, before, forward);
  }

  async back(attributes: 'stored' | 'fresh', before = this.stored, forward = this.stored): Promise<void> {
    const { world } = this;
    world.stack.now = 'UPDATE_ROLLBACK_IN_PROGRESS';
    let properties = before as Properties;
    if (attributes === 'fresh') {
      this.planned = (await world.plan(this.target, this.withdrawn)) as Record<string, string>;
      properties = world.aliasProperties(this.planned);
    }
    this.answered = (await world.alias(event('PromptAlias', 'Update', properties, forward))) as Record<string, string>;
    world.stack.now = 'UPDATE_ROLLBACK_COMPLETE';
    this.stored = properties;
  }

  async forward(target: string, withdrawn: string): Promise<void> {
    const { world } = this;
    world.stack.now = 'UPDATE_IN_PROGRESS';
    this.planned = (await world.plan(target, withdrawn)) as Record<string, string>;
    const properties = world.aliasProperties(this.planned);
    const request = event('PromptAlias', this.stored ? 'Update' : 'Create', properties, this.stored);
    this.answered = (await world.alias(request)) as Record<string, string>;
    this.stored = properties;
  }

  private settle(target: string, withdrawn: string): void {
    this.target = target;
    this.withdrawn = withdrawn;
    this.world.declared = target;
  }

  /** The value of the parameter `rollout`. */
  get value(): unknown {
    return this.answered.Rollout === 'none' ? 'none' : JSON.parse(this.answered.Rollout ?? '');
  }

  get records() {
    const { records, findings } = this.world.chain();
    expect(findings).toEqual([]);
    return records;
  }

  get newest() {
    return this.records.at(-1);
  }

  /** The versions in the slots of the callers' policy. */
  get callable(): string[] {
    return [1, 2, 3].map((slot) => String(this.planned[`CallableArn${slot}`]).split(':').pop() as string);
  }

  /** What the controller wrote: steps, and a halt where `halted`. Answers the newest's digest. */
  step(plan: number, n: number, kind: RolloutStep['kind'] = 'step'): string {
    const { bucket } = this.world;
    const time = new Date(this.world.now()).toISOString();
    const previous = 'a'.repeat(64);
    const common = { schema: 1, plan, n, kind, step: 0, at: time, by: 'controller', reason: null } as const;
    const body = serializeStep({ ...common, evidence: {}, time, previous });
    bucket.objects.set(stepKey({ promptId: PROMPT_ID, alias: 'PROD', plan, n }), body);
    return recordDigest(body);
  }
}
