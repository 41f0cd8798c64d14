import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { GUARDRAIL_ARN_PATTERN, GUARDRAIL_VERSION_PATTERN } from '../core/contract/guardrail';
import { NO_VERSION } from '../core/contract/no-version';
import type { BoundGuardrail } from './private/bound-guardrail';
import { constructError } from './private/construct-error';
import { referenceIn } from './private/reference-in';

/** One version of a guardrail, as it was written. */
interface Written {
  readonly identifier: string;
  readonly version: string;
}

/**
 * The guardrail that callers of an alias must name in each call of a model.
 *
 * IAM holds them to it: a call that names none, another one, or another version of it is denied. `PromptClient` names it by
 * itself; other readers find it in the parameter below the alias's own, `…/PROD/guardrail`.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions-id.html
 */
export class AliasGuardrail {
  /**
   * Exactly this version of a guardrail of this account and Region.
   *
   * @param guardrail its id or ARN, also as a token: `guardrail.attrGuardrailArn`
   * @param version its number, also as a token: `guardrailVersion.attrVersion`. DRAFT is refused, since it can change at any time
   */
  public static version(guardrail: string, version: string): AliasGuardrail {
    return new AliasGuardrail({ identifier: String(guardrail ?? ''), version: String(version) });
  }

  /** No guardrail: one end of a change. By itself it is the same as leaving the option out. */
  public static none(): AliasGuardrail {
    return new AliasGuardrail(undefined);
  }

  /**
   * For the deployment between two: callers may name either, and clients are told the second one, so that no running caller
   * is denied. Deploy it, wait as long as clients keep an alias (60 s, unless their `ttl` is longer), then deploy the second
   * one alone.
   */
  public static changeOver(from: AliasGuardrail, to: AliasGuardrail): AliasGuardrail {
    return new AliasGuardrail(to.written, { from, to });
  }

  private constructor(
    private readonly written: Written | undefined,
    private readonly change?: { readonly from: AliasGuardrail; readonly to: AliasGuardrail },
  ) {}

  /**
   * Undefined where callers need none. Throws `InvalidGuardrail`.
   * @internal
   */
  public _bind(scope: IConstruct): BoundGuardrail | undefined {
    const { written, change } = this;
    if (change?.from.change || change?.to.change)
      throw invalid(scope, 'two guardrails in a changeOver()', 'another changeOver()');
    const all = [written, change?.from.written].filter((one) => one !== undefined);
    const bound = all.map((one) => ({
      arn: guardrailArn(scope, one.identifier),
      version: checked(scope, one.version),
    }));
    const accepted = bound.map(({ arn, version }) => `${arn}:${version}`);
    if (change !== undefined && (accepted.length === 0 || accepted[0] === accepted[1]))
      throw invalid(scope, 'two different guardrails or versions in a changeOver()', 'the same one twice');
    if (accepted.length === 0) return undefined;
    return {
      named: written ? (accepted[0] as string) : NO_VERSION,
      accepted,
      acceptsNone: change !== undefined && accepted.length === 1,
      arns: [...new Set(bound.map(({ arn }) => arn))],
    };
  }
}

function guardrailArn(scope: IConstruct, identifier: string): string {
  const { account, region, partition } = Stack.of(scope);
  const withId = (resourceName: string) =>
    Stack.of(scope).formatArn({ service: 'bedrock', resource: 'guardrail', resourceName });
  // What else a token stands for nobody knows before the deployment, which IAM ends where it is no ARN.
  if (Token.isUnresolved(identifier)) {
    return referenceIn(identifier)?.attribute === 'GuardrailId' ? withId(identifier) : identifier;
  }
  if (/^[a-z0-9]+$/.test(identifier)) return withId(identifier);
  if (!new RegExp(`^${GUARDRAIL_ARN_PATTERN}$`).test(identifier)) {
    const fix = /:[0-9]+$|:DRAFT$/.test(identifier)
      ? 'give the version as the second argument'
      : 'copy it from GetGuardrail';
    throw invalid(scope, 'the id or the ARN of a guardrail', JSON.stringify(identifier), fix);
  }
  const [, foundPartition, , foundRegion, foundAccount] = identifier.split(':');
  const isElsewhere = (here: string, found: string | undefined) => !Token.isUnresolved(here) && here !== found;
  if (
    isElsewhere(region, foundRegion) ||
    isElsewhere(account, foundAccount) ||
    isElsewhere(partition, foundPartition)
  ) {
    throw invalid(
      scope,
      `a guardrail of the alias's own account and Region (${account}, ${region}), which is the only one that its callers can apply by these rights`,
      identifier,
      "make one here, or have that account's enforced for your whole account (AWS::Bedrock::EnforcedGuardrailConfiguration)",
    );
  }
  return identifier;
}

function checked(scope: IConstruct, version: string): string {
  const reference = Token.isUnresolved(version) ? referenceIn(version) : undefined;
  // `CfnGuardrail.attrVersion` is always DRAFT.
  const isDraft =
    version === 'DRAFT' || (reference?.attribute === 'Version' && reference.type === 'AWS::Bedrock::Guardrail');
  if (isDraft) {
    throw invalid(
      scope,
      'the number of a version',
      'the draft, which can change at any time',
      'make a version (AWS::Bedrock::GuardrailVersion) and give its attrVersion',
    );
  }
  if (reference?.type === 'AWS::Bedrock::GuardrailVersion' && reference.attribute !== 'Version') {
    throw invalid(
      scope,
      'the number of a version',
      `the ${reference.attribute} of ${reference.type}`,
      'give its attrVersion',
    );
  }
  if (!Token.isUnresolved(version) && !new RegExp(`^${GUARDRAIL_VERSION_PATTERN}$`).test(version)) {
    throw invalid(
      scope,
      'the number of a version, such as 3',
      JSON.stringify(version),
      'look it up with ListGuardrails',
    );
  }
  return version;
}

function invalid(scope: IConstruct, expected: string, found: string, fix = 'correct the guardrail of the alias') {
  return constructError(scope, 'InvalidGuardrail', `expected ${expected}, found ${found}: ${fix}`);
}
