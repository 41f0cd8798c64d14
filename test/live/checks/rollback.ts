import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { LedgerRecord } from '../../../core/ledger/record';
import { attributesOnTheWayBack } from '../attributes-on-the-way-back';
import type { Answers, LiveCheck } from '../check';
import { lastProperties, type OperationEvents, propertiesOf } from '../operation-events';
import { type Stage, told } from '../stage';

const ROLES = ['ReleasePlan', 'CallerPolicy', 'Alias', 'Parameter'] as const;
const SHORT = { ReleasePlan: 'plan', CallerPolicy: 'policy', Alias: 'alias', Parameter: 'parameter' };

export const rollback: LiveCheck = {
  number: 1,
  title: 'A release fails: which attributes come back, in which order',
  makes: ['a deployment of the disposable registry that is meant to fail'],
  needsRegistry: true,
  questions: [
    {
      id: 'attributes',
      asks: 'Which attributes of its plan does an alias get when CloudFormation puts it back: stored or fresh ones?',
      assumed: 'either, but not a mixture: both are tested',
      concerns: 'docs/adr/0005-the-fence.md',
      otherwise:
        'a rollback could be taken for a release, or be recorded as the wrong kind; the pointer is CloudFormation’s',
    },
    {
      id: 'order',
      asks: 'In which order are plan, policy, alias and parameter put back?',
      assumed: 'any order',
      concerns: 'docs/adr/0004-one-write-path.md',
      otherwise: 'nothing',
    },
    {
      id: 'token',
      asks: 'Do the events carry the ClientRequestToken of the operation, which each record keeps?',
      assumed: 'yes, the same one on all of them',
      concerns: 'docs/adr/0003-ledger-in-s3.md, the field operation of a record',
      otherwise: 'records cannot be led back to the person who deployed',
    },
    {
      id: 'in-progress',
      asks: 'Does the event of an alias in progress show the properties that its handler got?',
      assumed: 'yes, before the handler has asked for 20 seconds',
      concerns: 'docs/SECURITY.md, who may invoke the three functions',
      otherwise: 'releases are refused with NotInProgress, and no version is published',
    },
    {
      id: 'unmoved',
      asks: 'Does every alias point where it did before the release that failed?',
      assumed: 'yes, and the newest record of each says so',
      concerns: 'docs/adr/0002-native-parameter-as-pointer.md, law 2',
      otherwise: 'a failed deployment moves aliases',
    },
  ],

  async run(stage: Stage, answers: Answers) {
    await stage.ready();
    const base = await stage.stackEvents();
    const before = { pointers: await stage.pointers(), ledgers: await stage.ledgers() };
    const deployment = stage.fail({ ...stage.base, word: 'other' }, { failing: 'true' });
    const shownParameters = parametersWhileGoingBack(stage, deployment);
    const events = await deployment;
    const after = await stage.pointers();
    const records = await stage.recordsSince(before.ledgers);
    const now = await stage.ledgers();

    answerAttributes(stage, base, events, answers);
    answerOrder(stage, events, answers);
    answerInProgress(stage, events, records, answers);

    const [token, ...others] = events.tokens;
    const operations = [...new Set(records.map(({ operation }) => operation))];
    answers.give(
      'token',
      token !== undefined && others.length === 0 && operations.join() === token ? 'holds' : 'differs',
      `on the events: ${events.tokens.map(String).join(', ')}`,
      `in the records: ${operations.map(String).join(', ')}`,
    );

    const stands = Object.values(now).every((chain) => {
      const head = chain.at(-1);
      return head === undefined || before.pointers.includes(`${head.alias} ${head.promptId}:${head.to?.version}`);
    });
    answers.give(
      'unmoved',
      after === before.pointers && stands ? 'holds' : 'differs',
      `before ${before.pointers}; after ${after}`,
      `recorded: ${told(records)}`,
    );
    answers.facts.push(...(await shownParameters), barrier(stage, events), ...shownProperties(stage, events));
  },
};

function answerAttributes(stage: Stage, base: OperationEvents, events: OperationEvents, answers: Answers): void {
  const kinds = new Set<string>();
  const seen: string[] = [];
  for (const alias of ['STAGING', 'PROD'] as const) {
    const id = stage.names.resource(alias, 'Alias');
    const before = lastProperties(base.forward(id));
    const forward = lastProperties(events.forward(id));
    const shown = events.back(id).map(propertiesOf);
    const back = shown.filter((properties) => properties !== undefined);
    const found = before && forward && attributesOnTheWayBack(before, forward, back);
    kinds.add(found?.kind ?? 'not told');
    seen.push(
      found
        ? `${alias}: ${found.kind} (${found.shown})`
        : `${alias}: its ${shown.length} events on the way back show ${back.length === 0 ? 'no properties' : 'only those of the way forward'}`,
    );
  }
  const verdict = kinds.has('mixed') ? 'differs' : kinds.has('not told') ? 'could not tell' : 'holds';
  answers.give('attributes', verdict, ...seen);
}

