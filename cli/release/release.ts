import { aliasParameterId, withdrawnParameterId } from '../../core/contract/names';
import { versionOfArn } from '../../core/contract/version-arn';
import { isShownAs } from '../../core/text/shown-text';
import { CliError, usageError } from '../cli-error';
import type { CommandContext } from '../command';
import { ExitCode } from '../exit-code';
import type { Registry } from '../registry';
import { parameterValue } from '../registry-stack';
import { consentText } from '../reviews/consent';
import { describeStack } from '../stack-finder';
import type { Terminal } from '../terminal';
import { type ChangeSet, createChangeSet, deleteChangeSet, describeChangeSet, stalePlan } from './change-set';
import { checkChangeSet } from './check-change-set';
import { type Execution, unread } from './execution';
import { backText, carriedText, planText } from './plan-text';
import { releaseText } from './release-change';
import { notAgreed, releaseConsent } from './release-consent';
import { type PlannedRelease, type PlannedRollout, plannedRelease } from './release-plan';
import { plannedReason } from './release-reason';
import { type ReleaseRequest, type ReleaseWish, releaseRequest } from './release-request';
import { alarmNames, releaseWatch, ringing, type WatchWish } from './release-watch';
import { runChangeSet } from './run-change-set';
import { checkReady } from './stack-readiness';
import { watchingText } from './watching-text';

export interface ReleaseOrder extends Omit<ReleaseWish, 'to'> {
  /** Undefined to do what the named plan says. */
  readonly to: string | undefined;
  readonly verb: 'promote' | 'rollback';
  /** A plan that was made before; undefined to make one now. */
  readonly planId: string | undefined;
  /** Alarms that take the release back; undefined where none does. */
  readonly watch?: WatchWish | undefined;
}

/**
 * Makes the plan, or takes the one that was named, and refuses it where it would touch anything else.
 *
 * @param ifMissing what to do where a gate does not agree: to `refuse` before there is a change set, or to `show` it
 */
export async function prepare(context: CommandContext, order: ReleaseOrder, ifMissing: 'refuse' | 'show' = 'refuse') {
  const { terminal } = context;
  const registry = await (await context.openRegistry(order.promptName)).again();
  checkReady(registry.stack);
  const known = order.planId === undefined ? undefined : await knownChangeSet(registry, order.planId);
  const wanted = await terminal.progress('reading the registry', () =>
    releaseRequest(registry, known ? wishOf(known, registry, order) : { ...order, to: order.to ?? 'previous' }),
  );
  if (alreadyThere(wanted)) return { registry, request: wanted, plan: undefined, changeSet: undefined };
  const watch = order.watch && (await releaseWatch(registry.clients.cloudWatch, registry.stack, order.watch));
  const request: ReleaseRequest = watch ? { ...wanted, watch } : wanted;
  const passage = await releaseConsent(context, registry, request);
  const { consent } = passage;
  if (consent && consent.missing.length > 0 && ifMissing === 'refuse') throw notAgreed(request, consent);
  const changeSet =
    known ??
    (await terminal.progress('CloudFormation works out the change set', () =>
      newChangeSet(context, registry, request, order),
    ));
  const discard = () =>
    order.planId === undefined ? deleteChangeSet(registry.clients.cloudFormation, changeSet) : undefined;
  return context.interruption.during(
    async () => {
      await discard();
      return ['interrupted; nothing was moved'];
    },
    async () => {
      try {
        await terminal.progress('comparing the change set with the stack', () =>
          checkChangeSet(registry, changeSet, [request]),
        );
        const plan = await terminal.progress('reading both contents', () =>
          plannedRelease(registry, request, changeSet, passage),
        );
        return { registry, request, plan, changeSet };
      } catch (error) {
        await discard();
        throw error;
      }
    },
  );
}

/** Plans, shows, asks, executes and follows a release. */
export async function release(context: CommandContext, order: ReleaseOrder): Promise<ExitCode> {
  const { terminal, values } = context;
  if (!values.yes && !terminal.canAsk) {
    throw usageError(
      `${order.verb} asks before it moves an alias, and there is no terminal to ask`,
      'add --yes; plan shows what it would do',
    );
  }
  const { registry, request, plan, changeSet } = await prepare(context, order);
  if (plan === undefined) {
    const { alias, version } = request.state;
    if (values.json) terminal.json({ moved: false, prompt: alias.promptName, alias: alias.aliasName, version });
    else terminal.line(alreadyText(request));
    return ExitCode.Done;
  }
  const discard = () =>
    order.planId === undefined ? deleteChangeSet(registry.clients.cloudFormation, changeSet) : Promise.resolve();
  return runChangeSet(context, registry, {
    changeSet,
    requests: [request],
    text: planText(plan, terminal),
    question: questionText(order, plan),
    doing: `the release of ${plan.prompt} ${plan.alias} to ${plan.to}${plan.watch ? `, and rolls it back if ${alarmNames(plan.watch)} rings` : ''}`,
    remark: watchingText(plan.watch, `${registry.stack.parameterPrefix}/${plan.prompt}/${plan.alias}`),
    look: `prompt-registry status ${plan.prompt} --stack ${plan.stack}`,
    discard,
    outcome: (done) => outcome(context, registry, plan, done),
  });
}

