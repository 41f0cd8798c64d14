import { describe, expect, it } from 'vitest';
import { keyContexts } from '../../core/audit/key-contexts';
import {
  type AliasAccess,
  type PolicyKind,
  policyProblems,
  policyVersionProblems,
} from '../../core/audit/policy-shape';
import { modelArns } from '../../lambda/model-arns';
import { callableAttributes } from '../../lambda/prompt-release-plan/callable-attributes';
import { AliasGuardrail, CallableVersionsGuard, CombinedCallerPolicy } from '../../lib';
import { newApp, promptIn, registryIn, resourcesOf, stackIn, type TemplateJson, templateOf } from './prompt-app';

const PLACE = { partition: 'aws', region: 'us-east-1', account: '111122223333' };
const KEY = 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555';
const ARN = 'arn:aws:bedrock:us-east-1:111122223333:prompt/';
const OWN_PROFILE = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abcdefghijkl';
const PROMPTS = { p0: 'AAAAAAAAAA', p1: 'BBBBBBBBBB' } as const;
type Name = keyof typeof PROMPTS;

/** Models that versions of the prompts have: plain, of a profile, of a global one, of an own one, and none. */
const MODELS: Record<Name, Record<number, string | null>> = {
  p0: { 1: 'amazon.nova-pro-v1:0', 2: 'us.amazon.nova-pro-v1:0', 3: 'global.anthropic.claude-haiku-4-5-v1:0' },
  p1: {
    1: OWN_PROFILE,
    2: null,
    3: 'deepseek.v3.2',
    4: 'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abc',
  },
};
const PROFILES: Record<string, string> = {
  [OWN_PROFILE]: 'meta.llama3-v1:0',
  'us.amazon.nova-pro-v1:0': 'amazon.nova-pro-v1:0',
  'global.anthropic.claude-haiku-4-5-v1:0': 'anthropic.claude-haiku-4-5-v1:0',
};
const profiles = {
  find: async (id: string) => {
    const model = PROFILES[id];
    if (model === undefined) return undefined;
    const arn = id.startsWith('arn:') ? id : `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${id}`;
    return { id, arn, modelArns: [`arn:aws:bedrock:us-west-2::foundation-model/${model}`] };
  },
};

type Guardrails = Partial<Record<Name, AliasGuardrail>>;
const GUARDRAIL = 'arn:aws:bedrock:us-east-1:111122223333:guardrail/abcdefghijkl';
const THREE = AliasGuardrail.version(GUARDRAIL, '3');
const KEY_NAME = 'bedrock:GuardrailIdentifier';
const terms = (...versions: number[]) => ({
  accepted: versions.map((one) => `${GUARDRAIL}:${one}`),
  acceptsNone: false,
});

/** The template of two prompts, the second with a key, and every kind of policy. */
function template(minimize: boolean, guardrails: Guardrails = {}): TemplateJson {
  const stack = stackIn(newApp({ '@aws-cdk/aws-iam:minimizePolicies': minimize }));
  const registry = registryIn(stack);
  const encryptionKey = { keyRef: { keyArn: KEY, keyId: 'id' } } as never;
  const aliases = (Object.keys(PROMPTS) as Name[]).map((promptName) =>
    promptIn(stack, { registry, promptName, ...(promptName === 'p1' && { encryptionKey }) }).addAlias('PROD', {
      callableVersions: 3,
      guardrail: guardrails[promptName] ?? AliasGuardrail.none(),
    }),
  );
  for (const alias of aliases) void alias.readerPolicy;
  new CombinedCallerPolicy(stack, 'Combined', { aliases });
  new CallableVersionsGuard(stack, 'Guard', { aliases });
  return templateOf(stack);
}

const accessOf = (name: Name, callable: readonly number[], more: Partial<AliasAccess> = {}): AliasAccess => {
  const modelled = (versions: readonly number[]) =>
    versions.map((version) => ({ version, model: MODELS[name][version] ?? null }));
  return {
    promptArn: ARN + PROMPTS[name],
    parameterArn: `arn:aws:ssm:us-east-1:111122223333:parameter/prompts/prod/${name}/PROD`,
    ...{ required: modelled(callable), permitted: modelled(callable) },
    ...{ keyArn: name === 'p1' ? KEY : null, guardrail: null },
    ...more,
  };
};

