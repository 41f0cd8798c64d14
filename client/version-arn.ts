/** Prompt id and number of a version's ARN; empty for anything else, such as the ARN of the draft. */
export function parseVersionArn(arn = ''): { readonly promptId?: string; readonly version?: string } {
  return /^arn:.+:prompt\/(?<promptId>\w+):(?<version>[1-9]\d*)$/.exec(arn)?.groups ?? {};
}
