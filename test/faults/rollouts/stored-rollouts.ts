import { createHash } from 'node:crypto';

/** A record and a step, as far as the laws look at them. */
export interface StoredRecord {
  readonly schema: number;
  readonly sequence: number;
  readonly kind: string;
  readonly undo: boolean;
  readonly from: { readonly version: number } | null;
  readonly to: { readonly version: number } | null;
  readonly withdrawn: readonly number[];
  readonly requires?: readonly string[];
  readonly rollout?: StoredPlan | null;
  readonly passed?: object | null;
  readonly ended?: { readonly plan: number; readonly n: number | null; readonly head: string | null } | null;
  readonly previous: string | null;
}

interface StoredPlan {
  readonly plan: number;
  readonly candidate: { readonly version: number; readonly digest: string };
  readonly steps: readonly number[];
}

export interface StoredStep {
  readonly plan: number;
  readonly n: number;
  readonly kind: 'step' | 'halt';
  readonly step: number;
  readonly at: string;
  readonly time: string;
  readonly previous: string;
}

interface Stored<T> {
  readonly key: string;
  readonly body: string;
  readonly value: T;
}

/** Bodies never change, and are looked at after each write. */
function once<T>(make: (body: string) => T): (body: string) => T {
  const made = new Map<string, T>();
  return (body) => {
    const found = made.get(body) ?? make(body);
    made.set(body, found);
    return found;
  };
}

const sha256 = once((body) => createHash('sha256').update(body).digest('hex'));
const parsed = once<unknown>(JSON.parse);

/** From a whole minute on, 75 seconds ahead or more. */
const NOTICE_MS = 75_000;

/** The ledger of PROD as it lies in its bucket, read by what the pages say of it and not by the product's code. */
export class StoredRollouts {
  private readonly records: readonly Stored<StoredRecord>[];
  private readonly steps: readonly Stored<StoredStep>[];

  constructor(objects: ReadonlyMap<string, string>) {
    this.records = below<StoredRecord>(objects, /^ledger\/[^/]+\/PROD\//);
    this.steps = below<StoredStep>(objects, /^rollouts\/[^/]+\/PROD\//);
  }

  get newest(): StoredRecord | undefined {
    return this.records.at(-1)?.value;
  }

  get count(): number {
    return this.records.length;
  }

  record(sequence: number): StoredRecord | undefined {
    return this.records[sequence - 1]?.value;
  }

  /** Oldest first. */
  stepsOf(plan: number): StoredStep[] {
    return this.storedSteps(plan).map(({ value }) => value);
  }

  /** What counts of them: a halt, else the newest. */
  standingStep(plan: number): StoredStep | undefined {
    const steps = this.stepsOf(plan);
    return steps.find(({ kind }) => kind === 'halt') ?? steps.at(-1);
  }

  /** What is wrong with the chains. `mayMissEnds`: the steps of the rollout that a record ended could not be read. */
  faults(bake: number, mayMissEnds: (sequence: number) => boolean): string[] {
    const plans = new Set(this.steps.map(({ value }) => value.plan));
    return [
      ...this.records.flatMap((_, index) => this.faultsOfRecord(index, mayMissEnds(index + 1))),
      ...[...plans].flatMap((plan) => this.faultsOfSteps(plan, bake)),
    ];
  }

  private storedSteps(plan: number) {
    return this.steps.filter(({ value }) => value.plan === plan);
  }

  private faultsOfRecord(index: number, mayMissEnds: boolean): string[] {
    const { key, value } = this.records[index] as Stored<StoredRecord>;
    const before = this.records[index - 1];
    const { sequence, previous, from, rollout, ended, passed, schema, requires = [] } = value;
    const wrong: string[] = [];
    const expect = (holds: boolean, what: string) => void (holds || wrong.push(`record ${sequence}: ${what}`));
    expect(sequence === index + 1 && key.endsWith(`/${99_999_999 - sequence}.json`), `stands as ${key}`);
    expect(previous === (before ? sha256(before.body) : null), 'does not follow the one before');
    expect((from?.version ?? null) === (before?.value.to?.version ?? null), 'begins elsewhere');
    expect((schema === 2) === Boolean(rollout || ended || passed), `has schema ${schema}`);
    expect(String(requires) === (rollout ? 'rollout' : ''), `requires ${requires}`);
    if (rollout) {
      const beginning = this.record(rollout.plan)?.rollout;
      expect(beginning?.plan === rollout.plan, `goes on with plan ${rollout.plan}, which no record began`);
      expect(JSON.stringify(beginning) === JSON.stringify(rollout), `changes plan ${rollout.plan}`);
    }
    const was = before?.value.rollout;
    const isEnd = was != null && was.plan !== rollout?.plan;
    expect((ended?.plan ?? null) === (isEnd ? was.plan : null), `says that plan ${ended?.plan} ends`);
    if (ended) wrong.push(...this.faultsOfEnd(sequence, ended, mayMissEnds));
    return wrong;
  }

  private faultsOfEnd(sequence: number, ended: NonNullable<StoredRecord['ended']>, mayMissEnds: boolean): string[] {
    const { plan, n, head } = ended;
    if (n === null) return mayMissEnds ? [] : [`record ${sequence}: does not know how far plan ${plan} came`];
    const step = this.storedSteps(plan)[n - 1];
    const expected = n === 0 ? null : step && sha256(step.body);
    return head === expected ? [] : [`record ${sequence}: ends plan ${plan} at step ${n}, which is another one`];
  }

  private faultsOfSteps(plan: number, bake: number): string[] {
    const root = this.records[plan - 1];
    const steps = this.storedSteps(plan);
    if (root?.value.rollout?.plan !== plan) return [`plan ${plan} has steps, and no record that began it`];
    const shares = root.value.rollout.steps.length;
    return steps.flatMap(({ key, value }, index) => {
      const before = steps[index - 1];
      const wrong: string[] = [];
      const expect = (holds: boolean, what: string) =>
        void (holds || wrong.push(`step ${value.n} of ${plan}: ${what}`));
      expect(value.n === index + 1 && key.endsWith(`/${plan}/${99_999_999 - value.n}.json`), `stands as ${key}`);
      expect(value.previous === sha256((before ?? root).body), 'does not follow the one before');
      expect(before?.value.kind !== 'halt', 'follows a halt');
      if (value.kind === 'halt') return wrong;
      expect(value.step === index && value.step < shares, `is step ${value.step}`);
      const at = Date.parse(value.at);
      expect(at % 60_000 === 0 && at - Date.parse(value.time) >= NOTICE_MS, `holds from ${value.at} on`);
      expect(!before || at - Date.parse(before.value.at) >= bake * 1000, 'comes before the bake is over');
      return wrong;
    });
  }
}

function below<T>(objects: ReadonlyMap<string, string>, folder: RegExp): Stored<T>[] {
  return [...objects]
    .filter(([key]) => folder.test(key))
    .map(([key, body]) => ({ key, body, value: parsed(body) as T }))
    .sort((one, other) => (one.key < other.key ? 1 : -1));
}
