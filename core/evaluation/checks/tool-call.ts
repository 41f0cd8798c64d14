import { canonicalJson } from '../../content/canonical-json';
import { type CheckKind, WANTED } from '../check-kind';

type WantedCall = { readonly name: string; readonly arguments?: Readonly<Record<string, unknown>> } | null;

export const toolCall: CheckKind<WantedCall> = {
  name: 'tool-call',
  means: 'the model calls this tool, with these arguments at least; `null`: it calls none',
  wants: WANTED.toolCall,
  complaint: ({ text, toolCalls }, wanted) => {
    // Nothing calls no tool either, and is no answer.
    if (wanted === null && text.trim() === '' && toolCalls.length === 0) return 'is empty';
    const found = toolCalls.map((call) => `${call.name}(${JSON.stringify(call.arguments)})`).join(', ');
    if (wanted === null) return toolCalls.length === 0 ? undefined : `calls ${found}, and should call no tool`;
    const named = toolCalls.filter(({ name }) => name === wanted.name);
    if (named.length === 0) return found ? `calls ${found}, not ${wanted.name}` : `calls no tool, not ${wanted.name}`;
    const given = Object.entries(wanted.arguments ?? {});
    const isMet = named.some((call) => given.every(([name, value]) => isSame(member(call.arguments, name), value)));
    return isMet ? undefined : `calls ${found}, not with ${JSON.stringify(wanted.arguments)}`;
  },
};

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  return a !== undefined && canonicalJson(a) === canonicalJson(b);
}
