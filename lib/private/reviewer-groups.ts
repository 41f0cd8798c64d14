import { Stack, Token } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { checkGroup } from '../../core/contract/names';
import { atConstruct, constructError } from './construct-error';
import { watchSessionNames } from './session-names';

/** Who may sign as a member of a group. */
export interface ReviewerGroup {
  readonly name: string;
  /** ARNs of roles, or patterns of them. */
  readonly arns: string[];
}

/** The bucket's policy has a statement for each, and 20,480 bytes: https://docs.aws.amazon.com/general/latest/gr/s3.html */
const MOST_GROUPS = 10;

/** `arn:aws:iam::111122223333:role/…`, with wildcards as IAM's `ArnLike` knows them. */
const ROLE_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):role\/.+$/;

/**
 * Checks the groups of a registry. Only roles: an IAM user has no session, and so no name that somebody else pinned.
 *
 * Throws `InvalidReviewers`, `InvalidGroup`.
 */
export function reviewerGroups(
  scope: IConstruct,
  reviewers: { readonly [group: string]: readonly (IRole | string)[] },
): ReviewerGroup[] {
  const entries = Object.entries(reviewers);
  if (entries.length > MOST_GROUPS) {
    throw invalid(scope, `at most ${MOST_GROUPS} groups`, `${entries.length}`, 'let one group do what two do');
  }
  return entries.map(([name, roles]) => {
    atConstruct(scope, () => checkGroup(name));
    for (const role of roles) {
      if (typeof role !== 'string') watchSessionNames(scope, role);
    }
    const arns = roles.map((role) => checkedArn(scope, name, typeof role === 'string' ? role : role.roleArn));
    // Evaluators join when they are defined, which is later.
    scope.node.addValidation({ validate: () => (arns.length === 0 ? [emptyGroup(name)] : []) });
    return { name, arns };
  });
}

function checkedArn(scope: IConstruct, group: string, arn: string): string {
  if (Token.isUnresolved(arn)) return arn;
  const account = ROLE_ARN.exec(arn)?.[1];
  const own = Stack.of(scope).account;
  if (account === undefined || (!Token.isUnresolved(own) && account !== own)) {
    throw invalid(
      scope,
      `ARNs of roles of this account in the group ${group}`,
      arn,
      'write one like arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Risk_*',
    );
  }
  return arn;
}

function emptyGroup(name: string): string {
  return `expected at least one role in the group ${name} in reviewers, found none: name one, let a PromptEvaluator sign for it, or remove the group`;
}

function invalid(scope: IConstruct, expected: string, found: string, fix: string): Error {
  return constructError(scope, 'InvalidReviewers', `expected ${expected} in reviewers, found ${found}: ${fix}`);
}