/** The policies as CloudFormation makes them with what the plan's own code answers. */
async function deployed(
  callable: Record<Name, readonly number[]>,
  minimize: boolean,
  guardrails: Guardrails = {},
  expected: Partial<Record<Name, AliasAccess['guardrail']>> = {},
) {
  const { Resources } = template(minimize, guardrails);
  const attributes = new Map<string, Record<string, unknown>>();
  for (const [id, { Type, Properties }] of Object.entries(Resources)) {
    const name = Properties?.PromptName as Name;
    if (Type !== 'Custom::PromptReleasePlan') continue;
    const address = { ...PLACE, arn: ARN + PROMPTS[name], id: PROMPTS[name] } as never;
    const versions = callable[name].map(async (version) => ({
      version,
      models: await modelArns(MODELS[name][version] ?? null, address, profiles as never),
    }));
    attributes.set(id, callableAttributes(await Promise.all(versions), 3, address));
  }
  const resolved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolved);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref, 'Fn::GetAtt': att, 'Fn::Join': join } = value as Record<string, never>;
    if (Ref !== undefined) return { 'AWS::Partition': 'aws' }[Ref as string];
    if (join !== undefined) return (resolved(join[1]) as string[]).join(join[0]);
    if (att !== undefined) return attributes.get(att[0])?.[att[1]] ?? ARN + PROMPTS[/^P1/i.test(att[0]) ? 'p1' : 'p0'];
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
  };
  return Object.entries(resourcesOf({ Resources } as TemplateJson, 'AWS::IAM::ManagedPolicy')).map(([id, policy]) => {
    const kind: PolicyKind = id.startsWith('Combined')
      ? 'combined'
      : id.startsWith('Guard')
        ? 'guard'
        : id.includes('Reader')
          ? 'reader'
          : 'caller';
    const document = JSON.stringify(resolved(policy.Properties.PolicyDocument));
    const all = Object.keys(PROMPTS) as Name[];
    const own = [/^(Prompt)?P1/i.test(id) ? 'p1' : 'p0'] as Name[];
    // Several aliases may take two policies.
    const combined = all.filter((name) => document.includes(`/prompts/prod/${name}/PROD"`));
    const of = kind === 'guard' ? all : kind === 'combined' ? combined : own;
    return {
      kind,
      of,
      document,
      aliases: of.map((name) => accessOf(name, callable[name], { guardrail: expected[name] ?? null })),
    };
  });
}

const CALLABLE = { p0: [2, 3, 1], p1: [1, 4] };

describe.each([
  ['as they are', false],
  ['minimized by CDK', true],
])('The policies that this package writes, %s,', (_, minimize) => {
  it.each([
    ['full', CALLABLE],
    ['with empty slots', { p0: [3], p1: [2] }],
    ['before the first release', { p0: [], p1: [] }],
    ['with a model whose id may be a profile', { p0: [1], p1: [3, 2, 1] }],
  ])('are in order: %s', async (__, callable) => {
    const policies = await deployed(callable, minimize);
    expect(policies.map(({ kind }) => kind).sort()).toEqual([
      'caller',
      'caller',
      'combined',
      'guard',
      'reader',
      'reader',
    ]);
    for (const { kind, document, aliases } of policies)
      expect(policyProblems(kind, document, aliases, keyContexts(JSON.parse(document))), kind).toEqual([]);
  });
});

/** Of a changed document, by what the stack's template says of keys. */
function problemsOf(
  { kind, document, aliases }: { kind: PolicyKind; document: string; aliases: readonly AliasAccess[] },
  changed: object,
): string[] {
  return policyProblems(kind, JSON.stringify(changed), aliases, keyContexts(JSON.parse(document)));
}

