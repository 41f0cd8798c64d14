import { PromptFileProblems } from './prompt-file-problems';

const FIX = 'save the file as UTF-8';

/**
 * The text of a prompt file. What is no UTF-8 is refused: decoded all the same, each wrong byte would become `\uFFFD` in
 * the prompt.
 *
 * @throws RegistryError `InvalidPromptFile`
 */
export function promptFileText(bytes: Uint8Array, fileName: string): string {
  const problems = new PromptFileProblems(fileName);
  const [first = 0, second = 0] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    problems.add(1, `the file is UTF-16, by its byte order mark: ${FIX}`);
    throw problems.error();
  }
  let line = 1;
  let start = 0;
  // No byte of a longer character is a line feed.
  for (let end = 0; end <= bytes.length; end++) {
    if (end < bytes.length && bytes[end] !== 0x0a) continue;
    const one = bytes.subarray(start, end);
    if (one.includes(0)) problems.add(line, `the line holds a NUL character, as UTF-16 files do: ${FIX}`);
    else if (!isUtf8(one)) problems.add(line, `the line is not UTF-8, but perhaps Latin-1 or Windows-1252: ${FIX}`);
    line += 1;
    start = end + 1;
  }
  problems.throwIfAny();
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