/** IAM refuses a name that is there, under any path: `EntityAlreadyExists`. */
function isTakenName(failure: Execution['failure']): boolean {
  return (
    failure?.ResourceType === 'AWS::IAM::ManagedPolicy' && /already ?exists/i.test(failure.ResourceStatusReason ?? '')
  );
}

async function outcome(
  { terminal, values }: CommandContext,
  registry: Registry,
  plan: PlannedRelease,
  done: Execution,
): Promise<ExitCode> {
  const [pointers, stack] = await Promise.all([
    registry.reader.aliases(plan.prompt),
    describeStack(registry.clients.cloudFormation, registry.stack.stackId),
  ]).catch((error) => {
    throw unread(registry, done, error);
  });
  const now = versionOfArn(pointers.find(({ aliasName }) => aliasName === plan.alias)?.versionArn);
  const subject = `${plan.prompt} ${plan.alias}`;
  if (done.status === 'UPDATE_ROLLBACK_FAILED') checkReady({ ...registry.stack, status: done.status });
  if (done.status !== 'UPDATE_COMPLETE') {
    const stays =
      now === null ? 'points nowhere, as before' : `points to ${now}${now === plan.from ? ', as before' : ''}`;
    throw new CliError(
      {
        what: `CloudFormation rolled the release back: ${subject} ${stays}`,
        why: await causeOf(registry, plan, done),
        fix: isTakenName(done.failure)
          ? `somebody made a policy of this name before the stack could: look at what it allows and who holds it, delete it, then try again; prompt-registry status ${plan.prompt} lists such names`
          : `fix the cause named above, then retry; all moves: prompt-registry history ${plan.prompt} ${plan.alias}`,
      },
      ExitCode.RolledBack,
    );
  }
  if (stack.RoleARN !== registry.stack.roleArn) {
    // No description of a change set shows it, so that a plan can bring it unseen.
    const role = (arn: string | undefined) => arn ?? 'none';
    terminal.notice(
      `the plan changed the role that CloudFormation works with: ${role(registry.stack.roleArn)} to ${role(stack.RoleARN)}`,
    );
  }
  if (values.json) terminal.json(movedJson(plan, now, done));
  else terminal.line(movedText(plan, now, terminal));
  return ExitCode.Done;
}

/** What failed; where nothing did, the alarm that rang, or CloudFormation's own word. */
async function causeOf({ clients }: Registry, { watch }: PlannedRelease, { failure, turned }: Execution) {
  if (failure) return [failure.LogicalResourceId, failure.ResourceStatusReason].filter(Boolean).join(': ');
  // Only more words: what CloudFormation said stands without them.
  const rang = watch && (await ringing(clients.cloudWatch, watch).catch(() => undefined));
  return rang ?? turned;
}

function movedJson(plan: PlannedRelease, now: number | null, { operation }: Execution) {
  const { prompt, alias, from, consent, back, carried, rollout, watch } = plan;
  return {
    moved: now !== from || rollout === undefined,
    prompt,
    alias,
    from,
    to: now,
    operation,
    ...(consent && { asked: consent.asked, approved: consent.approved }),
    ...(back !== undefined && { back }),
    ...(carried !== undefined && { carried }),
    ...(rollout && { rollout }),
    ...(watch && { watched: { minutes: watch.minutes, alarms: watch.alarms.map(({ arn }) => arn) } }),
  };
}

function movedText(
  { prompt, alias, from, withdrawn, consent, back, carried, rollout }: PlannedRelease,
  now: number | null,
  terminal: Terminal,
) {
  const { colors, glyphs } = terminal;
  const taken = withdrawn.after.filter((version) => !withdrawn.before.includes(version));
  const stands =
    now === from ? `${from ?? glyphs.none}` : `${from ?? glyphs.none} ${glyphs.arrow} ${now ?? glyphs.none}`;
  const move = `${stands}${rollout ? MOVED[rollout.change](rollout) : ''}`;
  const line = `${colors.green(glyphs.ok)} ${prompt} ${alias}  ${move}${taken.map((version) => `, ${version} withdrawn`).join('')}`;
  const through = consent
    ? consentText(consent)
    : back !== undefined
      ? backText(back)
      : carried === undefined
        ? ''
        : carriedText(carried);
  return through === '' ? line : `${line}  ${through}`;
}

