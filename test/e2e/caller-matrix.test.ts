import { CreatePromptVersionCommand } from '@aws-sdk/client-bedrock-agent';
import { Duration, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AliasTarget, CombinedCallerPolicy, Prompt, PromptRegistry, PromptVariant } from '../../lib';
import {
  type Access,
  type Attempt,
  changes,
  converse,
  converseAround,
  converseWith,
  getParameter,
  getPrompt,
  MODELS,
  type Model,
} from './caller-questions';
import { assumeRole, type Clients, type Verdict, verdictOf } from './clients';
import { IamDocuments } from './iam-documents';
import { idOf, RegistryBench } from './registry-bench';
import { StepGate } from './step-gate';

const PREFIX = '/prompts/test';
const [PROD, STAGING, OTHER_PROD] = ['advisor/PROD', 'advisor/STAGING', 'sorter/PROD'].map(
  (name) => `${PREFIX}/${name}`,
);
const [PRO, LITE, PROFILE] = Object.keys(MODELS) as [Model, Model, Model];
const VERSIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/** 3 to 9 are made by hand while version 2's content is the draft. */
const modelOf = (version: number): Model => (version === 1 ? PRO : version === 10 ? LITE : PROFILE);
const ROLES = ['invoker', 'reader', 'of-two-aliases', 'reader-and-invoker', 'of-another-prompt', 'combined'] as const;

type RoleName = (typeof ROLES)[number];
/** The versions of `advisor` that an alias's callers are to have. */
type Callable = Readonly<Record<'PROD' | 'STAGING', readonly number[]>>;

const gate = new StepGate();
let bench: RegistryBench;
let template: string;
let advisor: string;
let attempts: Attempt[];
const sessions = {} as Record<RoleName, Clients>;

function app(model: Model) {
  return (stack: Stack) => {
    const registry = new PromptRegistry(stack, 'Registry', {
      parameterPrefix: PREFIX,
      policyPropagation: Duration.seconds(0),
    });
    const text = (words: string, modelId: Model) => PromptVariant.text({ text: `${words} {{ticker}}`, model: modelId });
    const advisorPrompt = new Prompt(stack, 'Advisor', {
      ...{ registry, promptName: 'advisor', variant: text('Explain', model) },
    });
    const staging = advisorPrompt.addAlias('STAGING');
    const prod = advisorPrompt.addAlias('PROD', { target: AliasTarget.parameter() });
    const sorter = new Prompt(stack, 'Sorter', { registry, promptName: 'sorter', variant: text('Sort', PRO) });
    const sorterProd = sorter.addAlias('PROD');
    const role = (roleName: RoleName) => new Role(stack, roleName, { roleName, assumedBy: new AccountRootPrincipal() });
    prod.grants.invoke(role('invoker'));
    prod.grants.read(role('reader'));
    const ofTwo = role('of-two-aliases');
    prod.grants.invoke(ofTwo);
    staging.grants.invoke(ofTwo);
    const mixed = role('reader-and-invoker');
    prod.grants.read(mixed);
    staging.grants.invoke(mixed);
    sorterProd.grants.invoke(role('of-another-prompt'));
    new CombinedCallerPolicy(stack, 'Combined', { aliases: [sorterProd, staging, prod] }).attachTo(role('combined'));
  };
}

/** What each role is to have; the draft, and what nobody released, is on no list. */
function accessOf(role: RoleName, callable: Callable): Access {
  const arns = (versions: readonly number[]) => versions.map((version) => `${advisor}:${version}`);
  const access = (read: readonly number[], run: readonly number[], parameters: (string | undefined)[]): Access => ({
    ...{ read: arns(read), run: arns(run), models: run.map(modelOf), parameters: parameters.map(String) },
  });
  switch (role) {
    case 'invoker':
      return access(callable.PROD, callable.PROD, [PROD]);
    case 'reader':
      return access(callable.PROD, [], [PROD]);
    case 'of-two-aliases': {
      const both = [...callable.PROD, ...callable.STAGING];
      return access(both, both, [PROD, STAGING]);
    }
    case 'reader-and-invoker':
      return access([...callable.PROD, ...callable.STAGING], callable.STAGING, [PROD, STAGING]);
    case 'combined': {
      const both = [...callable.PROD, ...callable.STAGING];
      const { read, run, models, parameters } = access(both, both, [PROD, STAGING, OTHER_PROD]);
      const sorted = `${sorterArn}:1`;
      return { read: [...read, sorted], run: [...run, sorted], models: [...models, PRO], parameters };
    }
    case 'of-another-prompt':
      return { read: [`${sorterArn}:1`], run: [`${sorterArn}:1`], models: [PRO], parameters: [String(OTHER_PROD)] };
  }
}

