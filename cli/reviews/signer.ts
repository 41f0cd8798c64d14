import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { SESSION_NAME_PATTERN } from '../../core/contract/names';
import { personOf } from '../../core/ledger/review';
import type { AwsClients } from '../aws-clients';
import { CliError } from '../cli-error';
import { ExitCode } from '../exit-code';

/** Whose name a review gets. */
export interface Signer {
  /** `AROA…:alice`, as IAM compares it: `aws:userid`. */
  readonly userId: string;
  /** `alice` */
  readonly person: string;
  /** `arn:aws:sts::111122223333:assumed-role/Risk/alice` */
  readonly arn: string;
}

/**
 * Who signs: the session that the command works with.
 *
 * @throws CliError for who has no session of a role
 */
export async function signer({ sts }: Pick<AwsClients, 'sts'>): Promise<Signer> {
  // Anybody may ask who they are, whatever their policies say.
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  const { UserId: userId = '', Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
  if (new RegExp(`^A[A-Z0-9]{15,30}:${SESSION_NAME_PATTERN}$`).test(userId))
    return { userId, person: personOf(userId), arn };
  throw new CliError(
    {
      what: `${arn} cannot sign a review`,
      why: 'the session of a role signs, whose name is the person; a user of IAM or the root user has none',
      fix: 'sign in through IAM Identity Center, or assume the role of a reviewer, and name its profile with --profile',
    },
    ExitCode.NotAllowed,
  );
}
