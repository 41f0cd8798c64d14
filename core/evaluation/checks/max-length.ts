import { type CheckKind, COUNT } from '../check-kind';

export const maxLength: CheckKind<undefined> = {
  name: 'max-length',
  means: 'the answer has at most so many `words` or `characters`, and is not empty',
  settings: { words: COUNT, characters: COUNT },
  complaint: ({ text, toolCalls }, _, { words, characters }) => {
    if (text.trim() === '' && toolCalls.length === 0) return 'is empty';
    const [wordCount, characterCount] = [text.match(/\S+/g)?.length ?? 0, [...text.trim()].length];
    if (typeof words === 'number' && wordCount > words) return `has ${wordCount} words, more than ${words}`;
    if (typeof characters === 'number' && characterCount > characters)
      return `has ${characterCount} characters, more than ${characters}`;
    return undefined;
  },
};
