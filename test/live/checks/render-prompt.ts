import { CreatePromptVersionCommand } from '@aws-sdk/client-bedrock-agent';
import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { type Answers, type LiveCheck, problem, type Verdict } from '../check';
import type { LiveClients } from '../live-account';
import type { Stage } from '../stage';

/** A policy may take this long to be in force: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency */
const IAM_PATIENCE = 30_000;
const PAUSE = 2_000;

const concerns = 'docs/adr/0007-exact-arns-fixed-slots.md, law 3';
const closed = 'callers are refused: every call answers 403';
const open = 'callers can run what was never released';

export const renderPrompt: LiveCheck = {
  number: 6,
  title: 'What the application’s role may run',
  makes: [
    'one more version, a deployment that releases a version with a global. profile',
    '2 model calls of at most 10 tokens; up to 4 more where AWS does otherwise than assumed',
  ],
  needsRegistry: true,
  questions: [
    {
      id: 'released',
      asks: 'May the application run the released version by its ARN, `:1`?',
      assumed: 'yes: IAM is asked about the exact version ARN',
      ...{ concerns, otherwise: closed },
    },
    {
      id: 'draft',
      asks: 'May it run the draft, the ARN without a number?',
      assumed: 'no',
      ...{ concerns, otherwise: open },
    },
    {
      id: 'unreleased',
      asks: 'May it run a version that was never released?',
      assumed: 'no',
      ...{ concerns, otherwise: open },
    },
    {
      id: 'global',
      asks: 'May it run a released version whose model is a global. inference profile?',
      assumed: 'yes: profile, model in any Region, and the model’s ARN without a Region',
      ...{ concerns, otherwise: `with such profiles ${closed}` },
    },
  ],

  async run(stage: Stage, answers: Answers) {
    await stage.ready();
    const { account, names } = stage;
    const role = await stage.resource(names.consumerStack, 'AWS::IAM::Role');
    const application = await account.assume(
      `arn:${partition(account.principal)}:iam::${account.account}:role/${role}`,
      'live',
    );
    const draft = await stage.promptArn();
    const released = await versionArn(stage, draft);
    // Made by hand, of the same content, so that everything but the number is as in the released one.
    const byHand = new CreatePromptVersionCommand({ promptIdentifier: draft.split('/').pop() });
    const { version } = await account.clients.bedrock.send(byHand);

    const own = await allowed(stage, application, released);
    answers.give('released', own.verdict, ...own.seen);
    const control = own.verdict === 'holds';
    for (const [id, arn] of [
      ['draft', draft],
      ['unreleased', `${draft}:${version}`],
    ] as const) {
      const found = await refused(application, arn, control);
      answers.give(id, found.verdict, ...found.seen);
    }

    const { succeeded, events, output } = await stage.deploy({ model: stage.settings.globalModel, word: 'global' });
    if (!succeeded) throw new Error(events.failures().join('; ') || output.trim().split('\n').slice(-3).join('\n'));
    const throughProfile = await allowed(stage, application, await versionArn(stage, draft));
    answers.give('global', throughProfile.verdict, ...throughProfile.seen);
  },
};

interface Found {
  readonly verdict: Verdict;
  readonly seen: string[];
}

/** An account without access to the model is refused as well: an administrator's own call tells the two apart. */
async function allowed(stage: Stage, application: LiveClients, arn: string): Promise<Found> {
  const started = Date.now();
  for (;;) {
    const answer = await converse(application, arn);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    if (answer === undefined)
      return { verdict: 'holds', seen: [`${short(arn)}: allowed, ${seconds} s after the first try`] };
    const isDenied = isAccessDenied(answer);
    if (isDenied && Date.now() - started < IAM_PATIENCE) {
      await stage.pause(PAUSE);
      continue;
    }
    const operators = await converse(stage.account.clients, arn);
    const seen = [
      `${short(arn)}, the application: ${problem(answer)}`,
      `${short(arn)}, you: ${operators ? problem(operators) : 'allowed'}`,
    ];
    return { verdict: isDenied && operators === undefined ? 'differs' : 'could not tell', seen };
  }
}

/** @param control the same role could run a released version, so that a refusal is about this one */
async function refused(application: LiveClients, arn: string, control: boolean): Promise<Found> {
  const answer = await converse(application, arn);
  if (answer === undefined) return { verdict: 'differs', seen: [`${short(arn)}: allowed`] };
  const seen = [`${short(arn)}: ${problem(answer)}`];
  return { verdict: isAccessDenied(answer) && control ? 'holds' : 'could not tell', seen };
}

/** What went wrong, undefined when a model answered. */
async function converse({ runtime }: LiveClients, modelId: string): Promise<Error | undefined> {
  try {
    await runtime.send(new ConverseCommand({ modelId, promptVariables: { greeting: { text: 'hello' } } }));
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function isAccessDenied({ name }: Error): boolean {
  return /^AccessDenied/.test(name);
}

async function versionArn(stage: Stage, draft: string): Promise<string> {
  const pointer = /PROD \w+:(\d+)/.exec(await stage.pointers())?.[1];
  if (!pointer) throw new Error('expected PROD to point to a version');
  return `${draft}:${pointer}`;
}

function short(arn: string): string {
  return `prompt/${arn.split('/').pop()}`;
}

function partition(arn: string): string {
  return arn.split(':')[1] ?? 'aws';
}