/** A release that its handler did not believe in leaves no record: then its events tell why. */
function answerInProgress(
  { names }: Stage,
  events: OperationEvents,
  records: readonly LedgerRecord[],
  answers: Answers,
): void {
  const seen = (['STAGING', 'PROD'] as const).flatMap((alias) => {
    const [first] = events.forward(names.resource(alias, 'Alias'));
    if (first === undefined) return [];
    const shown = propertiesOf(first);
    const record = records.find((one) => one.alias === alias && !one.undo && one.kind !== 'abandon');
    if (shown === undefined) return [{ isSo: false, what: `${alias}: ${first.ResourceStatus} without properties` }];
    const isSo = record === undefined || String(record.to?.version ?? 'none') === String(shown.Version);
    return [{ isSo, what: `${alias}: ${first.ResourceStatus} with ${Object.keys(shown).join(', ')}` }];
  });
  const refused = events.failures().filter((failure) => failure.includes('NotInProgress'));
  const verdict =
    refused.length > 0 || seen.some(({ isSo }) => !isSo) ? 'differs' : seen.length === 0 ? 'could not tell' : 'holds';
  answers.give('in-progress', verdict, ...seen.map(({ what }) => what), ...refused);
}

function answerOrder(stage: Stage, events: OperationEvents, answers: Answers): void {
  const seen = (['STAGING', 'PROD'] as const).map((alias) => {
    const steps = ROLES.map((role) => {
      const own = events.back(stage.names.resource(alias, role));
      return { role, begun: events.all.indexOf(own[0] as never), ended: events.all.indexOf(own.at(-1) as never) };
    });
    const order = steps.filter(({ begun }) => begun >= 0).sort((one, other) => one.begun - other.begun);
    const parts = order.map(({ role, begun }, index) => {
      const joint = index === 0 ? '' : begun > (order[index - 1]?.ended ?? 0) ? ', then ' : ', meanwhile ';
      return `${joint}${SHORT[role]}`;
    });
    const missing = steps.filter(({ begun }) => begun < 0).map(({ role }) => SHORT[role]);
    return `${alias}: ${parts.join('') || 'nothing'}${missing.length > 0 ? `; not put back: ${missing.join(', ')}` : ''}`;
  });
  answers.give('order', events.turnedBack === undefined ? 'could not tell' : 'holds', ...seen);
}

/** What `DescribeStacks` shows of a parameter that the failed update changed. */
async function parametersWhileGoingBack(stage: Stage, deployment: Promise<unknown>): Promise<string[]> {
  const { prodParameter } = stage.names;
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  void deployment.then(end, end);
  const seen = new Map<string, string>();
  while (!isOver) {
    const stack = await stage.stack().catch(() => undefined);
    const value = stack?.Parameters?.find(({ ParameterKey }) => ParameterKey === prodParameter)?.ParameterValue;
    if (stack?.StackStatus) seen.set(stack.StackStatus, String(value));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  return [...seen].map(([status, value]) => `DescribeStacks in ${status} shows ${prodParameter} = ${value}`);
}

/** Seen, not proved: the policies between a plan and its alias take longer than most plans. */
function barrier({ names }: Stage, events: OperationEvents): string {
  const time = (logicalId: string, at: 0 | -1) => events.forward(logicalId).at(at)?.Timestamp?.getTime() ?? Number.NaN;
  const plans = (['STAGING', 'PROD'] as const).map((alias) => time(names.resource(alias, 'ReleasePlan'), -1));
  const aliases = (['STAGING', 'PROD'] as const).map((alias) => time(names.resource(alias, 'Alias'), 0));
  const margin = (Math.min(...aliases) - Math.max(...plans)) / 1000;
  return `the first alias began ${margin.toFixed(1)} s after the last plan of the stack had ended (less than 0 would break docs/adr/0004-one-write-path.md)`;
}

/** `Custom::ReleaseReason` tells its own operation by the properties on its event in progress. */
function shownProperties({ names }: Stage, events: OperationEvents): string[] {
  const id = names.resource('PROD', 'Alias');
  const planned = lastProperties(events.forward(id))?.PlannedAt;
  const shown = ([first]: StackEvent[]) => {
    const properties = propertiesOf(first);
    if (properties === undefined) return 'no properties';
    return properties.PlannedAt === planned ? 'those of the release' : 'others than those of the release';
  };
  return [
    `the first event of an alias on the way forward shows ${shown(events.forward(id))}`,
    `its first event on the way back shows ${shown(events.back(id))}`,
  ];
}