describe.each<[string, Guardrails, Parameters<typeof deployed>[3]]>([
  ['', {}, {}],
  [' with a guardrail', { p0: THREE, p1: THREE }, { p0: terms(3), p1: terms(3) }],
  [' with a guardrail for one alias', { p0: THREE }, { p0: terms(3) }],
])('A policy%s that was changed', async (_, guardrails, expected) => {
  const policies = await deployed(CALLABLE, true, guardrails, expected);
  type Statement = Record<string, unknown>;
  type Change = (statement: Statement, all: Statement[]) => void;
  const CHANGES: Record<string, Change> = {
    'Allow * on *': (_, all) => void all.push({ Effect: 'Allow', Action: '*', Resource: '*' }),
    'bedrock:*': (statement) => {
      statement.Action = 'bedrock:*';
    },
    'one action more': (statement) => {
      statement.Action = [statement.Action, 'bedrock:UpdatePrompt'].flat();
    },
    'all resources': (statement) => {
      statement.Resource = '*';
    },
    'all prompts': (_, all) =>
      void all.push({ Effect: 'Allow', Action: 'bedrock:RenderPrompt', Resource: 'arn:aws:bedrock:*:*:prompt/*' }),
    'a draft': (_, all) =>
      void all.push({ Effect: 'Allow', Action: 'bedrock:GetPrompt', Resource: `${ARN}AAAAAAAAAA` }),
    'another version': (_, all) =>
      void all.push({ Effect: 'Allow', Action: 'bedrock:GetPrompt', Resource: `${ARN}AAAAAAAAAA:4` }),
    'versions by a pattern': (_, all) =>
      void all.push({ Effect: 'Allow', Action: 'bedrock:GetPrompt', Resource: `${ARN}AAAAAAAAAA:*` }),
    'another parameter': (_, all) =>
      void all.push({
        Effect: 'Allow',
        Action: 'ssm:GetParameter',
        Resource: 'arn:aws:ssm:us-east-1:111122223333:parameter/*',
      }),
    'all models': (_, all) =>
      void all.push({
        Effect: 'Allow',
        Action: 'bedrock:InvokeModel',
        Resource: 'arn:aws:bedrock:*::foundation-model/*',
      }),
    'a model without its profile': (_, all) =>
      void all.push({
        ...{ Effect: 'Allow', Action: 'bedrock:InvokeModel' },
        Resource: 'arn:aws:bedrock:*::foundation-model/amazon.nova-pro-v1:0',
      }),
    'another key': (_, all) =>
      void all.push({
        ...{ Effect: 'Allow', Action: 'kms:Decrypt', Resource: KEY.replace('11111111', '99999999') },
        Condition: { StringLike: { 'kms:EncryptionContext:aws:bedrock-prompts:arn': `${ARN}BBBBBBBBBB` } },
      }),
    NotResource: (statement) => {
      statement.NotResource = ['arn:aws:s3:::x'];
      delete statement.Resource;
    },
    NotAction: (statement) => {
      statement.NotAction = 'iam:*';
      delete statement.Action;
    },
    'other letters': (statement) => {
      statement.Action = [statement.Action].flat().map((action) => String(action).toLowerCase());
    },
    'a version by a question mark': (_, all) =>
      void all.push({ Effect: 'Allow', Action: 'bedrock:GetPrompt', Resource: `${ARN}AAAAAAAAAA:?` }),
    'a model by a question mark': (_, all) =>
      void all.push({
        ...{ Effect: 'Allow', Action: 'bedrock:InvokeModel' },
        Resource: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:?',
      }),
    'nobody in particular': (statement) => {
      statement.NotPrincipal = { AWS: 'arn:aws:iam::111122223333:root' };
    },
    'a principal': (statement) => {
      statement.Principal = '*';
    },
    'a name for the statement': (statement) => {
      statement.Sid = 'Mine';
    },
    'the other effect': (statement) => {
      statement.Effect = statement.Effect === 'Allow' ? 'Deny' : 'Allow';
    },
    'no effect': (statement) => {
      delete statement.Effect;
    },
    'a condition more': (statement) => {
      statement.Condition = { ...(statement.Condition as object), Bool: { 'aws:SecureTransport': 'true' } };
    },
    'a statement that is none': (_, all) => void all.push('Allow' as never),
    'a statement of null': (_, all) => void all.push(null as never),
  };

  it.each(Object.keys(CHANGES))('is found, and nothing throws: %s', (name) => {
    let count = 0;
    for (const { kind, document, aliases } of policies) {
      const { length } = JSON.parse(document).Statement as Statement[];
      for (let place = 0; place < length; place++) {
        const changed = JSON.parse(document);
        CHANGES[name]?.(changed.Statement[place], changed.Statement);
        // What the guard says of its resources is not what a caller's policy says.
        if (JSON.stringify(changed) === document) continue;
        expect(problemsOf({ kind, document, aliases }, changed), `${kind} ${place}`).not.toEqual([]);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(10);
  });

  it('is found where a condition is dropped, widened or of another kind', () => {
    for (const { kind, document, aliases } of policies) {
      JSON.parse(document).Statement.forEach(({ Condition }: Statement, place: number) => {
        if (Condition === undefined) return;
        const [[operator, inner]] = Object.entries(Condition as object) as [[string, Record<string, unknown>]];
        const key = Object.keys(inner)[0] as string;
        for (const other of [
          undefined,
          { [operator]: { [key]: '*' } },
          { [`${operator}IfExists`]: inner },
          { [operator]: { 'aws:x': '*' } },
        ]) {
          const changed = JSON.parse(document);
          changed.Statement[place].Condition = other;
          expect(problemsOf({ kind, document, aliases }, changed), `${kind} ${place}`).not.toEqual([]);
        }
      });
    }
  });

  it('is found where the key is opened for the draft alone, or for the versions alone', () => {
    const encrypted = policies.filter(({ document }) => document.includes('kms:Decrypt'));
    expect(encrypted.length).toBeGreaterThan(2);
    for (const policy of encrypted) {
      const changed = JSON.parse(policy.document);
      for (const { Action, Condition } of changed.Statement)
        if (Action === 'kms:Decrypt') Object.values<string[]>(Condition.StringLike)[0]?.pop();
      expect(problemsOf(policy, changed), policy.kind).toEqual([expect.stringContaining('does not open the key')]);
    }
  });

  it('is found where a statement is gone that callers need', () => {
    for (const { kind, document, aliases } of policies) {
      JSON.parse(document).Statement.forEach((_: Statement, place: number) => {
        const changed = JSON.parse(document);
        changed.Statement.splice(place, 1);
        const problems = problemsOf({ kind, document, aliases }, changed);
        // Models behind profiles that are empty slots help nobody.
        if (!JSON.stringify(JSON.parse(document).Statement[place]).includes('inference-profile/none"'))
          expect(problems, `${kind} ${place}`).not.toEqual([]);
      });
    }
  });

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"Version":"2008-10-17"}',
    '"text"',
    'nonsense',
    '{"Statement":{"NotResource":"*"}}',
  ])('is found where it is no such document: %s', (document) => {
    for (const { kind, aliases } of policies) expect(policyProblems(kind, document, aliases, 0), kind).not.toEqual([]);
  });

  it('is found in a version that is not in force; versions of earlier releases are in order', async () => {
    const [before] = await deployed({ p0: [1], p1: [2] }, false);
    const [now] = await deployed(CALLABLE, false);
    const strange = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    });
    const versions = [
      { id: 'v2', isDefault: true, document: now?.document ?? '' },
      { id: 'v1', isDefault: false, document: before?.document ?? '' },
    ];
    const { kind, aliases } = now as { kind: PolicyKind; aliases: AliasAccess[] };
    expect(policyVersionProblems(kind, versions, aliases, 0)).toEqual([]);
    expect(
      policyVersionProblems(kind, [...versions, { id: 'v3', isDefault: false, document: strange }], aliases, 0),
    ).toEqual([expect.stringContaining('version v3, which is not in force')]);
  });

  it('is in order where a release failed before its record, and is not where it is a pattern', () => {
    for (const { kind, document, aliases } of policies) {
      const old = (text: string) =>
        policyVersionProblems(kind, [{ id: 'v1', isDefault: false, document: text }], aliases, 0);
      expect(old(document.replaceAll(':2"', ':77"').replaceAll('nova-pro', 'nova-lite')), kind).toEqual([]);
      for (const part of ['AAAAAAAAAA:2', 'us.amazon.nova-pro-v1:0', 'foundation-model/amazon.nova-pro-v1:0'])
        if (document.includes(part))
          expect(old(document.replaceAll(part, part.replace(/.{3}$/, '*'))), `${kind} ${part}`).not.toEqual([]);
    }
  });

  it('is in order without the parameters below an alias’s own, as a stack has it from an earlier version', () => {
    for (const policy of policies.filter(({ kind }) => kind !== 'guard')) {
      const earlier = policy.document.replaceAll(/,"arn:aws:ssm:[^"]+\/\*"/g, '');
      expect(earlier).not.toBe(policy.document);
      expect(problemsOf(policy, JSON.parse(earlier)), policy.kind).toEqual([]);
    }
  });

  it.each(['PRODX', 'PROD*', 'PROD/?', 'PROD/*/*', '*', '*/PROD/*', 'STAGING', 'STAGING/*', '../p9/PROD/*'])(
    'is found where it reads another parameter: %s',
    (name) => {
      for (const policy of policies.filter(({ kind }) => kind !== 'guard')) {
        const changed = policy.document.replaceAll(/(?<="arn:aws:ssm:[^"]+\/)PROD\/\*"/g, `${name}"`);
        expect(problemsOf(policy, JSON.parse(changed)), policy.kind).toEqual([
          expect.stringContaining(`the ${policy.kind} policy holds what the registry does not write`),
        ]);
      }
    },
  );

  it('is found where the pointer itself is gone, and what is below is left', () => {
    for (const policy of policies.filter(({ kind }) => kind !== 'guard')) {
      const changed = policy.document.replaceAll(/"arn:aws:ssm:[^"]+PROD",/g, '');
      expect(problemsOf(policy, JSON.parse(changed)), policy.kind).toEqual([
        expect.stringContaining('does not allow arn:aws:ssm:us-east-1:111122223333:parameter/prompts/prod/'),
      ]);
    }
  });
});

describe('A guardrail', () => {
  const CASES: [string, Guardrails, Parameters<typeof deployed>[3]][] = [
    ['of both aliases', { p0: THREE, p1: THREE }, { p0: terms(3), p1: terms(3) }],
    ['of one', { p1: THREE }, { p1: terms(3) }],
    ['of each its own', { p0: THREE, p1: AliasGuardrail.version(GUARDRAIL, '4') }, { p0: terms(3), p1: terms(4) }],
    [
      'that changes',
      { p0: AliasGuardrail.changeOver(THREE, AliasGuardrail.version(GUARDRAIL, '4')) },
      { p0: terms(4, 3) },
    ],
    [
      'that comes',
      { p0: AliasGuardrail.changeOver(AliasGuardrail.none(), THREE) },
      { p0: { ...terms(3), acceptsNone: true } },
    ],
    ['that only CloudFormation knows', { p0: THREE }, { p0: { accepted: [null], acceptsNone: false } }],
  ];
  const READS_NO_MODEL = 'reader';

  it.each(CASES)('%s is in order, whatever is callable', async (_, guardrails, expected) => {
    for (const callable of [CALLABLE, { p0: [3], p1: [2] }, { p0: [], p1: [] }])
      for (const minimize of [false, true])
        for (const { kind, document, aliases } of await deployed(callable, minimize, guardrails, expected))
          expect(policyProblems(kind, document, aliases, keyContexts(JSON.parse(document))), kind).toEqual([]);
  });

  it.each(CASES.slice(0, 5))(
    '%s is missed where the template has it and the policy has not, and the reverse',
    async (_, guardrails, expected) => {
      const [guarded, open] = [await deployed(CALLABLE, true, guardrails, expected), await deployed(CALLABLE, true)];
      for (const { kind, of, document, aliases } of guarded) {
        if (kind === READS_NO_MODEL || !of.some((name) => guardrails[name])) continue;
        const other = open.find((one) => one.kind === kind && String(one.of) === String(of));
        if (other === undefined) continue;
        expect(policyProblems(kind, other.document, aliases, 0), `${kind} without`).not.toEqual([]);
        expect(policyProblems(kind, document, other.aliases, 0), `${kind} with`).not.toEqual([]);
      }
    },
  );

  it.each(CASES.slice(0, 5))(
    '%s is missed where one statement was changed by hand',
    async (_, guardrails, expected) => {
      let count = 0;
      for (const policy of await deployed(CALLABLE, true, guardrails, expected)) {
        const { Statement } = JSON.parse(policy.document) as {
          Statement: Record<string, Record<string, Record<string, unknown>>>[];
        };
        for (const [place, { Condition = {} }] of Statement.entries()) {
          const operator = Object.keys(Condition).find(
            (name) => name !== 'Null' && KEY_NAME in (Condition[name] ?? {}),
          );
          if (operator === undefined) continue;
          const { [KEY_NAME]: value, ...others } = Condition[operator] as Record<string, unknown>;
          for (const changed of [
            { ...Condition, [operator]: others },
            { ...Condition, [operator]: { ...others, [KEY_NAME]: `${GUARDRAIL}:5` } },
            { ...Condition, [operator]: { ...others, [KEY_NAME]: GUARDRAIL } },
            { ...Condition, [operator]: { ...others, [KEY_NAME]: '*' } },
            { ...Condition, [operator]: { ...others, [KEY_NAME]: [value, `${GUARDRAIL}:5`].flat() } },
            { ...Condition, [operator]: { ...others, [KEY_NAME]: [] } },
            { StringLike: { ...others, [KEY_NAME]: value } },
            {
              [operator === 'StringEquals' ? 'StringEqualsIfExists' : 'StringEquals']: { ...others, [KEY_NAME]: value },
            },
            { [operator === 'StringNotEquals' ? 'StringEquals' : 'StringNotEquals']: { ...others, [KEY_NAME]: value } },
            { ...Condition, Null: { [KEY_NAME]: 'true' } },
            { ...Condition, Bool: { 'aws:SecureTransport': 'true' } },
          ]) {
            const document = JSON.parse(policy.document);
            document.Statement[place].Condition = changed;
            expect(problemsOf(policy, document), `${policy.kind} ${place} ${JSON.stringify(changed)}`).not.toEqual([]);
            count += 1;
          }
        }
      }
      expect(count).toBeGreaterThan(40);
    },
  );

  it('may have been another one, or none, in a version that is not in force', async () => {
    const [now] = await deployed(CALLABLE, false, { p0: THREE }, { p0: terms(3) });
    const others = [
      await deployed(CALLABLE, false),
      await deployed(CALLABLE, false, { p0: AliasGuardrail.version(GUARDRAIL, '2') }),
    ];
    for (const [other] of others) {
      const versions = [{ id: 'v1', isDefault: false, document: other?.document ?? '' }];
      expect(policyVersionProblems('caller', versions, now?.aliases ?? [], 0)).toEqual([]);
    }
    const wild = now?.document.replaceAll(`${GUARDRAIL}:3`, `${GUARDRAIL}:*`) ?? '';
    expect(
      policyVersionProblems('caller', [{ id: 'v1', isDefault: false, document: wild }], now?.aliases ?? [], 0),
    ).not.toEqual([]);
  });

  it('is named where callers may not apply it any more, or another one', async () => {
    const [caller] = await deployed(CALLABLE, true, { p0: THREE }, { p0: terms(3) });
    const document = caller?.document ?? '';
    const apply = (arn: string) => document.replace(`"Resource":"${GUARDRAIL}"`, `"Resource":"${arn}"`);
    expect(policyProblems('caller', document, caller?.aliases ?? [], 0)).toEqual([]);
    for (const arn of [GUARDRAIL.replace('abc', 'xyz'), '*', `${GUARDRAIL}*`])
      expect(policyProblems('caller', apply(arn), caller?.aliases ?? [], 0)).toEqual([
        expect.stringContaining('does not write'),
        `the caller policy does not allow ${GUARDRAIL}`,
      ]);
  });
});
