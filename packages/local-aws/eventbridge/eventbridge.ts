import type {
  DeleteRuleCommandInput,
  DescribeRuleCommandOutput,
  DisableRuleCommandInput,
  ListRulesCommandInput,
  ListRulesCommandOutput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  ListTargetsByRuleCommandInput,
  ListTargetsByRuleCommandOutput,
  PutRuleCommandInput,
  PutRuleCommandOutput,
  PutTargetsCommandInput,
  PutTargetsCommandOutput,
  RemoveTargetsCommandInput,
  RemoveTargetsCommandOutput,
  TagResourceCommandInput,
  Target,
  UntagResourceCommandInput,
} from '@aws-sdk/client-eventbridge';
import * as client from '@aws-sdk/client-eventbridge';
import { AwsError, notImplemented } from '../aws-error';
import type { Call } from '../call';
import { mergedTags } from '../iam/iam-roles';
import { type Operation, operation, type Service } from '../service';
import { supportedMembers } from '../supported-members';
import { JsonRpc } from '../wire/json-rpc';
import { EventPattern } from './event-pattern';
import type { EventRule, EventRules } from './event-rules';
import { checkTransformer } from './input-transformer';
import { Schedule } from './schedule';

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const LONGEST_PATTERN = 2_048;
const MOST_TARGETS = 5;

/** Rules with a pattern, a rate or both on the default event bus, and topics and functions as their targets. */
export function eventBridge(rules: EventRules): Service {
  const onRule = <Input extends { Name?: string; Rule?: string; EventBusName?: string }, Output>(
    members: string,
    run: (rule: EventRule, input: Input) => Omit<Output, '$metadata'>,
  ) =>
    operation<Input, Output>({
      authorize: ({ Name, Rule }, call) => [onRuleArn(call, Name ?? Rule)],
      run: (input, call) => {
        supportedMembers(call, input, `Name Rule EventBusName ${members}`);
        onDefaultBus(input.EventBusName);
        return run(rules.rule(input.Name ?? input.Rule), input);
      },
    });
  const onTags = <Input extends { ResourceARN: string | undefined }, Output>(
    run: (rule: EventRule, input: Input) => Omit<Output, '$metadata'>,
  ) =>
    operation<Input, Output>({
      authorize: ({ ResourceARN = '' }, call) => [{ action: `events:${call.operation}`, resource: ResourceARN }],
      run: (input) => run(rules.rule(input.ResourceARN?.split(':rule/')[1]), input),
    });

  const operations: Record<string, Operation> = {
    PutRule: operation<PutRuleCommandInput, PutRuleCommandOutput>({
      authorize: ({ Name }, call) => [onRuleArn(call, Name)],
      run: (input, call) => {
        supportedMembers(call, input, 'Name EventPattern ScheduleExpression State Description Tags EventBusName');
        const { Name: name = '', EventPattern: text, State: state = 'ENABLED', Description: description } = input;
        const { ScheduleExpression: rate } = input;
        onDefaultBus(input.EventBusName);
        if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) {
          throw validation(`Value '${name}' at 'name' failed to satisfy constraint`);
        }
        if (text === undefined && rate === undefined) {
          throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.');
        }
        if (text !== undefined && text.length > LONGEST_PATTERN) {
          throw validation(`Event pattern must be at most ${LONGEST_PATTERN} characters, found ${text.length}`);
        }
        const before = rules.find(name);
        const arn = arnOf(call, name);
        const kept = { targets: before?.targets ?? new Map(), tags: before?.tags ?? mergedTags([], input.Tags ?? []) };
        const pattern = text === undefined ? undefined : new EventPattern(text);
        const schedule = rate === undefined ? undefined : scheduleOf(rate, before, rules);
        rules.add({ name, arn, pattern, schedule, state, description, ...kept });
        return { RuleArn: arn };
      },
    }),
    DescribeRule: onRule<{ Name: string }, DescribeRuleCommandOutput>('', described),
    ListRules: operation<ListRulesCommandInput, ListRulesCommandOutput>({
      authorize: () => [{ action: 'events:ListRules', resource: '*' }],
      run: (input, call) => {
        supportedMembers(call, input, 'NamePrefix EventBusName Limit');
        onDefaultBus(input.EventBusName);
        return {
          Rules: rules
            .list()
            .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
            .map(described),
        };
      },
    }),
    DeleteRule: operation<DeleteRuleCommandInput, object>({
      authorize: ({ Name }, call) => [onRuleArn(call, Name)],
      run: (input, call) => {
        supportedMembers(call, input, 'Name EventBusName');
        onDefaultBus(input.EventBusName);
        // To delete a rule that is not there succeeds:
        // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html
        if (rules.find(input.Name ?? '')?.targets.size) {
          throw validation("Rule can't be deleted since it has targets.");
        }
        rules.delete(input.Name ?? '');
        return {};
      },
    }),
    EnableRule: onRule<DisableRuleCommandInput, object>('', (rule) => {
      rule.state = 'ENABLED';
      return {};
    }),
    DisableRule: onRule<DisableRuleCommandInput, object>('', (rule) => {
      rule.state = 'DISABLED';
      return {};
    }),
    PutTargets: onRule<PutTargetsCommandInput, PutTargetsCommandOutput>('Targets', (rule, { Targets = [] }) => {
      for (const target of Targets) {
        checkTarget(target);
      }
      const after = new Map([...rule.targets, ...Targets.map((target) => [target.Id ?? '', target] as const)]);
      if (after.size > MOST_TARGETS) {
        throw new AwsError('LimitExceededException', 400, 'The requested resource exceeds the maximum number allowed.');
      }
      for (const [id, target] of after) {
        rule.targets.set(id, target);
      }
      return { FailedEntryCount: 0, FailedEntries: [] };
    }),
    RemoveTargets: onRule<RemoveTargetsCommandInput, RemoveTargetsCommandOutput>('Ids', (rule, { Ids = [] }) => {
      for (const id of Ids) {
        rule.targets.delete(id);
      }
      return { FailedEntryCount: 0, FailedEntries: [] };
    }),
    ListTargetsByRule: onRule<ListTargetsByRuleCommandInput, ListTargetsByRuleCommandOutput>(
      'Limit',
      ({ targets }) => ({
        Targets: [...targets.values()],
      }),
    ),
    TagResource: onTags<TagResourceCommandInput, object>((rule, { Tags = [] }) => {
      rule.tags = mergedTags(rule.tags, Tags) as typeof rule.tags;
      return {};
    }),
    UntagResource: onTags<UntagResourceCommandInput, object>((rule, { TagKeys = [] }) => {
      rule.tags = rule.tags.filter(({ Key = '' }) => !TagKeys.includes(Key));
      return {};
    }),
    ListTagsForResource: onTags<ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput>(({ tags }) => ({
      Tags: tags,
    })),
  };
  return { name: 'events', signingName: 'events', client, protocol: new JsonRpc('AWSEvents'), operations };
}

