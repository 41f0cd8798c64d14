import { pointerArns } from '../contract/names';
import { VERSION_PATTERN } from '../contract/version-arn';
import { type GuardrailTerms, guardrailsOf, mayApply, sameTerms, withoutGuardrailTerms } from './guardrail-shape';
import { keyContexts } from './key-contexts';
import { object } from './trail-event';

/** What a managed policy of a registry is for. */
export type PolicyKind = 'caller' | 'reader' | 'combined' | 'guard';

export interface ModelledVersion {
  readonly version: number;
  /** Model id or ARN; null for a version without a model. */
  readonly model: string | null;
}

/** What the callers of one alias are to have, as the ledger says. */
export interface AliasAccess {
  readonly promptArn: string;
  readonly parameterArn: string;
  /** Versions that the policy has to name; null where it need not give anything. */
  readonly required: readonly ModelledVersion[] | null;
  /** Versions that it may name: the callable ones; null for all of the prompt, with any one model. */
  readonly permitted: readonly ModelledVersion[] | null;
  /** ARN of the prompt's key, null for none; undefined where it is not known. */
  readonly keyArn?: string | null;
  /** What callers have to name, as the stack's template says; null for nothing, undefined where it is not known. */
  readonly guardrail?: GuardrailTerms | null | undefined;
}

/** One version of a managed policy: IAM keeps up to five. */
export interface PolicyVersion {
  readonly id: string;
  readonly isDefault: boolean;
  readonly document: string;
}

/** One thing that a statement says: a statement allows each of its actions on each of its resources. */
interface Grant {
  readonly action: string;
  readonly resource: string;
  readonly condition: Condition | null;
  /** What the condition says of guardrails, which stands for all its values. */
  readonly terms: GuardrailTerms | null;
}

/** Operator, key and one of its values. */
type Condition = readonly [string, string, string];

const READ = ['bedrock:GetPrompt'];
const RUN = [...READ, 'bedrock:RenderPrompt'];
const POINTER = ['ssm:GetParameter', 'ssm:GetParameters'];
const INVOKE = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
const APPLY = 'bedrock:ApplyGuardrail';
const PROFILE = 'bedrock:InferenceProfileArn';
const KEY_CONTEXT = 'kms:EncryptionContext:aws:bedrock-prompts:arn';
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrock-prompt.html: a key's own ARN, no alias. */
const KEY = /^arn:[^:*?]+:kms:[^:*?]+:[0-9]{12}:key\/[0-9A-Za-z-]+$/;
const LONGEST = 160;

/**
 * What is wrong with a policy. The version in force has to agree with the ledger; an older one has to be one that this
 * package may have written, because `iam:SetDefaultPolicyVersion` alone puts it in force.
 */
export function policyVersionProblems(
  kind: PolicyKind,
  versions: readonly PolicyVersion[],
  aliases: readonly AliasAccess[],
  contexts: number,
): string[] {
  // A release that failed before its record leaves a version with what it had planned: no ledger knows that.
  const before = aliases.map((alias) => ({ ...alias, required: null, permitted: null, guardrail: undefined }));
  return versions.flatMap(({ id, isDefault, document }) =>
    isDefault
      ? policyProblems(kind, document, aliases, contexts)
      : policyProblems(kind, document, before, 0).map(
          (problem) => `${problem}; that is version ${id}, which is not in force and can be put in force`,
        ),
  );
}

/**
 * Where a policy's document is not one that this package writes, in this version or in an earlier one.
 *
 * Nothing is looked for: the document is taken apart into what it says, and everything that is not expected is named.
 * Order, grouping and repetition do not matter, because they mean nothing to IAM, and CDK's `minimize` changes them.
 *
 * @param contexts how many encryption contexts the stack's template opens keys for: an adopted prompt may have a key that it
 *   does not name
 */
export function policyProblems(
  kind: PolicyKind,
  document: string,
  aliases: readonly AliasAccess[],
  contexts: number,
): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    return [`the ${kind} policy is no JSON`];
  }
  const { Version, Statement, ...more } = object(parsed);
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  const strange = [
    ...(Version === '2012-10-17' ? [] : [`Version ${shown(Version)}`]),
    ...Object.keys(more).map((name) => `an element ${shown(name)}`),
  ];
  const problems = kind === 'guard' ? guardProblems(statements, aliases) : allowProblems(kind, statements, aliases);
  const closed = keyContexts(parsed) < contexts ? [`the ${kind} policy does not open the key of every prompt`] : [];
  return [...strange.map((what) => strangeness(kind, what)), ...problems, ...closed];
}

