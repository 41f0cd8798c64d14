import { describe, expect, it } from 'vitest';
import { declaredGuardrails } from '../../cli/declared-guardrails';
import type { StackFacts } from '../../cli/resolved-template';
import { logicalId } from '../../core/contract/names';

const ARN = 'arn:aws:bedrock:us-east-1:111122223333:guardrail/abcdefghijkl';
const PREFIX = '/prompts/prod';
const aliases = [
  { promptName: 'advisor', aliasName: 'PROD', callableVersions: 2, parameterId: undefined, sourceTarget: undefined },
];

/** What a template says whose caller policy calls models under a condition. */
function declared(Condition: unknown, facts: Partial<StackFacts> = {}) {
  const Statement = [
    { Effect: 'Allow', Action: ['bedrock:GetPrompt'], Resource: 'x' },
    {
      Effect: 'Allow',
      Action: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'],
      Resource: 'x',
      Condition,
    },
  ];
  const id = logicalId(PREFIX, 'advisor', 'PROD', 'CallerPolicy');
  const terms = declaredGuardrails(PREFIX, aliases, {
    stackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Prompts/1',
    stackName: 'Prompts',
    parameters: new Map([['Version', '4']]),
    resources: new Map(),
    template: { [id]: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: { Statement } } } },
    ...facts,
  });
  return terms.get('/prompts/prod/advisor/PROD');
}

const named = (value: unknown) => ({ StringEquals: { 'bedrock:GuardrailIdentifier': value } });
const join = (...parts: unknown[]) => ({ 'Fn::Join': ['', parts] });
const att = (id: string, name: string) => ({ 'Fn::GetAtt': [id, name] });

describe('What a template says of guardrails', () => {
  it.each<[string, unknown, object | undefined]>([
    ['nothing', undefined, undefined],
    ['nothing beside a profile', { StringEquals: { 'bedrock:InferenceProfileArn': 'x' } }, undefined],
    ['one', named(`${ARN}:3`), { accepted: [`${ARN}:3`], acceptsNone: false }],
    ['two', named([`${ARN}:4`, `${ARN}:3`]), { accepted: [`${ARN}:4`, `${ARN}:3`], acceptsNone: false }],
    [
      'one or none',
      { StringEqualsIfExists: { 'bedrock:GuardrailIdentifier': `${ARN}:3` } },
      { accepted: [`${ARN}:3`], acceptsNone: true },
    ],
    [
      'one of the account',
      named(join('arn:', { Ref: 'AWS::Partition' }, ':bedrock:us-east-1:111122223333:guardrail/abcdefghijkl:3')),
      { accepted: [`${ARN}:3`], acceptsNone: false },
    ],
    [
      'one by a parameter of the stack',
      named(join(ARN, ':', { Ref: 'Version' })),
      { accepted: [`${ARN}:4`], acceptsNone: false },
    ],
    ['what another stack exports', named({ 'Fn::ImportValue': 'x' }), { accepted: [null], acceptsNone: false }],
    ['what nobody writes', { StringLike: { 'bedrock:GuardrailIdentifier': '*' } }, undefined],
  ])('is read: %s', (_, condition, terms) => {
    expect(declared(condition)).toEqual(terms);
  });

  it.each([`abcdefghijkl|3`, `${ARN}|3`])(
    'is read of resources of the stack, whose physical id is %s',
    (physicalId) => {
      const resources = new Map([
        ['Guardrail', { type: 'AWS::Bedrock::Guardrail', physicalId: ARN }],
        ['Three', { type: 'AWS::Bedrock::GuardrailVersion', physicalId }],
      ]);
      for (const arn of [att('Guardrail', 'GuardrailArn'), att('Three', 'GuardrailArn'), { Ref: 'Guardrail' }])
        expect(declared(named(join(arn, ':', att('Three', 'Version'))), { resources })).toEqual({
          accepted: [`${ARN}:3`],
          acceptsNone: false,
        });
      const withId = join('arn:aws:bedrock:us-east-1:111122223333:guardrail/', att('Three', 'GuardrailId'), ':3');
      expect(declared(named(withId), { resources })?.accepted).toEqual([`${ARN}:3`]);
    },
  );

  it('is unknown where a physical id says nothing', () => {
    const resources = new Map([['Three', { type: 'AWS::Bedrock::GuardrailVersion', physicalId: 'Three-XYZ' }]]);
    expect(declared(named(join(ARN, ':', att('Three', 'Version'))), { resources })?.accepted).toEqual([null]);
  });
});
