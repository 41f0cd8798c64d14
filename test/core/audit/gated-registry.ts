import { contentDigest } from '../../../core/content/content-digest';
import { NO_ALIAS } from '../../../core/ledger/layout';
import { formatGatesByAlias } from '../../../core/release/gate';
import type { ModelGate } from '../../../core/release/gates/model';
import { variant } from '../../lambda/events';
import { GATE } from '../../lambda/gated-world';
import { HonestRegistry, seeded } from './honest-registry';

const MODEL: ModelGate = { gate: 'model', endsAfter: 30 * 86_400, among: ['amazon.nova-pro-v1:0', 'us.meta.llama'] };

export const GATES = { '*': [GATE, MODEL], STAGING: [] };

export interface GatedHistory {
  readonly registry: HonestRegistry;
  /** What happened, to see that random histories hold everything. */
  readonly what: ReadonlySet<string>;
}

const PEOPLE = ['alice', 'bob', 'Carol', 'dave'] as const;

/** What is released, step by step, of a registry whose aliases have a gate but for STAGING. */
export async function gatedHistory(seed: number, steps = 16): Promise<GatedHistory> {
  const random = seeded(seed);
  const registry = new HonestRegistry(random, formatGatesByAlias(GATES));
  const what = new Set<string>();
  let [text, prod, withdrawn] = ['text 0', 'none', 'none'];
  const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const pick = () => 1 + Math.floor(random() * Math.max(1, registry.prompts.highest));
  const deploy = async (changes: { text?: string; prod?: string; withdrawn?: string }, failsAfter?: number) => {
    const next = { prod, withdrawn, ...changes };
    const content = changes.text ?? text;
    const outcome = await registry.deploy({
      ...{ stack: 'Prompts', token: `exec-${seed}-${registry.time}`, withdrawn: next.withdrawn },
      parametersFirst: random() < 0.5,
      ...(changes.text !== undefined && { text: changes.text }),
      targets: { STAGING: contentDigest(variant(content)), PROD: next.prod },
      ...(failsAfter !== undefined && { failsAfter }),
    });
    what.add(outcome);
    if (outcome === 'done') [text, prod, withdrawn] = [content, next.prod, next.withdrawn];
    return outcome;
  };
  await deploy({ text: 'text 0' });
  for (let step = 1; step <= steps; step++) {
    registry.pass(random() < 0.3 ? 200_000 : 900);
    const turn = random();
    const version = pick();
    if (turn < 0.25) await deploy({ text: random() < 0.8 ? `text ${step}` : 'text 0' });
    else if (turn < 0.3) {
      await deploy({ withdrawn: withdrawn === 'none' && String(version) !== prod ? String(version) : 'none' });
      what.add('withdrawal');
    } else if (turn < 0.33) {
      await registry.remove('Prompts', 'PROD');
      prod = 'none';
      what.add('removed');
    } else if (turn < 0.5) {
      const [who, as] = [one(PEOPLE), one(['authors', 'risk'])];
      registry.sign({ who, as, version, kind: one(as === 'risk' ? (['approve', 'reject'] as const) : ['request']) });
      registry.sign({ who, as, version, kind: 'comment', alias: NO_ALIAS, comment: 'looks fine' });
    } else {
      if (random() < 0.8) {
        const [asker, approver] = [one(PEOPLE), one(PEOPLE)];
        registry.sign({ who: asker, as: 'authors', version, kind: 'request' });
        registry.pass(600);
        registry.sign({ who: approver, as: 'risk', version, kind: 'approve' });
        registry.pass(random() < 0.1 ? 700_000 : 600);
      }
      const fails = random() < 0.2 ? Math.floor(random() * 3) : undefined;
      const outcome = await deploy({ prod: String(version) }, fails);
      if (outcome === 'failed' && fails === undefined) what.add('refused');
    }
  }
  return { registry, what };
}

/** PROD was released as 1, 2 and 3, went back to 2, and was released as 4; each forward move was asked for and agreed to. */
export async function agreedHistory(): Promise<HonestRegistry> {
  const registry = new HonestRegistry(seeded(7), formatGatesByAlias(GATES));
  let prod = 'none';
  for (const version of [1, 2, 3, 4]) {
    await registry.release(prod, `text ${version}`);
    registry.pass(900);
    registry.sign({ who: 'alice', as: 'authors', kind: 'request', version, comment: `CHG-${version}` });
    registry.pass(900);
    registry.sign({ who: 'bob', as: 'risk', kind: 'approve', version });
    prod = String(version);
    await registry.release(prod);
    if (version === 3) {
      prod = '2';
      await registry.release(prod);
    }
  }
  registry.pass(86_400);
  return registry;
}
