/**
 * A number as keys of the ledger bucket carry it: S3 lists keys in ascending order only, and the newest is wanted first.
 *
 * @param digits of the key; the number must be smaller than the highest that they hold
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function invertedKey(number: number, digits: number): string {
  return String(10 ** digits - 1 - number).padStart(digits, '0');
}

/** The inverse of {@link invertedKey}, for text of digits only. */
export function numberOfInvertedKey(text: string): number {
  return 10 ** text.length - 1 - Number(text);
}
