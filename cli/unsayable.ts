import type { PromptBlock, PromptVariantContent } from '../core/content/prompt-content';

/** What a content holds that a prompt file has no words for; undefined where nothing of it is known to be so. */
export function unsayable(variant: PromptVariantContent): string | undefined {
  const { templateConfiguration, genAiResource } = variant;
  const { text, chat } = templateConfiguration;
  const tools = chat?.toolConfiguration?.tools ?? [];
  const places = [
    ...(text ? [{ place: 'the text', blocks: [text] as PromptBlock[] }] : []),
    ...(chat?.system ?? []).map((block, index) => ({ place: `system text ${index + 1}`, blocks: [block] })),
    ...(chat?.messages ?? []).map(({ content }, index) => ({ place: `message ${index + 1}`, blocks: content })),
  ];
  if ([...places.flatMap(({ blocks }) => blocks), ...tools].some(({ cachePoint }) => cachePoint)) return 'cache points';
  if (tools.some(({ toolSpec }) => toolSpec?.strict)) return 'strict tools';
  if (genAiResource) return 'an agent';
  for (const { place, blocks } of places) {
    const problem = unsayableBlocks(blocks);
    if (problem) return `${place} ${problem}`;
  }
  return undefined;
}

function unsayableBlocks(blocks: readonly PromptBlock[]): string | undefined {
  const [{ text = '' } = {}, ...more] = blocks;
  if (more.length > 0) return `has ${blocks.length} text blocks, and a file's message is one text`;
  if (text.trim() === '') return 'has no text';
  if (text !== text.trim()) return 'begins or ends with white space, which a file does not keep';
  if (text.includes('\r\n')) return 'has line ends of Windows, which a file does not keep';
  return undefined;
}
