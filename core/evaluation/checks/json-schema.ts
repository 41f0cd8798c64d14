import { ALLOW_FENCE, answerJson } from '../answer-json';
import type { CheckKind } from '../check-kind';
import { inTime } from '../in-time';
import { type JsonSchema, schemaProblem } from '../json-schema-problem';
import { Validator } from '../schema-validator';

export const jsonSchema: CheckKind<undefined> = {
  name: 'json-schema',
  means: 'the answer is JSON of this schema, a file or the schema itself (drafts 4 to 2020-12)',
  settings: {
    ...ALLOW_FENCE,
    schema: {
      words: 'a JSON Schema, or the path of one',
      isIt: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      required: true,
      problem: schemaProblem,
      file: 'json',
    },
  },
  complaint: (answer, _, check) => {
    const read = answerJson(answer, check);
    if ('complaint' in read) return read.complaint;
    const validator = new Validator(check.schema as JsonSchema, '2020-12');
    const { valid, errors } = inTime('a json-schema', () => validator.validate(read.value));
    // The last is the innermost: those before it say that something within them is wrong.
    const { error, instanceLocation } = errors.at(-1) ?? {};
    return valid ? undefined : `${instanceLocation?.replace(/^#/, '$') ?? '$'}: ${error}`;
  },
};
