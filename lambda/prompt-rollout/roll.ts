import { formatProgress } from '../../core/contract/rollout-parameters';
import type { LedgerRecord } from '../../core/ledger/record';
import type { Rollout } from '../../core/ledger/record-schema-2';
import type { RolloutStep } from '../../core/ledger/rollout-step';
import { RegistryError } from '../../core/registry-error';
import { readArms } from '../../core/rollout/arm-metrics';
import { countedWindows } from '../../core/rollout/counted-windows';
import { decide, type RolloutAction } from '../../core/rollout/decide';
import { isOver } from '../../core/rollout/plan-end';
import { alarmsOf } from '../../core/rollout/settings';
import type { AlarmState, GuardReadings, Situation } from '../../core/rollout/situation';
import { errorCode } from '../error-code';
import type { RolloutDeps } from './deps';
import { noticeMessage } from './notice-message';
import type { RollingAlias } from './rolling-aliases';
import { RolloutLedger, type StepChain } from './rollout-ledger';

/** How an alias's rollout stands after a controller did all that there was to do. */
export interface Rolled {
  readonly rollout: Rollout | null;
  /** Oldest first. */
  readonly steps: readonly RolloutStep[];
  /** Numbers of those that were appended now. */
  readonly appended: readonly number[];
}

/** A start: record, parameter, message, life. A halt as many. Whatever needs more than this does not come to rest. */
const MOST_ACTIONS = 12;

type Request = Situation['request'];

/**
 * Does for one alias what there is to do: one thing after the other, each decided from what the ledger says then.
 *
 * @throws what stops it; the next tick goes on
 */
export async function roll(alias: RollingAlias, request: Request, deps: RolloutDeps): Promise<Rolled> {
  const ledger = new RolloutLedger(deps.ledger, alias.promptId, alias.alias);
  const head = await ledger.head();
  if (head?.prompt !== alias.prompt || head.alias !== alias.alias) throw otherLedger(alias, head);
  const { rollout = null, to } = head;
  if (rollout === null || to === null) return takeBack(alias, deps);
  const chain = await ledger.chain(rollout);
  const guards = await readingsOf(alias, rollout, head, chain, deps, request);
  // As late as can be: from here on clients have so much time to notice.
  const now = new Date(deps.now());
  return new Roll(alias, rollout, to.version, ledger, deps, { request, guards, now }).toRest(chain);
}

/** One invocation's way through what there is to do about one rollout. */
class Roll {
  private value: string;
  private told: number | undefined;
  private readonly appended: number[] = [];

  constructor(
    private readonly alias: RollingAlias,
    private readonly rollout: Rollout,
    private readonly stable: number,
    private readonly ledger: RolloutLedger,
    private readonly deps: RolloutDeps,
    private readonly seen: Pick<Situation, 'request' | 'guards' | 'now'>,
  ) {
    this.value = alias.value;
  }

  async toRest(chain: StepChain): Promise<Rolled> {
    const { alias, rollout, deps, seen } = this;
    for (let done = 0; done < MOST_ACTIONS; done++) {
      const action = decide({ rollout, ...chain, ...seen, value: this.value, told: this.told });
      if (action.do === 'nothing') return { rollout, steps: chain.steps, appended: this.appended };
      deps.log('INFO', 'rollout', { prompt: alias.prompt, alias: alias.alias, plan: rollout.plan, ...shown(action) });
      chain = await this.carryOut(action, chain);
    }
    throw new Error(`${alias.prompt} ${alias.alias} does not come to rest in ${MOST_ACTIONS} actions`);
  }

  private async carryOut(action: RolloutAction, chain: StepChain): Promise<StepChain> {
    switch (action.do) {
      case 'put':
        this.value = formatProgress(action.progress);
        await this.deps.parameters.overwrite(this.alias.progressName, this.value);
        return chain;
      case 'append':
        if ((await this.ledger.append(action.step)) === 'written') this.appended.push(action.step.n);
        // Also where somebody else took the number: then theirs decides.
        return this.ledger.chain(this.rollout);
      case 'notify':
        await this.deps.publish(noticeMessage(action.about, action.reasons, this.noticeContext(chain)));
        this.told = action.n;
        return chain;
      case 'nothing':
        return chain;
    }
  }

  private noticeContext({ steps, began }: StepChain) {
    const { alias, rollout, stable, deps } = this;
    const newest = steps.find(({ kind }) => kind === 'halt') ?? steps.at(-1);
    return { registry: deps.registry, prompt: alias.prompt, alias: alias.alias, stable, rollout, began, newest };
  }
}

/** No rollout is in force: what the parameter says holds for none. */
async function takeBack(alias: RollingAlias, { parameters, now, log }: RolloutDeps): Promise<Rolled> {
  const { value, prompt, progressName } = alias;
  const none = { rollout: null, began: '', steps: [], previous: '' };
  const action = decide({ ...none, value, now: new Date(now()) });
  if (action.do === 'put') {
    log('INFO', 'rollout', { prompt, alias: alias.alias, ...shown(action) });
    await parameters.overwrite(progressName, formatProgress(action.progress));
  }
  return { rollout: null, steps: [], appended: [] };
}

/** The pointer only says where to look: it was edited by hand. */
function otherLedger({ prompt, alias, promptId }: RollingAlias, head: LedgerRecord | undefined): RegistryError {
  return new RegistryError(
    'BadLedgerRecord',
    `expected the ledger of ${prompt} ${alias} under ${promptId}, to which its parameter points, found ${head ? `that of ${head.prompt}` : 'none'}`,
  );
}

/** Undefined where nothing is to be read, and where CloudWatch does not answer somebody who asks for a halt. */
async function readingsOf(
  { prompt, alias }: RollingAlias,
  rollout: Rollout,
  { to }: LedgerRecord,
  { steps, began }: StepChain,
  { alarms, metrics, now, log }: RolloutDeps,
  request: Request,
): Promise<GuardReadings | undefined> {
  const isServed = !isOver(rollout, began, new Date(now())) && !steps.some(({ kind }) => kind === 'halt');
  if (to === null || !isServed) return undefined;
  try {
    const arns = alarmsOf(rollout);
    const states = arns.length > 0 ? await alarms.states(arns) : new Map<string, string>();
    const arms = { prompt, alias, candidate: rollout.candidate.version, stable: to.version, steps };
    const counted = await readArms(arms, countedWindows(steps, new Date(now())), metrics);
    return { alarms: states as ReadonlyMap<string, AlarmState>, ...counted };
  } catch (error) {
    if (request === undefined) throw error;
    log('WARN', 'guards not read', { prompt, alias, error: errorCode(error) });
    return undefined;
  }
}

function shown(action: RolloutAction): Record<string, unknown> {
  if (action.do !== 'append') return { ...action };
  const { n, kind, step, at, reason, evidence } = action.step;
  return { do: action.do, n, kind, step, at, reason, evidence };
}
