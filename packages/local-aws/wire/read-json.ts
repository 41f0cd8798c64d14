import { WrongShape } from './check-shape';

/** How far free JSON may nest before the readers' recursion ends. */
const DEEPEST = 1_000;

/** A JSON body as an object; an empty one stands for no members. Throws where it is none. */
export function readJson(body: Uint8Array): Record<string, unknown> {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  if (text.trim() === '') {
    return {};
  }
  if (depthOf(text) > DEEPEST) {
    throw new WrongShape('nested too deeply');
  }
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WrongShape('Start of structure or map found where not expected.');
  }
  return value as Record<string, unknown>;
}

function depthOf(text: string): number {
  let [depth, deepest, isText] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '\\') {
      at += 1;
    } else if (sign === '"') {
      isText = !isText;
    } else if (!isText && (sign === '[' || sign === '{')) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (!isText && (sign === ']' || sign === '}')) {
      depth -= 1;
    }
  }
  return deepest;
}
