import { REGISTRY_ERROR_CODES } from '../../core/registry-error-codes';

/** docs/errors.md: every code, where the user meets it, and what to do. */
export function errorsPage(): string {
  const rows = Object.entries(REGISTRY_ERROR_CODES)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { at, means, fix }]) => `| \`${code}\` | ${at} | ${means} | ${fix} |`);
  return `# Errors

<!-- Generated from core/registry-error-codes.ts by \`npm run reports\`. -->

Every error that the registry throws on purpose is a \`RegistryError\` with a \`code\` for programs and a message for people: what was expected, what was found, how to fix it. Both \`RegistryError\` and the union \`RegistryErrorCode\` are exported by \`cdk-prompt-registry\` and \`cdk-prompt-registry/client\`. Codes are a format: see [versioning.md](versioning.md).

In a deployment the message stands in the stack's events; the code is in the handler's log.

| code | where | what it means | what to do |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}