function allowProblems(kind: PolicyKind, statements: readonly unknown[], aliases: readonly AliasAccess[]): string[] {
  const grants: Grant[] = [];
  const strange: string[] = [];
  const tooMany = new Set<string>();
  const expected = expectation(kind, aliases);
  for (const statement of statements) {
    const found = grantsOf(statement);
    const wrong = found?.filter((grant) => !expected(grant));
    grants.push(...(found ?? []));
    // A version too many is the plainest case, and has a plain sentence.
    const versions = wrong?.map((grant) => versionOf(grant, kind, aliases));
    if (isOpenSlot(found)) strange.push(shown(statement));
    else if (versions?.every((version) => version !== undefined)) for (const version of versions) tooMany.add(version);
    else strange.push(shown(statement));
  }
  const missing = aliases.flatMap((alias) => missingOf(kind, alias, grants));
  return [
    ...strange.map((what) => strangeness(kind, what)),
    ...(tooMany.size > 0 ? [`the ${kind} policy allows ${[...tooMany].join(', ')} too`] : []),
    ...(missing.length > 0 ? [`the ${kind} policy does not allow ${[...new Set(missing)].join(', ')}`] : []),
  ];
}

/**
 * An empty slot's model stands under a condition, or together with the slot's profile: alone and without a condition it is a
 * statement whose condition was taken away.
 */
function isOpenSlot(grants: readonly Grant[] | undefined): boolean {
  return Boolean(
    grants?.every(({ resource, condition }) => condition === null && resource.endsWith('::foundation-model/none')),
  );
}

/** What an Allow statement says; undefined for one that is no plain Allow of actions on resources. */
function grantsOf(statement: unknown): Grant[] | undefined {
  const { Effect, Action, Resource, Condition, ...more } = object(statement);
  const [actions, resources] = [texts(Action), texts(Resource)];
  const { terms, rest } = withoutGuardrailTerms(Condition, 'Allow');
  const conditions = rest === undefined ? [null] : conditionsOf(rest);
  const isPlain = Effect === 'Allow' && Object.keys(more).length === 0 && terms !== undefined;
  if (!isPlain || !actions || !resources || !conditions) return undefined;
  return actions.flatMap((action) =>
    resources.flatMap((resource) => conditions.map((condition) => ({ action, resource, condition, terms }))),
  );
}

/** The values of a condition with one operator and one key; they are alternatives. */
function conditionsOf(condition: unknown): Condition[] | undefined {
  const [operator, ...operators] = Object.entries(object(condition));
  const [key, ...keys] = Object.entries(object(operator?.[1]));
  const values = texts(key?.[1]);
  if (!operator || !key || operators.length > 0 || keys.length > 0 || !values) return undefined;
  return values.map((value) => [operator[0], key[0], value] as const);
}

/** `ABCDEFGHIJ:2` of a right to a version of one of these prompts, `ABCDEFGHIJ` of one to its draft. */
function versionOf({ action, resource, condition, terms }: Grant, kind: PolicyKind, aliases: readonly AliasAccess[]) {
  const isPrompt = aliases.some(
    ({ promptArn }) =>
      resource === promptArn ||
      (resource.startsWith(promptArn) && /^:[0-9]{1,5}$/.test(resource.slice(promptArn.length))),
  );
  return isPrompt && runActions(kind).includes(action) && condition === null && terms === null
    ? resource.split(':prompt/')[1]
    : undefined;
}

function runActions(kind: PolicyKind): string[] {
  return kind === 'reader' ? READ : RUN;
}

const A_VERSION = new RegExp(`^:${VERSION_PATTERN}$`);

/** Whether a policy of this alias may name this ARN of a version. */
function mayName({ promptArn, permitted }: AliasAccess, arn: string): boolean {
  return permitted
    ? permitted.some((one) => arnIn(promptArn)(one) === arn)
    : arn.startsWith(promptArn) && A_VERSION.test(arn.slice(promptArn.length));
}

