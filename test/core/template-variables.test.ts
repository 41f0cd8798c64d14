import { describe, expect, it } from 'vitest';
import { templateVariables } from '../../core/template-variables';

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
});
