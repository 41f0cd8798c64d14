/** `aws sso login`, with the profile that is in use. */
export function loginCommand(profile = process.env.AWS_PROFILE): string {
  if (!profile) return 'aws sso login';
  const isPlain = /^[\w.@+-]+$/.test(profile);
  return `aws sso login --profile ${isPlain ? profile : `'${profile.replaceAll("'", "'\\''")}'`}`;
}
