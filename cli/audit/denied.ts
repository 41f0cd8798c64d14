const NAMES = ['AccessDenied', 'AccessDeniedException', 'Forbidden', 'UnauthorizedOperation', 'UnauthorizedAccess'];

/** Whether AWS refused for want of a permission. */
export function isDenied(error: unknown): boolean {
  return NAMES.includes((error as Error)?.name);
}
