import type { PromptClient, PromptClientOptions } from '../../client';
import { formatProgress, formatRollout, type RolloutProgress } from '../../core/contract/rollout-parameters';
import { isCandidate } from '../../core/rollout/share';
import { PARAMETER, RegistryFixture, textVariant } from './registry-fixture';
import { versionArn } from './registry-server';

export const NAME = 'financial-analysis';
export const SALT = `pd1:${'4'.repeat(64)}`;
const STEPS = [5, 25, 50];

/** A key of those that get the candidate from this step on, and not before. */
export function keyFrom(step: number): string {
  const [before = 0, percent = 0] = [STEPS[step - 1] ?? 0, STEPS[step] ?? 100];
  for (let n = 0; ; n++) {
    const key = `user-${n}`;
    if (isCandidate(SALT, key, percent) && !isCandidate(SALT, key, before)) return key;
  }
}

/** A registry whose PROD stands on 3 and rolls out 4. */
export class RolloutFixture {
  private constructor(
    readonly registry: RegistryFixture,
    readonly prompts: PromptClient,
  ) {}

  static async start(options: Partial<PromptClientOptions> = {}): Promise<RolloutFixture> {
    const registry = await RegistryFixture.start();
    registry.publish(4, textVariant('Analyse {{ticker}} at once'));
    const fixture = new RolloutFixture(registry, registry.client({ alias: 'PROD', ...options }));
    fixture.declare();
    fixture.progress({});
    return fixture;
  }

  declare(given: Partial<Parameters<typeof formatRollout>[0] & object> | 'none' = {}): void {
    const rollout = { plan: 3, to: versionArn(4), steps: STEPS, salt: SALT };
    const value = formatRollout(given === 'none' ? null : { ...rollout, ...given });
    this.registry.server.parameters.set(`${PARAMETER}/rollout`, value);
  }

  /** Times are seconds from now. */
  progress({ at = 0, until = 1_800, ...given }: Partial<Omit<RolloutProgress, 'at' | 'until'>> & Span): void {
    const time = (seconds: number) => new Date(this.registry.clock.wall() + seconds * 1_000).toISOString();
    const { step = 1, n = step + 1, ...rest } = given;
    const value = { plan: 3, state: 'step' as const, step, n, at: time(at), until: time(until), ...rest };
    this.registry.server.parameters.set(`${PARAMETER}/rollout-progress`, formatProgress(value));
  }

  halt(): void {
    this.progress({ state: 'halt', n: 9 });
  }

  /** The version that a key gets. */
  async version(targetingKey?: string, prompts = this.prompts): Promise<number | undefined> {
    return (await this.registry.settle(prompts.get(NAME, { targetingKey }))).version;
  }

  /** Time passes, and the next use has asked anew. */
  async nextRefresh(): Promise<void> {
    await this.registry.pass(61_000);
    await this.version('nobody');
    await this.registry.quiet();
  }

  /** Of the metrics of first uses: version → uses and errors. */
  get firsts(): Record<string, [uses: number, errors: number]> {
    const found: Record<string, [number, number]> = {};
    for (const line of this.registry.metricLines) {
      const { Version, FirstUses, FirstErrors } = JSON.parse(line);
      if (FirstUses === undefined) continue;
      const [uses, errors] = found[Version] ?? [0, 0];
      found[Version] = [uses + FirstUses, errors + FirstErrors];
    }
    return found;
  }
}

interface Span {
  readonly at?: number;
  readonly until?: number;
}
