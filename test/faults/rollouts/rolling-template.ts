import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnParameter, DefaultStackSynthesizer, Duration, Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CfnParameter as SsmParameter } from 'aws-cdk-lib/aws-ssm';
import { AliasTarget, Guard, Prompt, PromptRegistry, PromptVariant, Rollout } from '../../../lib';
import { ASSETS, LAST, MODEL, PREFIX, PROMPT, SIBLING, STACK, type Template, textOf } from '../example-stack';

export const ALARM = 'Slow';
export const STEPS = [5, 25, 50];
export const BAKE_SECONDS = 60;

/** What the app says; what moves by stack parameters is not in here. */
export interface RollingApp {
  /** Number of the prompt's text. */
  readonly content: number;
  /** How PROD is: with the option, without it, or not there. */
  readonly prod: 'rolls out' | 'plain' | 'removed';
}

const cache = new Map<string, Template>();

/** One registry with a controller that nobody wakes but the test, one prompt, and PROD; a sibling before it and one behind. */
export function synthesizeRolling(app: RollingApp, account: string, region: string): Template {
  const key = JSON.stringify([app, account, region]);
  const found = cache.get(key) ?? synthesize(app, account, region);
  cache.set(key, found);
  return structuredClone(found);
}

function synthesize({ content, prod }: RollingApp, account: string, region: string): Template {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  try {
    const app = new App({ outdir: folder, analyticsReporting: false });
    const synthesizer = new DefaultStackSynthesizer({
      fileAssetsBucketName: ASSETS,
      generateBootstrapVersionRule: false,
    });
    const stack = new Stack(app, STACK, { synthesizer, env: { account, region } });
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: PREFIX,
      policyPropagation: Duration.seconds(0),
      rollouts: { topic: new Topic(stack, 'Told', { topicName: 'told' }) },
    });
    const variant = PromptVariant.text({ text: textOf(content), model: MODEL, inference: { temperature: 0.2 } });
    const prompt = new Prompt(stack, 'Advisor', { registry, promptName: PROMPT, variant });
    const alarmArn = `arn:aws:cloudwatch:${region}:${account}:alarm:${ALARM}`;
    const alias =
      prod === 'removed'
        ? undefined
        : prompt.addAlias('PROD', {
            target: AliasTarget.parameter(),
            callableVersions: 3,
            ...(prod === 'rolls out' && {
              rollout: Rollout.steps(STEPS, {
                bake: Duration.seconds(BAKE_SECONDS),
                minimumUses: 0,
                guards: [Guard.errors(), Guard.alarm(Alarm.fromAlarmArn(stack, ALARM, alarmArn))],
              }),
            }),
          });
    for (const id of [SIBLING, LAST]) {
      const value = new CfnParameter(stack, `${id}Value`, { default: 'a' }).valueAsString;
      const resource = new SsmParameter(stack, `${id}Resource`, { type: 'String', name: `/beside/${id}`, value });
      resource.overrideLogicalId(id);
      if (id === LAST && alias) resource.node.addDependency(alias);
    }
    app.synth();
    const template = JSON.parse(readFileSync(join(folder, `${STACK}.template.json`), 'utf8')) as Template;
    for (const [id, { Type }] of Object.entries(template.Resources)) {
      if (Type === 'AWS::Events::Rule') disable(template, id);
    }
    return template;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The test says when a minute is over. */
function disable({ Resources }: Template, id: string): void {
  const rule = Resources[id];
  if (rule) rule.Properties = { ...rule.Properties, State: 'DISABLED' };
}