let sorterArn: string;

/** Asks for everything as every role, by request and by simulation, and compares both with what is to be. */
async function expectCallable(callable: Callable): Promise<void> {
  for (const role of ROLES) {
    const access = accessOf(role, callable);
    const documents = await IamDocuments.of(bench.aws, role);
    const expected: Record<string, Verdict> = {};
    const requested: Record<string, Verdict> = {};
    const simulated: Record<string, Verdict> = {};
    for (const attempt of attempts) {
      expected[attempt.name] = attempt.isExpected(access) ? 'allowed' : 'refused';
      requested[attempt.name] = await verdictOf(attempt.send(sessions[role]));
      simulated[attempt.name] = await documents.verdict(attempt.questions);
    }
    expect(requested, `requests of ${role}`).toEqual(expected);
    expect(simulated, `simulation of ${role}`).toEqual(requested);
  }
}

async function release(parameters: Record<string, string>): Promise<void> {
  expect(await bench.deploy(template, parameters)).toEqual({ status: 'UPDATE_COMPLETE', failures: [] });
}

beforeAll(async () => {
  bench = await RegistryBench.start(
    { stack: 'Prompts', parameterPrefix: PREFIX, promptName: 'advisor' },
    { cloudFormation: { failAt: gate.failAt } },
  );
  const [first, second, third] = [PRO, PROFILE, LITE].map(app) as [ReturnType<typeof app>, ...ReturnType<typeof app>[]];
  expect((await bench.deploy(await bench.synthesize(first))).failures).toEqual([]);
  expect((await bench.deploy(await bench.synthesize(second as typeof first))).failures).toEqual([]);
  advisor = await bench.promptArn('advisor');
  sorterArn = await bench.promptArn('sorter');
  for (const _ of VERSIONS.slice(2, 9)) {
    await bench.operator.bedrock.send(new CreatePromptVersionCommand({ promptIdentifier: advisor }));
  }
  template = await bench.synthesize(third as typeof first);
  expect((await bench.deploy(template)).failures).toEqual([]);
  expect(await bench.versions()).toEqual(VERSIONS);
  for (const role of ROLES) sessions[role] = await assumeRole(bench.aws, role);
  attempts = [
    getPrompt('draft', advisor),
    getPrompt('DRAFT', advisor, 'DRAFT'),
    getPrompt('draft by id', advisor),
    ...VERSIONS.map((version) => getPrompt(`:${version}`, advisor, version)),
    getPrompt('draft of another prompt', sorterArn),
    getPrompt(':1 of another prompt', sorterArn, 1),
    converse('draft', advisor, LITE),
    ...[1, 2, 3, 10].map((version) => converse(`:${version}`, `${advisor}:${version}`, modelOf(version))),
    converse('draft of another prompt', sorterArn, PRO),
    converse(':1 of another prompt', `${sorterArn}:1`, PRO),
    ...[PRO, LITE, PROFILE].map(converseWith),
    converseAround(PROFILE),
    ...[PROD, STAGING, OTHER_PROD].flatMap((name) =>
      ['', '/rollout', '/a/b', 'X', 'X/rollout'].map((end) => getParameter(`${name}${end}`)),
    ),
    ...['advisor2/PROD', 'advisor2/PROD/rollout', 'advisor'].map((name) => getParameter(`${PREFIX}/${name}`)),
    ...changes(advisor, 'advisor', String(PROD)),
  ];
}, 120_000);

