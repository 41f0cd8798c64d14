import { describe, expect, it, vi } from 'vitest';
import { contentDigest } from '../../../core/content/content-digest';
import { parsePromptFile } from '../../../core/prompt-file/prompt-file';

const parse = (source: string) => parsePromptFile(source, 'prompts/x.prompt');

/** A file whose front matter declares the variables; with one of them, the template begins on line 7. */
function file(template: string, ...variables: string[]): string {
  const schema = variables.length > 0 ? ['input:', '  schema:', ...variables.map((name) => `    ${name}: string`)] : [];
  return ['---', 'model: amazon.nova-pro-v1:0', ...schema, '---', template].join('\n');
}

const refused = (source: string, ...lines: string[]) =>
  expect(() => parse(source)).toThrow(
    expect.objectContaining({ code: 'InvalidPromptFile', message: expect.stringMatching(matcher(lines)) }),
  );

const matcher = (lines: string[]) =>
  new RegExp(
    `^${lines.map((line) => `prompts/x\\.prompt:${line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}.*`).join('\\n')}$`,
  );

describe('Prompt file', () => {
  it('makes a TEXT prompt', () => {
    const source = `---
description: Sorts tickets
model: amazon.nova-pro-v1:0
config:
  temperature: 0.2
  topP: 0.9
  maxOutputTokens: 500
  stopSequences: [END]
input:
  schema:
    ticket: string, what the customer wrote
    urgent: boolean
---

Sort {{ticket}}.
Urgent: {{ urgent }}

`;
    expect(parse(source)).toEqual({
      name: 'x',
      description: 'Sorts tickets',
      variant: {
        templateType: 'TEXT',
        templateConfiguration: {
          text: {
            text: 'Sort {{ticket}}.\nUrgent: {{urgent}}',
            inputVariables: [{ name: 'ticket' }, { name: 'urgent' }],
          },
        },
        modelId: 'amazon.nova-pro-v1:0',
        inferenceConfiguration: { text: { temperature: 0.2, topP: 0.9, maxTokens: 500, stopSequences: ['END'] } },
      },
    });
  });

  it('gives a CHAT prompt tools, a tool choice, fields of the model and metadata', () => {
    const source = `---
model: us.amazon.nova-pro-v1:0
config:
  toolChoice:
    tool: quote
  additionalModelRequestFields:
    top_k: 5
    nested: { Kept: [1, true, null] }
toolDefs:
  - name: quote
    description: Gets a quote
    inputSchema:
      type: object
      properties:
        Ticker: { type: string }
  - name: nothing
    inputSchema: { type: object }
metadata:
  owner: desk 7
---
{{role "system"}}
Be brief.
{{role "system"}}
Be kind.
{{role "user"}}
Hello
`;
    expect(parse(source).variant).toEqual({
      templateType: 'CHAT',
      templateConfiguration: {
        chat: {
          system: [{ text: 'Be brief.' }, { text: 'Be kind.' }],
          messages: [{ role: 'user', content: [{ text: 'Hello' }] }],
          toolConfiguration: {
            tools: [
              {
                toolSpec: {
                  name: 'quote',
                  description: 'Gets a quote',
                  inputSchema: { json: { type: 'object', properties: { Ticker: { type: 'string' } } } },
                },
              },
              { toolSpec: { name: 'nothing', inputSchema: { json: { type: 'object' } } } },
            ],
            toolChoice: { tool: { name: 'quote' } },
          },
        },
      },
      modelId: 'us.amazon.nova-pro-v1:0',
      additionalModelRequestFields: { top_k: 5, nested: { Kept: [1, true, null] } },
      metadata: [{ key: 'owner', value: 'desk 7' }],
    });
  });

  it.each(['auto', 'any'])('gives a CHAT prompt the tool choice %s', (choice) => {
    const source = `---\nconfig:\n  toolChoice: ${choice}\ntoolDefs:\n  - name: a\n    inputSchema: { type: object }\n---\n{{role "user"}}Hi`;
    expect(parse(source).variant.templateConfiguration.chat?.toolConfiguration?.toolChoice).toEqual({ [choice]: {} });
  });

  it('makes a CHAT prompt where it has roles', () => {
    const template =
      '{{role "system"}}\nBe kind.\n\n{{role "user"}}\nMay I?\n{{role "model"}}\nAsk.\n{{role "user"}}{{question}}';
    expect(parse(file(template, 'question')).variant).toEqual({
      templateType: 'CHAT',
      templateConfiguration: {
        chat: {
          system: [{ text: 'Be kind.' }],
          messages: [
            { role: 'user', content: [{ text: 'May I?' }] },
            { role: 'assistant', content: [{ text: 'Ask.' }] },
            { role: 'user', content: [{ text: '{{question}}' }] },
          ],
          inputVariables: [{ name: 'question' }],
        },
      },
      modelId: 'amazon.nova-pro-v1:0',
    });
  });

  it('gives the user what stands before the first role, as Dotprompt does', () => {
    expect(parse(file('Hi\n{{role "model"}}\nHello')).variant.templateConfiguration.chat).toEqual({
      messages: [
        { role: 'user', content: [{ text: 'Hi' }] },
        { role: 'assistant', content: [{ text: 'Hello' }] },
      ],
    });
  });

  it('leaves comments out, with their line', () => {
    expect(parse(file('One\n{{! why }}\nTwo{{!-- {{#if}} --}}!')).variant.templateConfiguration.text?.text).toBe(
      'One\nTwo!',
    );
  });

  it('keeps JSON, quotes and markup as they are', () => {
    const template = 'Answer {"a": {"b": [1]}} & <b>"{{x}}"</b>';
    expect(parse(file(template, 'x')).variant.templateConfiguration.text?.text).toBe(template);
  });

  it('has one content digest on Windows and elsewhere', () => {
    const source = file('One {{x}}\nTwo\n', 'x');
    const windows = `\uFEFF${source.replaceAll('\n', '\r\n')}`;
    expect(contentDigest(parse(windows).variant)).toBe(contentDigest(parse(source).variant));
  });

  it('takes its variables from a JSON Schema as well', () => {
    const schema = '{type: object, properties: {x: {type: string}, y: {type: number}}}';
    const { variant } = parse(`---\nmodel: m\ninput: {schema: ${schema}}\n---\n{{x}} {{y}}`);
    expect(variant.templateConfiguration.text?.inputVariables).toEqual([{ name: 'x' }, { name: 'y' }]);
  });

  it('needs no model, and takes a name that is the file’s, a text output and choices', () => {
    const source =
      '---\nname: x\noutput: {format: text}\ninput:\n  schema:\n    mood(enum): [good, bad]\n---\n{{mood}}';
    expect(parse(source).variant).not.toHaveProperty('modelId');
  });

  it('is named as the file, whatever the folder', () => {
    expect(parsePromptFile(file('Hi'), 'C:\\prompts\\financial-analysis.prompt').name).toBe('financial-analysis');
  });

  describe('says with its line what Bedrock cannot render:', () => {
    it.each([
      ['a block', 'Hi\n{{#if x}}yes{{/if}}', '8: block {{#if}} is not for Bedrock'],
      ['an inverse block', 'Hi\n{{^x}}no{{/x}}', '8: block {{#x}} is not for Bedrock'],
      ['a partial', 'Hi\n\n{{> footer}} {{x}}', '9: partial {{> footer}} is not for Bedrock'],
      ['a partial with a block', '{{#> layout}}Hi{{/layout}}', '7: partial {{> layout}} is not for Bedrock'],
      ['triple braces', 'Hi {{{x}}}', '7: {{{x}}} is not for Bedrock, which never escapes: write {{x}}'],
      ['an ampersand', 'Hi {{&x}}', '7: {{{x}}} is not for Bedrock'],
      ['a helper', 'Hi {{json x}}', '7: helper json is not for Bedrock'],
      ['a helper with a hash', 'Hi {{media url=x}}', '7: helper media is not for Bedrock'],
      ['history', 'Hi {{history}}', '7: {{history}} is not for Bedrock'],
      ['a dotted path', 'Hi {{x.name}}', '7: {{x.name}} is not the name of a variable'],
      ['a parent path', 'Hi {{../x}}', '7: {{../x}} is not the name of a variable'],
      ['this', 'Hi {{this}}', '7: {{this}} is not the name of a variable'],
      ['a data variable', 'Hi {{@state}}', '7: {{@state}} is not the name of a variable'],
      ['a literal', 'Hi {{"x"}}', '7: {{x}} is not the name of a variable'],
      ['whitespace control', 'Hi\n {{~x}}', '8: whitespace control is not for Bedrock: write {{x}} without ~'],
      ['an escape', 'Hi\n\\{{x}} {{x}}', '8: Bedrock cannot escape {{'],
      ['an escape below a comment', '{{! c }}\nHi\n\\{{x}}', '9: Bedrock cannot escape {{'],
      ['a raw block', '{{{{raw}}}} {{x}} {{{{/raw}}}}', '7: block {{#raw}} is not for Bedrock'],
      ['a decorator', 'Hi {{* deco}}', '7: Decorator is not for Bedrock'],
      ['a name with two underscores', 'Hi {{x__y}}', `7: a variable's name must be 1 to 100 letters`],
      ['an unknown role', '{{role "tool"}}\nHi', '7: role must be {{role "system"}}'],
      ['a role without a name', '{{role}}\nHi', '7: role must be {{role "system"}}'],
      ['broken Handlebars', 'Hi\n\n{{x', '9: the template is not valid Handlebars near "Hi{{x"'],
      ['a block that is not closed', 'Hi\n{{#if x}}', '8: the template is not valid Handlebars'],
      [
        'a block closed as another',
        'Hi\n{{#if x}}\n{{/each}}',
        "8: the template is not valid Handlebars: if doesn't match each",
      ],
    ])('%s', (_, template, message) => {
      refused(file(template, 'x'), message);
    });
  });

  it.each([
    [
      'a brace behind a variable',
      '{"a":{{x}}}',
      'a brace that is text must not touch {{x}}: put a space between them, {{x}} }',
    ],
    [
      'two braces behind one',
      'Hi\n{"a":{"b":{{x}}}}',
      'the template is not valid Handlebars near "Hi{\\"a\\":{\\"b\\":{{x}}}}"; a brace that is text must not touch {{x}}: put a space between them, {{x}} }}',
    ],
    ['a brace before one', '{{{x}}: 1}', 'put a space between them, { {{x}}'],
    ['braces around one', '{{{x}}}', 'write {{x}}, or { {{x}} } where the outer braces are text'],
    ['more braces around one', '{"a":{{{{x}}}}}', 'put a space between them, {{ {{x}} }}}'],
    ['a brace that is missing', 'Hi {{x}', 'write {{name}}, with both braces at its end; {{ cannot be text'],
    ['braces without a name', 'Hi {{}}', 'write {{name}}, with both braces at its end'],
    ['braces that are text', 'Hi {{x}} {{', 'write {{name}}, with both braces at its end; {{ cannot be text'],
    ['the end of a block', 'Hi {{/if}}', 'make each case a prompt of its own'],
  ])('says what to write instead of %s', (_, template, fix) => {
    expect(() => parse(file(template, 'x'))).toThrow(fix);
  });

  it('says all of it at once, in order', () => {
    refused(file('{{> a}}\n{{#b}}{{/b}}\n{{{c}}}'), '4: partial', '5: block', '6: {{{c}}}');
  });

  it('counts lines from the top of the file, past blank lines above the template', () => {
    refused('---\nmodel: m\n---\n\n\nHi\n{{> a}}', '7: partial');
    refused('---\n\n\nmodel: m\nx: 1\n---\nHi', '5: front matter field x');
  });

  describe('says of variables', () => {
    it('where one is used that is not declared', () => {
      refused(file('Hi\n{{x}} {{y}}\n{{y}}', 'x'), '8: {{y}} is not declared: add y: string under input.schema');
    });

    it('where one is declared that is not used', () => {
      refused(file('Hi {{x}}', 'x', 'y'), '6: variable y is declared, but the template never uses {{y}}');
    });

    it.each([
      ['are optional', 'x?: string', 'Bedrock has no optional variables'],
      ['are objects', 'x: {a: string}', 'Bedrock fills variables with text'],
      ['are lists', 'x(array): string', 'Bedrock fills variables with text'],
      ['have an unknown type', 'x: date', 'Bedrock fills variables with text'],
    ])('that they %s', (_, declaration, message) => {
      refused(`---\nmodel: m\ninput:\n  schema:\n    ${declaration}\n---\n{{x}}`, `5: ${message}`);
    });
  });

  describe('says of chats', () => {
    it('that a role has no text', () => {
      refused(file('{{role "system"}}\n{{role "user"}}\nHi'), '4: {{role "system"}} has no text');
    });

    it('that system text comes late', () => {
      refused(
        file('{{role "user"}}\nHi\n{{role "system"}}\nBe kind'),
        '6: {{role "system"}} must come before the first message',
      );
    });
  });

  describe('says of front matter', () => {
    it.each([
      ['that it comes late', '\n---\nmodel: m\n---\nHi', '2: front matter must begin with the file: remove what'],
      ['that it comes below a comment', '# v1\n---\nmodel: m\n---\nHi', '2: front matter must begin with the file'],
      ['that it is indented', ' ---\nmodel: m\n---\nHi', '1: front matter must begin with the file'],
      ['that it is empty', '---\n\n---\nHi', '1: the front matter is empty: write model: … into it, or remove'],
      ['that there is nothing in it', '---\n---\nHi', '1: the front matter is empty'],
      ['that there is nothing at all', '---\n---', '1: the front matter is empty'],
      ['that it does not end', '---\nmodel: m\nHi', '1: the front matter has no end: write a line --- below it'],
      [
        'that its end holds more',
        '---\nmodel: m\n--- Hi',
        '3: the line --- that ends the front matter must hold nothing else',
      ],
      [
        'that its end is longer',
        '---\nmodel: m\n----\nHi',
        '3: the line --- that ends the front matter must hold nothing else',
      ],
      [
        'that it begins with four dashes',
        '----\nmodel: m\n----\nHi',
        '1: front matter is YAML between two lines ---, found ----',
      ],
      ['that it is TOML', '+++\nmodel = "m"\n+++\nHi', '1: front matter is YAML between two lines ---, found +++'],
      [
        'that an editor made one dash of it',
        '\u2014\nmodel: m\n\u2014\nHi',
        '1: front matter is YAML between two lines ---',
      ],
      [
        'that an editor joined two of them',
        '\u2014-\nmodel: m\n---\nHi',
        '1: front matter is YAML between two lines ---',
      ],
      ['that its dashes are apart', '- - -\ndescription: x\n---\nHi', '1: front matter is YAML between two lines ---'],
      ['that it begins unseen', '\u200b---\nmodel: m\n---\nHi', '1: front matter is YAML between two lines ---'],
      ['that it is of stars', '***\nconfig:\n  topP: 1\n***\nHi', '1: front matter is YAML between two lines ---'],
      [
        'that it names its language',
        '---yaml\nmodel: m\n---\nHi',
        '1: front matter is YAML between two lines ---, found',
      ],
      ['that it has no beginning', 'model: m\n---\nHi', '1: front matter begins with a line ---: write it above'],
      ['that it begins with more', '--- # mine\nmodel: m\n---\nHi', '1: the line --- must hold nothing else'],
      ['that its end is indented', '---\nmodel: m\n ---\nHi', '3: the line --- that ends the front matter must begin'],
      ['that the file ends with it', '---\nmodel: m\n---', '3: the template is empty: write the prompt'],
      ['that the file is empty', '', '1: the template is empty'],
      ['that there is nothing below', '---\nmodel: m\n---\n\n', '5: the template is empty'],
    ])('%s', (_, source, message) => {
      refused(source, message);
    });

    it.each([
      [
        'that it is broken',
        'model: m\nconfig:\n  stopSequences: [a,\ninput: x',
        '5: the front matter is not valid YAML: ',
      ],
      [
        'that a field is there twice',
        'model: m\nmodel: n',
        '3: the front matter is not valid YAML: Map keys must be unique',
      ],
      ['that an alias leads nowhere', 'model: *m', '2: the front matter is not valid YAML: Unresolved alias'],
      ['that it is a list', '- model', '2: the front matter must be fields with values'],
      [
        'that a field is unknown',
        'model: m\ntemprature: 1',
        '3: front matter field temprature is unknown; known are model, description, tag, name, config, input, output, toolDefs and metadata',
      ],
      ['that an extension is unknown', 'model: m\nteam.owner: me', '3: front matter field team.owner is unknown'],
      ['that a field is named like a method', 'constructor: m', '2: front matter field constructor is unknown'],
      ['that Bedrock numbers versions', 'version: 3', '2: field version is not for Bedrock'],
      ['that a prompt has one variant', 'variant: b', '2: field variant is not for Bedrock'],
      ['that tools are described', 'tools: [a]', '2: field tools names tools that Bedrock does not know'],
      ['that metadata is text', 'metadata:\n  a: 1', '3: metadata.a must be a text, found 1'],
      ['that metadata is a map', 'metadata: [a]', '2: metadata must be fields with values'],
      [
        'that a text has no tools',
        'toolDefs:\n  - name: a\n    inputSchema: {type: object}',
        '6: only a chat prompt has tools',
      ],
      ['that its name is another', 'name: y', "2: field name must be the file's name x, found y"],
      [
        'that a config field has no place',
        'config:\n  topK: 3',
        '3: config field topK has no place in a Bedrock prompt',
      ],
      [
        'that a number is a text',
        'config:\n  temperature: "0.2"',
        '3: config.temperature must be a number, found "0.2"',
      ],
      [
        'that a number is not whole',
        'config:\n  maxOutputTokens: 1.5',
        '3: config.maxOutputTokens must be a whole number',
      ],
      ['that a list is a text', 'config:\n  stopSequences: END', '3: config.stopSequences must be a list of texts'],
      ['that a model is a number', 'model: 1', '2: model must be a text, found 1'],
      ['that config is empty', 'model: m\nconfig:', '3: config must be fields with values'],
      ['that Bedrock has no defaults', 'input:\n  default: {x: 1}', '3: Bedrock has no default values'],
      [
        'that an input field is unknown',
        'input:\n  scheme: {x: string}',
        '3: front matter field input.scheme is unknown',
      ],
      ['that Bedrock has no output format', 'output:\n  format: json', '3: Bedrock prompts carry no output format'],
    ])('%s', (_, front, message) => {
      refused(`---\n${front}\n---\nHi`, message);
    });

    it.each([
      ['that a tool choice needs tools', 'config:\n  toolChoice: any', '3: config.toolChoice needs tools'],
      [
        'that a tool choice is unknown',
        'config:\n  toolChoice: none',
        '3: config.toolChoice must be auto, any, or tool: and a name, found "none"',
      ],
      ['that toolDefs is a list', 'toolDefs: {a: b}', '2: toolDefs must be a list of tools'],
      ['that a tool is a map', 'toolDefs: [a]', '2: toolDefs must be a list of tools'],
      ['that a tool has a name', 'toolDefs:\n  - inputSchema: {type: object}', "3: a tool's name must be a text"],
      [
        'that a tool has a schema',
        'toolDefs:\n  - description: b\n    name: a',
        '4: the inputSchema of tool a must be a JSON Schema',
      ],
      [
        'that the schema of a tool is in shorthand',
        'toolDefs:\n  - name: a\n    inputSchema:\n      ticker: string',
        '4: the inputSchema of tool a must be a JSON Schema',
      ],
      [
        'that CloudFormation has no strict tools',
        'toolDefs:\n  - name: a\n    strict: true\n    inputSchema: {type: object}',
        '4: CloudFormation has no place for strict',
      ],
      [
        'that a tool has no output schema',
        'toolDefs:\n  - name: a\n    inputSchema: {type: object}\n    outputSchema: {type: object}',
        '5: Bedrock prompts carry no output schema',
      ],
      [
        'that a tool field is unknown',
        'toolDefs:\n  - name: a\n    inputSchema: {type: object}\n    icon: b',
        '5: tool field icon has no place',
      ],
      [
        'that two tools have one name',
        'toolDefs:\n  - name: a\n    inputSchema: {type: object}\n  - name: a\n    inputSchema: {type: object}',
        '5: two tools are named a: models refuse that, so rename one',
      ],
    ])('%s', (_, front, message) => {
      refused(`---\n${front}\n---\n{{role "user"}}Hi`, message);
    });

    it.each(['v1.0..v2', 'none', 'v 1', 'v'.repeat(33), '"1.0"'])('that %s is no tag', (tag) => {
      refused(`---\ntag: ${tag}\n---\nHi`, '2: a tag must be');
    });

    it('nothing on the console', () => {
      const error = vi.spyOn(console, 'error');
      refused('---\nmodel: [\n---\nHi', '2: the front matter is not valid YAML');
      expect(error).not.toHaveBeenCalled();
    });
  });
});