/** Whether a policy of these aliases may say this. */
function expectation(kind: PolicyKind, aliases: readonly AliasAccess[]): (grant: Grant) => boolean {
  const pointers = new Set(aliases.flatMap(({ parameterArn }) => pointerArns(parameterArn)));
  const isNone = isEmptyIn(aliases);
  const maySayPlainly = (action: string, resource: string) => {
    if (runActions(kind).includes(action))
      return isNone('prompt', resource) || aliases.some((alias) => mayName(alias, resource));
    // A stack that was last deployed with an earlier version of this package has the pointer's alone.
    if (POINTER.includes(action)) return pointers.has(resource);
    return kind !== 'reader' && action === APPLY && aliases.some(({ guardrail }) => mayApply(resource, guardrail));
  };
  const mayCall = ({ resource, condition, terms }: Grant) => {
    const own = aliases.filter(({ guardrail }) => sameTerms(terms, guardrail));
    const models = own.flatMap(permittedModels);
    const isProfile = (arn: string) =>
      isNone('profile', arn) || models.some(({ profile, isProfile: is }) => profile === arn || is?.(arn));
    if (own.length === 0) return false;
    if (condition === null) {
      const isDirect = models.some(({ direct, isDirect: is }) => direct === resource || is?.(resource));
      return isNone('model', resource) || isProfile(resource) || isDirect;
    }
    const [operator, key, value] = condition;
    if (operator !== 'StringEquals' || key !== PROFILE) return false;
    // In a policy of several aliases each model stands with each profile: a profile leads to its own model only.
    return isProfile(value) && (isNone('model', resource) || models.some(({ routes }) => routes?.(resource)));
  };
  return (grant) => {
    const { action, resource, condition, terms } = grant;
    if (INVOKE.includes(action)) return kind !== 'reader' && mayCall(grant);
    if (terms !== null) return false;
    if (condition === null) return maySayPlainly(action, resource);
    return action === 'kms:Decrypt' && aliases.some((alias) => mayDecrypt(alias, resource, condition));
  };
}

/** Whether an ARN fills an empty slot of one of these aliases. */
function isEmptyIn(aliases: readonly AliasAccess[]) {
  const none = aliases.map(({ promptArn }) => emptySlot(placeOf(promptArn)));
  return (slot: keyof ReturnType<typeof emptySlot>, arn: string) => none.some((empty) => empty[slot] === arn);
}

function permittedModels({ promptArn, permitted }: AliasAccess): ModelWay[] {
  const place = placeOf(promptArn);
  return permitted ? permitted.flatMap(({ model }) => modelsOf(model, place)) : [anyModel(place.partition)];
}

/** Whether a policy of this alias may open this key under this condition: for its own prompt only. */
function mayDecrypt({ promptArn, keyArn }: AliasAccess, key: string, [operator, name, value]: Condition): boolean {
  return (
    operator === 'StringLike' &&
    name === KEY_CONTEXT &&
    (value === promptArn || value === `${promptArn}:*`) &&
    (keyArn === undefined ? KEY.test(key) : key === keyArn)
  );
}

/** What callers of the alias need and none of these rights gives. */
function missingOf(kind: PolicyKind, alias: AliasAccess, grants: readonly Grant[]) {
  const { promptArn, parameterArn, required, guardrail } = alias;
  if (required === null) return [];
  const isOwn = ({ action, terms }: Grant) => !INVOKE.includes(action) || sameTerms(terms, guardrail);
  const has = (actions: readonly string[], resource: string) =>
    actions.every((action) =>
      grants.some(
        (grant) => grant.action === action && grant.resource === resource && grant.condition === null && isOwn(grant),
      ),
    );
  const lacking = required.flatMap(({ version, model }) => {
    const arn = arnIn(promptArn)({ version });
    if (!has(runActions(kind), arn)) return arn.split(':prompt/')[1] ?? arn;
    if (kind === 'reader') return [];
    const ways = modelsOf(model, placeOf(promptArn));
    const canCall = ({ direct, profile, routes }: ModelWay) =>
      has(INVOKE, direct ?? profile ?? '') &&
      (routes === undefined ||
        grants.some((grant) => grant.condition?.[2] === profile && routes(grant.resource) && isOwn(grant)));
    return ways.length === 0 || ways.some(canCall) ? [] : `the model ${model}`;
  });
  // Slots without a version are filled with what does not exist, so each kind of statement is always there.
  const isWhole =
    kind === 'reader' ||
    [true, false].every((open) =>
      INVOKE.every((action) =>
        grants.some((grant) => grant.action === action && (grant.condition === null) === open && isOwn(grant)),
      ),
    );
  const applied = kind === 'reader' || !guardrail ? [] : guardrailsOf(guardrail).filter((arn) => arn !== null);
  return [
    ...lacking,
    ...(has(POINTER, parameterArn) ? [] : [parameterArn]),
    ...applied.filter((arn) => !has([APPLY], arn)),
    ...(isWhole || lacking.length > 0 ? [] : ['models, by themselves and through profiles']),
  ];
}