function checkTarget(target: Target): void {
  const { Id = '', Arn = '', Input, InputTransformer, DeadLetterConfig: _, RetryPolicy: __, ...others } = target;
  const [unknown] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
  if (unknown) {
    throw notImplemented(`a target of EventBridge with ${unknown}`);
  }
  if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(Id)) {
    throw validation(`Value '${Id}' at 'targets.1.member.id' failed to satisfy constraint`);
  }
  if (!['sns', 'lambda'].includes(Arn.split(':')[2] ?? '')) {
    throw notImplemented(`${Arn} as a target of EventBridge: only SNS topics and functions`);
  }
  if (Input !== undefined && InputTransformer) {
    throw validation('Only one of Input, InputPath, or InputTransformer must be provided for target');
  }
  if (InputTransformer) {
    checkTransformer(InputTransformer);
  }
}

/** A rule that is put again with the rate it has goes on counting. */
function scheduleOf(rate: string, before: EventRule | undefined, rules: EventRules): Schedule {
  return before?.schedule?.text === rate ? before.schedule : new Schedule(rate, rules.clock.minutes);
}

function described({ name, arn, pattern, schedule, description, state }: EventRule) {
  const when = { EventPattern: pattern?.text, ScheduleExpression: schedule?.text };
  return { Name: name, Arn: arn, ...when, Description: description, State: state };
}

function onRuleArn(call: Call, name: string | undefined) {
  return { action: `events:${call.operation}`, resource: arnOf(call, name ?? '') };
}

function arnOf({ region, account }: Call, name: string): string {
  return `arn:aws:events:${region}:${account}:rule/${name}`;
}

function onDefaultBus(name = 'default'): void {
  if (name !== 'default') {
    throw notImplemented(`the event bus ${name}`);
  }
}

function validation(message: string): AwsError {
  return new AwsError('ValidationException', 400, message);
}
