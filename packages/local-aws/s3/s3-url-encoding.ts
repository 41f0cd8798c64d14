/** Members of S3's lists that `encoding-type=url` has encoded: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const ENCODED = /^(Key|Prefix|Delimiter|StartAfter|Marker|NextMarker|KeyMarker|NextKeyMarker)$/;

/** A list's answer as a client gets it that asked for `encoding-type=url`: the AWS CLI and boto3 always do. */
export function urlEncoded<T extends object>(list: T): T {
  const encode = (value: unknown, name: string): unknown => {
    if (typeof value === 'string') {
      return ENCODED.test(name) ? encoded(value) : value;
    }
    if (Array.isArray(value)) {
      return value.map((each) => encode(each, name));
    }
    const isPlain = typeof value === 'object' && value !== null && !(value instanceof Date);
    return isPlain ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, encode(each, key)])) : value;
  };
  return { ...(encode(list, '') as T), EncodingType: 'url' };
}

/** As S3 does: slashes stay, a blank is a plus. */
function encoded(text: string): string {
  const strict = encodeURIComponent(text).replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return strict.replaceAll('%2F', '/').replaceAll('%20', '+');
}