/** Denies what is not callable, whatever else allows it. */
function guardProblems(statements: readonly unknown[], aliases: readonly AliasAccess[]): string[] {
  const { partition } = placeOf(aliases[0]?.promptArn ?? '');
  const problems: string[] = [];
  const left = new Set<string>();
  const found = new Set<string>();
  const denials: Denial[] = [];
  for (const statement of statements) {
    const { Sid, NotResource } = object(statement);
    const denial = denialIn(statement, aliases);
    if (denial !== undefined) {
      denials.push(denial);
      continue;
    }
    if (!isGuardStatement(statement, partition) || found.has(String(Sid))) {
      problems.push(strangeness('guard', shown(statement)));
      continue;
    }
    found.add(String(Sid));
    for (const other of texts(NotResource) ?? []) left.add(other);
  }
  for (const sid of GUARD_STATEMENTS) if (!found.has(sid)) problems.push(`the guard policy lacks its statement ${sid}`);
  return [
    ...problems,
    ...usableProblems(left, aliases, found.has('NothingButTheCallableVersions')),
    ...aliases.flatMap((alias) => openModels(alias, denials)),
  ];
}

/** Calls that a guard takes away where they do not name a guardrail. */
interface Denial {
  readonly terms: GuardrailTerms;
  readonly resources: readonly string[];
}

/** Undefined for a statement that is none, or not one of these aliases. */
function denialIn(statement: unknown, aliases: readonly AliasAccess[]): Denial | undefined {
  const { Sid, Effect, Action, Resource, Condition, ...more } = object(statement);
  const { terms, rest } = withoutGuardrailTerms(Condition, 'Deny');
  const resources = texts(Resource);
  const isNamed = /^NoModelWithoutGuardrail[1-9][0-9]*$/.test(String(Sid)) && Object.keys(more).length === 0;
  const isDenial = Effect === 'Deny' && sameSet(texts(Action), INVOKE);
  if (!isNamed || !isDenial || !terms || rest !== undefined || !resources) return undefined;
  const own = aliases.filter(({ guardrail }) => guardrail !== null && sameTerms(terms, guardrail));
  const models = own.flatMap(permittedModels);
  const isNone = isEmptyIn(own);
  const isOwn = (arn: string) =>
    isNone('model', arn) ||
    isNone('profile', arn) ||
    models.some((way) => [way.direct, way.profile].includes(arn) || way.isDirect?.(arn) || way.isProfile?.(arn));
  return resources.every(isOwn) ? { terms, resources } : undefined;
}

/** Models of an alias that a guard leaves open to calls without the alias's guardrail. */
function openModels({ promptArn, required, guardrail }: AliasAccess, denials: readonly Denial[]): string[] {
  if (!guardrail || required === null) return [];
  const own = denials.filter(({ terms }) => sameTerms(terms, guardrail)).flatMap(({ resources }) => resources);
  const open = required.flatMap(({ model }) => {
    const ways = modelsOf(model, placeOf(promptArn)).map(({ direct, profile }) => direct ?? profile ?? '');
    return ways.length === 0 || ways.some((arn) => own.includes(arn)) ? [] : [`the model ${model}`];
  });
  const left = own.length === 0 ? ['models'] : open;
  return left.length === 0 ? [] : [`the guard policy leaves ${left.join(', ')} usable without the guardrail`];
}

/** What a guard leaves usable against what it has to. */
function usableProblems(left: ReadonlySet<string>, aliases: readonly AliasAccess[], denies: boolean): string[] {
  const none = new Set(aliases.map(({ promptArn }) => emptySlot(placeOf(promptArn)).prompt));
  const short = (arn: string) => arn.split(':prompt/')[1] ?? arn;
  const tooMany = [...left].filter((arn) => !none.has(arn) && !aliases.some((alias) => mayName(alias, arn))).map(short);
  const missing = aliases
    .flatMap(({ promptArn, required }) => (required ?? []).map(arnIn(promptArn)))
    .filter((arn) => !left.has(arn) && denies);
  return [
    ...(tooMany.length > 0 ? [`the guard policy leaves ${tooMany.join(', ')} usable too`] : []),
    ...(missing.length > 0 ? [`the guard policy takes ${[...new Set(missing.map(short))].join(', ')} away`] : []),
  ];
}

const GUARD_STATEMENTS = ['NothingButTheCallableVersions', 'NoChangeToPrompts', 'NoNewPrompts'];
const CHANGE = ['bedrock:CreatePromptVersion', 'bedrock:UpdatePrompt', 'bedrock:DeletePrompt'];