describe('A prompt file without front matter', () => {
  it.each([
    ['a text', 'Sort {{b}} and {{a}}.\n', 'TEXT', ['b', 'a'], 'Sort {{b}} and {{a}}.'],
    ['a text of Windows with a mark', '\uFEFFOne\r\n\r\nTwo\r\n', 'TEXT', [], 'One\n\nTwo'],
    ['Markdown with a rule', '# Sort\n---\nletters\n---\n', 'TEXT', [], '# Sort\n---\nletters\n---'],
    ['a text that begins with a longer rule', '----\nHi\n----', 'TEXT', [], '----\nHi\n----'],
    ['a text between other rules', '***\nHi\n***', 'TEXT', [], '***\nHi\n***'],
    ['a form', 'name: {{x}}\n---\nHi', 'TEXT', ['x'], 'name: {{x}}\n---\nHi'],
    ['a text about models', 'model: m\nHi', 'TEXT', [], 'model: m\nHi'],
    ['a conversation', '{{role "user"}}\nSort {{x}}', 'CHAT', ['x'], undefined],
  ])('is %s', (_, source, type, variables, text) => {
    const { variant } = parse(source);
    const { text: one, chat } = variant.templateConfiguration;
    expect(variant).toEqual({ templateType: type, templateConfiguration: variant.templateConfiguration });
    expect(one?.text).toBe(text);
    expect(((one ?? chat)?.inputVariables ?? []).map(({ name }) => name)).toEqual(variables);
  });

  it('has the digest of the same template below comments alone', () => {
    expect(contentDigest(parse('---\n# by desk 7\n---\nHi').variant)).toBe(contentDigest(parse('Hi').variant));
  });

  it('has its own lines in what is wrong with it', () => {
    refused('\nHi\n{{#if x}}y{{/if}}', '3: block {{#if}} is not for Bedrock');
  });
});

describe('A conversation that Converse refuses is said with its line:', () => {
  it.each([
    [
      'the model first',
      '{{role "system"}}\nBe kind\n{{role "model"}}\nHi\n{{role "user"}}\nHello',
      '3: a conversation must begin with',
    ],
    [
      'the user twice',
      '{{role "user"}}\nHi\n{{role "user"}}\nHello',
      '3: {{role "user"}} follows {{role "user"}}: Converse refuses',
    ],
    ['the user after the text above', 'Hi\n{{role "user"}}\nHello', '2: {{role "user"}} follows {{role "user"}}'],
    ['the model twice', 'Hi\n{{role "model"}}\na\n{{role "model"}}\nb', '4: {{role "model"}} follows {{role "model"}}'],
    ['no text', '{{role "user"}}\n{{role "model"}}\nb', '1: {{role "user"}} has no text'],
  ])('%s', (_, template, message) => {
    refused(template, message);
  });

  it('but not the model last', () => {
    expect(parse('Hi\n{{role "model"}}\nHello').variant.templateConfiguration.chat?.messages).toHaveLength(2);
  });
});
