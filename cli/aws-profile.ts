import { loadSharedConfigFiles } from '@smithy/core/config';
import { didYouMean } from '../core/text/did-you-mean';
import { CliError } from './cli-error';
import { ExitCode } from './exit-code';

/**
 * Refuses a profile that the AWS configuration lacks: the SDK would say that there are no credentials, or no Region.
 *
 * @throws CliError that lists the profiles there are
 */
export async function checkProfile(profile: string): Promise<void> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  // Sections of other kinds stand there as well, `sso-session.mine` and the like.
  const names = Object.keys({ ...configFile, ...credentialsFile }).filter(
    (name) => !/^(sso-session|services)\./.test(name),
  );
  if (names.includes(profile)) return;
  const meant = didYouMean(profile, names);
  const there =
    names.length > 0 ? `profiles there: ${names.sort().join(', ')}` : 'there are none yet: aws configure sso';
  throw new CliError(
    { what: `no profile ${profile} in the AWS configuration`, fix: meant ? [`did you mean ${meant}?`, there] : there },
    ExitCode.NotAllowed,
  );
}