/** Whether a statement is one of a guard's three. */
function isGuardStatement(statement: unknown, partition: string): boolean {
  const { Sid, Effect, Action, Resource, NotResource, ...more } = object(statement);
  const denies = (actions: readonly string[]) =>
    sameSet(texts(Action), actions) && Effect === 'Deny' && Object.keys(more).length === 0;
  const on = (resource: string) => NotResource === undefined && sameSet(texts(Resource), [resource]);
  switch (Sid) {
    case 'NothingButTheCallableVersions':
      return denies(RUN) && Resource === undefined && texts(NotResource) !== undefined;
    case 'NoChangeToPrompts':
      return denies(CHANGE) && on(`arn:${partition}:bedrock:*:*:prompt/*`);
    case 'NoNewPrompts':
      return denies(['bedrock:CreatePrompt']) && on('*');
    default:
      return false;
  }
}

interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

function placeOf(arn: string): Place {
  const [, partition = '', , region = '', account = ''] = arn.split(':');
  return { partition, region, account };
}

function arnIn(promptArn: string) {
  return ({ version }: Pick<ModelledVersion, 'version'>) => `${promptArn}:${version}`;
}

/** The ARNs that fill a slot without a version: those of `Custom::PromptReleasePlan`. */
function emptySlot({ partition, region, account }: Place) {
  return {
    prompt: `arn:${partition}:bedrock:${region}:${account}:prompt/none`,
    model: `arn:${partition}:bedrock:${region}::foundation-model/none`,
    profile: `arn:${partition}:bedrock:${region}:${account}:inference-profile/none`,
  };
}

/** One way to call a model. */
interface ModelWay {
  readonly direct?: string;
  readonly profile?: string;
  /** Whether the profile may lead to this ARN of a model. */
  readonly routes?: (arn: string) => boolean;
  /** In place of the first two, where the model is not known. */
  readonly isDirect?: (arn: string) => boolean;
  readonly isProfile?: (arn: string) => boolean;
}

/** One model, whichever; a pattern is none. */
function anyModel(partition: string): ModelWay {
  const own = (arn: string) => /^arn:[^:]+:bedrock:[a-z0-9-]+:[0-9]*:(?!prompt\/)[^*?$]+$/.test(arn);
  const isHere = (arn: string) => arn.split(':')[1] === partition;
  return {
    isDirect: (arn) => own(arn) && isHere(arn),
    isProfile: (arn) => own(arn) && isHere(arn) && /:(application-)?inference-profile\//.test(arn),
    routes: (arn) => /^arn:[^:]+:bedrock:\*?::foundation-model\/[^*?$]+$/.test(arn) && isHere(arn),
  };
}

/**
 * The ways in which a version's model may be called. Whether an id is a profile's only Bedrock knows, and where a profile
 * of the account's own leads as well: there any one model will do, since IAM binds it to calls through the profile.
 */
function modelsOf(model: string | null, { partition, region, account }: Place): ModelWay[] {
  if (model === null || model === '' || /[*?$]/.test(model)) return [];
  const routes = (arn: string) => {
    const name = /^arn:([^:]+):bedrock:\*?::foundation-model\/([^*?$]+)$/.exec(arn);
    const id = model.slice(model.lastIndexOf('/') + 1);
    const own = /^(?:us|us-gov|eu|apac|au|ca|jp|global)\.(.+)$/.exec(id)?.[1];
    return name?.[1] === partition && (own === undefined || name[2] === own);
  };
  if (/^arn:[^:]*:bedrock:[^:]*:[^:]*:(application-)?inference-profile\//.test(model))
    return [{ profile: model, routes }];
  if (model.startsWith('arn:')) return [{ direct: model }];
  const direct = `arn:${partition}:bedrock:${region}::foundation-model/${model}`;
  const dots = (model.split(':')[0] ?? '').split('.').length - 1;
  if (dots === 1) return [{ direct }];
  const profile = (type: string) => `arn:${partition}:bedrock:${region}:${account}:${type}/${model}`;
  return [
    { direct },
    { profile: profile('inference-profile'), routes },
    ...(dots === 0 ? [{ profile: profile('application-inference-profile'), routes }] : []),
  ];
}

/** IAM shows a list of one as a text. */
function texts(value: unknown): string[] | undefined {
  const all = Array.isArray(value) ? value : [value];
  return all.length > 0 && all.every((one) => typeof one === 'string') ? (all as string[]) : undefined;
}

function sameSet(found: readonly string[] | undefined, expected: readonly string[]): boolean {
  return found !== undefined && found.length === expected.length && expected.every((one) => found.includes(one));
}

function strangeness(kind: PolicyKind, what: string): string {
  return `the ${kind} policy holds what the registry does not write: ${what}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
