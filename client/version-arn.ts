/** Prompt id and number of a version's ARN; undefined for anything else, such as the ARN of the draft. */
export function parseVersionArn(arn: string): { readonly promptId: string; readonly version: number } | undefined {
  const match = /^arn:[\w-]+:bedrock:[\w-]+:\d{12}:prompt\/(\w{10}):([1-9]\d{0,4})$/.exec(arn);
  return match ? { promptId: match[1] as string, version: Number(match[2]) } : undefined;
}
