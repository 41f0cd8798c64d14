/** AWS's names for a call that a policy does not allow: each service spells it in its own way. */
const NAMES: readonly string[] = [
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'Forbidden',
  'UnauthorizedAccess',
  'UnauthorizedOperation',
  'UnauthorizedException',
];

/** Whether AWS refused for want of a permission. */
export function isAccessError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && NAMES.includes((error as { name?: string }).name ?? '');
}
