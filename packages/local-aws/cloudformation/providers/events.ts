import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type RuleState,
  TagResourceCommand,
  type Target,
  UntagResourceCommand,
} from '@aws-sdk/client-eventbridge';
import { as, type ProviderContext, type ResourceProvider, unlessGone } from './provider';

interface RuleProperties {
  readonly Description?: string;
  readonly EventPattern?: object;
  readonly ScheduleExpression?: string;
  readonly State?: RuleState;
  readonly Targets?: readonly Target[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** `Ref` of a rule on the default bus is its name. */
export const eventsRule: ResourceProvider = {
  properties: 'Name Description EventPattern ScheduleExpression State Targets Tags',

  async create(properties, context) {
    const name = String(properties.Name ?? context.generatedName(64));
    const rule = as<RuleProperties>(properties);
    const arn = await putRule(name, rule, context, rule.Tags);
    context.made(name);
    await bringTargets(name, rule.Targets, [], context);
    return { physicalId: name, attributes: { Arn: arn } };
  },

  async update(name, properties, before, context) {
    const [to, from] = [as<RuleProperties>(properties), as<RuleProperties>(before)];
    const arn = await putRule(name, to, context);
    await bringTargets(name, to.Targets, from.Targets, context);
    const TagKeys = (from.Tags ?? []).map(({ Key }) => Key).filter((key) => !to.Tags?.some(({ Key }) => Key === key));
    if (TagKeys.length > 0) {
      await context.client(EventBridgeClient).send(new UntagResourceCommand({ ResourceARN: arn, TagKeys }));
    }
    if (to.Tags?.length) {
      const Tags = [...to.Tags];
      await context.client(EventBridgeClient).send(new TagResourceCommand({ ResourceARN: arn, Tags }));
    }
    return { Arn: arn };
  },

  async remove(name, properties, context) {
    // A rule with targets cannot be deleted.
    await bringTargets(name, [], as<RuleProperties>(properties).Targets, context);
    await unlessGone(context.client(EventBridgeClient).send(new DeleteRuleCommand({ Name: name })));
  },
};

async function putRule(Name: string, rule: RuleProperties, context: ProviderContext, tags?: RuleProperties['Tags']) {
  const { Description, State, ScheduleExpression } = rule;
  const Tags = tags && [...tags];
  const EventPattern = rule.EventPattern && JSON.stringify(rule.EventPattern);
  const input = { Name, Description, State, EventPattern, ScheduleExpression, Tags };
  return (await context.client(EventBridgeClient).send(new PutRuleCommand(input))).RuleArn;
}

async function bringTargets(
  Rule: string,
  to: readonly Target[] = [],
  from: readonly Target[] = [],
  context: ProviderContext,
): Promise<void> {
  const client = context.client(EventBridgeClient);
  const Ids = from.map(({ Id = '' }) => Id).filter((id) => !to.some(({ Id }) => Id === id));
  if (Ids.length > 0) {
    await unlessGone(client.send(new RemoveTargetsCommand({ Rule, Ids })));
  }
  if (to.length > 0) {
    await client.send(new PutTargetsCommand({ Rule, Targets: [...to] }));
  }
}