const MOVED: Record<PlannedRollout['change'], (rollout: PlannedRollout) => string> = {
  start: ({ candidate }) => `, rolls out ${candidate}`,
  replace: ({ candidate }) => `, rolls out ${candidate} instead`,
  settle: () => ', rollout settled',
  end: ({ candidate }) => `, rollout of ${candidate} ended`,
};

function alreadyText({ state: { alias, version, rollout } }: ReleaseRequest): string {
  const stands = `${alias.promptName} ${alias.aliasName} points to ${version}`;
  return rollout
    ? `${stands} and rolls out ${rollout.candidate} already: nothing to do`
    : `${stands} already: nothing to do`;
}

function questionText({ verb }: ReleaseOrder, { prompt, alias, to, rollout }: PlannedRelease): string {
  const early = rollout?.split?.over === false ? `, before the split of ${rollout.split.candidate} ends` : '';
  switch (rollout?.change) {
    case 'start':
    case 'replace':
      return `begin to roll out ${rollout.candidate} of ${prompt} ${alias}${early}?`;
    case 'settle':
      return `settle ${prompt} ${alias} on ${to}${early}?`;
    case 'end':
      return `end the rollout of ${rollout.candidate}, ${prompt} ${alias} at ${to}${early}?`;
    default:
      return `${verb} ${prompt} ${alias} to ${to}?`;
  }
}

function alreadyThere({ state, to, candidate, prompt, withdrawn }: ReleaseRequest): boolean {
  const isThere = state.version === to && (state.rollout?.candidate ?? null) === candidate;
  return isThere && withdrawn.length === prompt.withdrawn.length;
}

function newChangeSet(
  { interruption }: CommandContext,
  { clients, stack }: Registry,
  request: ReleaseRequest,
  order: ReleaseOrder,
): Promise<ChangeSet> {
  const { alias } = request.state;
  const move = `${order.verb} ${alias.promptName} ${alias.aliasName}: ${releaseText(request, 'to')}`;
  const wish = {
    stack,
    parameters: request.parameters,
    name: `${order.verb}-${alias.aliasName}`,
    description: [move, order.reason].filter(Boolean).join('; reason: '),
    watch: request.watch,
  };
  return createChangeSet(clients.cloudFormation, wish, interruption);
}

/** What a plan says, for what the command line leaves out; where both say something, `checkChangeSet` compares them. */
function wishOf(changeSet: ChangeSet, { stack }: Registry, order: ReleaseOrder): ReleaseWish {
  const { Parameters = [] } = changeSet;
  const planned = (id: string) => Parameters.find(({ ParameterKey }) => ParameterKey === id)?.ParameterValue;
  const withdrawn = withdrawnParameterId(order.promptName);
  const reason = plannedReason(stack, changeSet);
  if (order.reason !== undefined && !(reason !== undefined && isShownAs(order.reason, reason))) {
    throw usageError(
      'the plan was made with another reason, or with none',
      'leave --reason out, or make a new plan with it',
    );
  }
  return {
    ...order,
    to: order.to ?? planned(aliasParameterId(order.promptName, order.aliasName)) ?? 'previous',
    // What the plan says is meant as it stands.
    now: order.now || order.to === undefined,
    withdraw: order.withdraw || planned(withdrawn) !== parameterValue(stack, withdrawn),
    reason: order.reason ?? reason,
  };
}

async function knownChangeSet({ clients, stack }: Registry, id: string): Promise<ChangeSet> {
  if (!/^arn:[^:]+:cloudformation:[^:]+:[^:]+:changeSet\//.test(id)) {
    throw usageError(`${id} is not a plan id`, 'give the ARN that prompt-registry plan prints');
  }
  const changeSet = await describeChangeSet(clients.cloudFormation, id);
  if (changeSet.StackId !== stack.stackId) {
    throw new CliError({
      what: 'the plan is of another stack',
      why: `it is of ${changeSet.StackName}`,
      fix: `add --stack ${changeSet.StackName}`,
    });
  }
  if (changeSet.ExecutionStatus !== 'AVAILABLE') throw stalePlan(id);
  return changeSet;
}
