import { readdirSync, readFileSync } from 'node:fs';
import { Dotprompt } from 'dotprompt';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { splitPromptFile } from '../../../core/prompt-file/split-prompt-file';

const dotprompt = new Dotprompt();

/** What Dotprompt takes for the template, and whether it found front matter. */
function byDotprompt(file: string) {
  const { raw, template } = dotprompt.parse(file);
  return { hasFrontMatter: raw !== undefined, template: template.replaceAll('\r\n', '\n') };
}

const lineEnd = fc.constantFrom('\n', '\n', '\r\n', '\r');
const space = fc.constantFrom('', '', ' ', '\t', '\n', '\r\n\n', '\u00a0', '\u2028', '\ufeff');
const piece = fc.oneof(
  fc.constantFrom('---', '----', ' ---', '--- x', '{{x}}', '{{role "user"}}', '<<<dotprompt:role:user>>>', '# ---', ''),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const body = fc.array(fc.tuple(piece, space, lineEnd), { maxLength: 8 }).map((parts) => parts.flat().join(''));
// YAML without structure: Dotprompt takes a file with broken YAML for a template as a whole, we refuse it.
const yaml = fc
  .array(fc.tuple(fc.constantFrom('a: 1', 'b: "---"', '# c', 'd: [1, 2]'), fc.constantFrom('\n', '\r\n')), {
    minLength: 1,
    maxLength: 4,
  })
  .map((lines) => {
    const distinct = [...new Map(lines).entries()];
    return distinct.map(([line, end], index) => (index < distinct.length - 1 ? line + end : line)).join('');
  });
const file = fc
  .tuple(yaml, space, lineEnd, lineEnd, space, lineEnd, body)
  .map(([fields, s, a, b, t, c, text]) => `---${s}${a}${fields}${b}---${t}${c}${text}`);

/** All prompt files of the repository. */
const files = readdirSync('prompts')
  .filter((name) => name.endsWith('.prompt'))
  .map((name) => readFileSync(`prompts/${name}`, 'utf8'));

describe('A prompt file is split', () => {
  beforeAll(() => {
    // Where it says that YAML is broken.
    vi.spyOn(console, 'error').mockImplementation(() => {});
  });
  afterAll(() => {
    vi.restoreAllMocks();
  });

  it('where Dotprompt splits it', () => {
    fc.assert(
      fc.property(file, (source) => {
        const { hasFrontMatter, template } = byDotprompt(source);
        expect(hasFrontMatter).toBe(true);
        expect(splitPromptFile(source)?.template).toBe(template);
      }),
      { numRuns: 2_000 },
    );
  });

  it('or not at all, where Dotprompt sees no front matter', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          body,
          file.map((one) => one.slice(1)),
          file.map((one) => ` ${one}`),
        ),
        (source) => {
          const parts = splitPromptFile(source);
          if (source.startsWith('\ufeff')) return;
          // YAML that means nothing, or is broken, is ours to refuse; a template is none of it.
          if (!parts)
            expect(byDotprompt(source)).toEqual({ hasFrontMatter: false, template: source.replaceAll('\r\n', '\n') });
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each(files.map((source, index) => [index, source]))(
    'as Dotprompt splits file %i of this repository, with either line end',
    (_, source) => {
      for (const end of ['\n', '\r\n']) {
        const copy = String(source).replaceAll('\n', end);
        expect(splitPromptFile(copy)?.template).toBe(byDotprompt(copy).template);
      }
      expect(splitPromptFile(`\ufeff${source}`)).toEqual(splitPromptFile(String(source)));
    },
  );

  it('into parts that stand on the lines they name', () => {
    fc.assert(
      fc.property(file, (source) => {
        const parts = splitPromptFile(source);
        const lines = source
          .replace(/^\ufeff/, '')
          .replaceAll('\r\n', '\n')
          .split('\n');
        const from = (line = 1) => lines.slice(line - 1).join('\n');
        expect(from(parts?.yamlLine)).toContain(parts?.yaml);
        expect(from(parts?.templateLine)).toContain(parts?.template);
        expect(from((parts?.templateLine ?? 0) + 1)).not.toContain(parts?.template || source);
      }),
    );
  });
});
