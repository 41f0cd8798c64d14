/** Number at the end of a version's ARN; null for `none`. */
export function versionOfArn(arn: string | undefined): number | null {
  const digits = /:prompt\/[^:]+:([0-9]+)$/.exec(arn ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
