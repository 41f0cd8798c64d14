/**
 * A text as it is in the repository: a checkout on Windows has `\r\n` for each `\n`, and some editors begin a file with a
 * byte order mark. Neither may make another version. All other characters are content, a lone `\r` as well.
 */
export function portableText(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}
