import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { templateParts, templateVariables } from '../../../core/content/template-variables';

describe('Template variables', () => {
  it('come in order, each once', () => {
    expect(templateVariables('{{b}} {{a-1}} {{b}} { {c} }')).toEqual({ names: ['b', 'a-1'], unfillable: [] });
  });

  it('are told apart from what Bedrock would not fill', () => {
    expect(templateVariables('{{ a }} {{b.c}} {{}} {{#if d}} {{e').unfillable).toEqual([
      '{{ a }}',
      '{{b.c}}',
      '{{}}',
      '{{#if d}}',
      '{{e',
    ]);
  });

  it('and the text between them are the whole text, and name the same variables', () => {
    const text = fc.string({ unit: fc.constantFrom('{', '}', '{{', '}}', 'a', 'b', '-', '_', ' ', '\n') });
    fc.assert(
      fc.property(text, (source) => {
        const parts = templateParts(source);
        expect(parts.map((part, index) => (index % 2 ? `{{${part}}}` : part)).join('')).toBe(source);
        expect([...new Set(parts.filter((_, index) => index % 2))]).toEqual(templateVariables(source).names);
      }),
    );
  });
});