afterAll(() => bench.aws.stop());

describe('Callers of an alias, by request and by simulation,', () => {
  it('can use nothing while it points nowhere', async () => {
    await expectCallable({ PROD: [], STAGING: [10, 2] });
  });

  it('can use :1 when it points there, and not :10, whose ARN begins the same', async () => {
    await release({ AdvisorProdVersion: '1' });

    await expectCallable({ PROD: [1], STAGING: [10, 2] });
  });

  it('can use both versions from before the record of a release until after its parameter', async () => {
    const record = gate.hold(/^AdvisorProdAlias/);
    const parameter = gate.hold(/^AdvisorProdParameter/);
    const released = release({ AdvisorProdVersion: '10' });

    await record.reached;
    expect((await bench.ledger('PROD')).at(-1)?.to?.version, 'no record yet').toBe(1);
    await expectCallable({ PROD: [10, 1], STAGING: [10, 2] });
    record.letGo();

    await parameter.reached;
    expect((await bench.ledger('PROD')).at(-1)?.to?.version, 'the record is written').toBe(10);
    expect(await bench.pointers(), 'the parameter is not').toMatchObject({ PROD: '1' });
    await expectCallable({ PROD: [10, 1], STAGING: [10, 2] });
    parameter.letGo();

    await released;
    await expectCallable({ PROD: [10, 1], STAGING: [10, 2] });
  });

  it('gain one version and lose one while a release runs, and see nothing else change', async () => {
    const watched = [
      getPrompt('draft', advisor),
      ...[1, 2, 3, 10].map((version) => getPrompt(`:${version}`, advisor, version)),
    ];
    const seen: Record<string, Verdict[]> = Object.fromEntries(watched.map(({ name }) => [name, []]));
    const finished = release({ AdvisorProdVersion: '2' }).then(() => true);
    for (let isOver = false; !isOver; isOver = await Promise.race([finished, Promise.resolve(false)])) {
      for (const { name, send } of watched) {
        const verdict = await verdictOf(send(sessions.invoker));
        if (seen[name]?.at(-1) !== verdict) seen[name]?.push(verdict);
      }
    }

    expect(seen).toEqual({
      'GetPrompt draft': ['refused'],
      'GetPrompt :1': ['allowed', 'refused'],
      'GetPrompt :2': ['refused', 'allowed'],
      'GetPrompt :3': ['refused'],
      'GetPrompt :10': ['allowed'],
    });
    await expectCallable({ PROD: [2, 10], STAGING: [10, 2] });
  });

  it('keep the version that a rollback left over', async () => {
    await release({ AdvisorProdVersion: '1' });

    await expectCallable({ PROD: [1, 2], STAGING: [10, 2] });
  });

  it('do not keep a version whose release failed', async () => {
    gate.fail(/^AdvisorProdParameter/);
    const { status } = await bench.deploy(template, { AdvisorProdVersion: '10' });
    gate.open();

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await bench.pointers()).toMatchObject({ PROD: '1' });
    await expectCallable({ PROD: [1, 2], STAGING: [10, 2] });
  });

  it('lose a withdrawn version under every alias at once, and get no older one in its place', async () => {
    await release({ AdvisorWithdrawnVersions: '2' });

    await expectCallable({ PROD: [1], STAGING: [10] });
  });

  it('can use nothing of an alias that stands on a withdrawn version', async () => {
    await release({ AdvisorWithdrawnVersions: '1,2' });

    expect(await bench.pointers()).toEqual({ PROD: '1', STAGING: '10' });
    await expectCallable({ PROD: [], STAGING: [10] });
  });

  it('have back the version that the alias stands on once it is no longer withdrawn, and no other', async () => {
    await release({ AdvisorWithdrawnVersions: 'none' });

    await expectCallable({ PROD: [1], STAGING: [10] });
  });
});

it('is asked for the draft by its bare id as well', async () => {
  const byId = { ...getPrompt('draft', advisor), send: getPrompt('', idOf(advisor)).send };

  for (const role of ROLES) expect(await verdictOf(byId.send(sessions[role])), role).toBe('refused');
});
