export async function runCommandCases(): Promise<number> {
  return 0;
}
