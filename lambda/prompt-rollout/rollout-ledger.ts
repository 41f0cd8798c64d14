import { type LedgerEntry, ledgerEntries, recordsIn } from '../../core/ledger/entries';
import { ledgerKey, stepKey, stepsPrefix } from '../../core/ledger/layout';
import { type LedgerRecord, parseRecord, recordDigest } from '../../core/ledger/record';
import type { Rollout } from '../../core/ledger/record-schema-2';
import { parseStep, type RolloutStep, serializeStep } from '../../core/ledger/rollout-step';
import { RegistryError } from '../../core/registry-error';
import type { ObjectStore } from '../object-store';

/** How far a rollout got. */
export interface StepChain {
  /** Oldest first. */
  readonly steps: readonly RolloutStep[];
  /** What the next step carries as `previous`. */
  readonly previous: string;
  /** When the record was written that began the plan, ISO 8601. */
  readonly began: string;
}

/** More steps than a plan can have: ten, and a halt. */
const MOST_STEPS = 100;

/** The ledger of one alias as a controller knows it: it reads records, and appends steps. */
export class RolloutLedger {
  constructor(
    private readonly store: ObjectStore,
    private readonly promptId: string,
    private readonly alias: string,
  ) {}

  /**
   * The newest record; undefined before the first.
   *
   * @throws RegistryError `BadLedgerRecord`, `RecordNeedsNewer`: what cannot be read is not rolled out
   */
  async head(): Promise<LedgerRecord | undefined> {
    const newest: AsyncIterable<LedgerEntry> = ledgerEntries(this.store, this.promptId, this.alias, 1);
    for await (const record of recordsIn(newest)) return record;
    return undefined;
  }

  /** @throws RegistryError `BadLedgerRecord` */
  async chain({ plan }: Rollout): Promise<StepChain> {
    const rollout = { promptId: this.promptId, alias: this.alias, plan };
    const beginning = await this.store.read(ledgerKey(this.promptId, this.alias, plan));
    if (beginning === undefined) {
      throw new RegistryError('BadLedgerRecord', `expected record ${plan}, which began the rollout, found none`);
    }
    const keys = await this.store.list(stepsPrefix(rollout), MOST_STEPS);
    const bodies = await Promise.all(keys.map((key) => this.store.read(key)));
    const oldestFirst = bodies.flatMap((body) => body ?? []).reverse();
    return {
      steps: oldestFirst.map(parseStep),
      previous: recordDigest(oldestFirst.at(-1) ?? beginning),
      began: parseRecord(beginning).time,
    };
  }

  append(step: RolloutStep): Promise<'written' | 'taken'> {
    const { promptId, alias } = this;
    return this.store.putIfAbsent(stepKey({ promptId, alias, plan: step.plan, n: step.n }), serializeStep(step));
  }
}
