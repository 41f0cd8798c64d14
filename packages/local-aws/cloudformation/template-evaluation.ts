import { isDeepStrictEqual } from 'node:util';
import { notImplemented } from '../aws-error';
import type { Template } from './template';
import { validationError } from './validation-error';

/** What a template's expressions refer to outside the template. */
export interface Surroundings {
  readonly template: Template;
  /** Parameters and pseudo-parameters. */
  readonly values: Readonly<Record<string, unknown>>;
  ref(logicalId: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  importValue(exportName: string): unknown;
  ssmParameter(name: string): Promise<string>;
}

export const noValue = Symbol('AWS::NoValue');

/** Computes expressions of one template. Intrinsics and dynamic references that it lacks answer 501 by name. */
export class TemplateEvaluation {
  private readonly conditions = new Map<string, Promise<boolean>>();

  constructor(private readonly surroundings: Surroundings) {}

  /** `value` with all intrinsics replaced by what they stand for; members that are AWS::NoValue are left out. */
  async resolve(value: unknown): Promise<unknown> {
    if (typeof value === 'string') {
      return this.withDynamicReferences(value);
    }
    if (Array.isArray(value)) {
      const items = await Promise.all(value.map((item) => this.resolve(item)));
      return items.filter((item) => item !== noValue);
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    const [[name = '', argument] = [], ...others] = Object.entries(value);
    if (others.length === 0 && (name === 'Ref' || name === 'Condition' || name.startsWith('Fn::'))) {
      if (name !== 'Condition' || typeof argument === 'string') {
        return this.intrinsic(name, argument);
      }
    }
    const entries = await Promise.all(Object.entries(value).map(async ([key, v]) => [key, await this.resolve(v)]));
    return Object.fromEntries(entries.filter(([, v]) => v !== noValue));
  }

  condition(name: string): Promise<boolean> {
    const known = this.conditions.get(name);
    if (known) {
      return known;
    }
    const definition = this.surroundings.template.Conditions?.[name];
    if (definition === undefined) {
      throw validationError(`Template error: unresolved condition dependency ${name}`);
    }
    const result = this.resolve(definition).then(truth);
    this.conditions.set(name, result);
    return result;
  }

  /** Throws for the first rule whose assertion does not hold. */
  async checkRules(): Promise<void> {
    for (const [name, rule] of Object.entries(this.surroundings.template.Rules ?? {})) {
      if (rule.RuleCondition === undefined || truth(await this.resolve(rule.RuleCondition))) {
        for (const { Assert, AssertDescription } of rule.Assertions) {
          if (!truth(await this.resolve(Assert))) {
            throw validationError(`Rule ${name}: ${AssertDescription ?? 'assertion failed'}`);
          }
        }
      }
    }
  }

  private async intrinsic(name: string, argument: unknown): Promise<unknown> {
    const list = async () => (await this.resolve(argument)) as unknown[];
    switch (name) {
      case 'Ref':
        return this.ref(String(argument));
      case 'Condition':
        return this.condition(String(argument));
      case 'Fn::GetAtt':
        return this.getAtt(argument);
      case 'Fn::Sub':
        return this.sub(argument);
      case 'Fn::If': {
        const [condition, whenTrue, whenFalse] = argument as [string, unknown, unknown];
        return this.resolve((await this.condition(condition)) ? whenTrue : whenFalse);
      }
      case 'Fn::Join': {
        const [separator, parts] = (await list()) as [string, unknown[]];
        return parts.map(text).join(separator);
      }
      case 'Fn::Split': {
        const [separator, joined] = (await list()) as [string, unknown];
        return text(joined).split(separator);
      }
      case 'Fn::Select': {
        const [index, items] = (await list()) as [number | string, unknown[]];
        const item = items[Number(index)];
        if (item === undefined) {
          throw validationError(`Template error: Fn::Select cannot select nonexistent value at index ${index}`);
        }
        return item;
      }
      case 'Fn::Equals': {
        const [left, right] = await list();
        return isDeepStrictEqual(comparable(left), comparable(right));
      }
      case 'Fn::Not':
        return !truth((await list())[0]);
      case 'Fn::And':
        return (await list()).every(truth);
      case 'Fn::Or':
        return (await list()).some(truth);
      case 'Fn::Contains': {
        const [items, wanted] = (await list()) as [unknown[], unknown];
        return items.map(comparable).includes(comparable(wanted));
      }
      case 'Fn::FindInMap': {
        const [map, first, second] = (await list()) as [string, string, string];
        const found = this.surroundings.template.Mappings?.[map]?.[first]?.[second];
        if (found === undefined) {
          throw validationError(`Template error: Unable to get mapping for ${map}::${first}::${second}`);
        }
        return found;
      }
      case 'Fn::ImportValue':
        return this.surroundings.importValue(text(await this.resolve(argument)));
      default:
        throw notImplemented(`the intrinsic ${name}`);
    }
  }

  private ref(name: string): unknown {
    if (name === 'AWS::NoValue') {
      return noValue;
    }
    if (name in this.surroundings.values) {
      return this.surroundings.values[name];
    }
    if (name.startsWith('AWS::')) {
      throw notImplemented(`the pseudo-parameter ${name}`);
    }
    return this.surroundings.ref(name);
  }

  private async getAtt(argument: unknown): Promise<unknown> {
    const [logicalId, ...path] = typeof argument === 'string' ? argument.split('.') : (argument as string[]);
    return this.surroundings.attribute(logicalId ?? '', text(await this.resolve(path.join('.'))));
  }

  private async sub(argument: unknown): Promise<unknown> {
    const [template, own] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Record<string, unknown>];
    const parts = await Promise.all(
      template.split(/(\$\{[^}]+\})/).map(async (part) => {
        const [, literal, name] = /^\$\{(!?)\s*([^}]*?)\s*\}$/.exec(part) ?? [];
        if (name === undefined) {
          return part;
        }
        if (literal) {
          return `\${${name}}`;
        }
        if (name in own) {
          return text(await this.resolve(own[name]));
        }
        return text(name.includes('.') ? await this.getAtt(name) : this.ref(name));
      }),
    );
    return this.withDynamicReferences(parts.join(''));
  }

  private async withDynamicReferences(value: string): Promise<string> {
    if (!value.includes('{{resolve:')) {
      return value;
    }
    const parts = value.split(/(\{\{resolve:[^}]*\}\})/).map((part) => {
      const [, service, name] = /^\{\{resolve:([^:]*):(.*)\}\}$/.exec(part) ?? [];
      if (service !== undefined && service !== 'ssm') {
        throw notImplemented(`the dynamic reference ${part}`);
      }
      return name === undefined ? part : this.surroundings.ssmParameter(name);
    });
    return (await Promise.all(parts)).join('');
  }
}

function truth(value: unknown): boolean {
  return value === true || value === 'true';
}

function text(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    throw validationError('Template error: every value of a Fn::Join, Fn::Sub or Fn::Split must be a string');
  }
  return String(value);
}

/** CloudFormation compares `1` and `"1"` as equal. */
function comparable(value: unknown): unknown {
  return typeof value === 'object' ? value : String(value);
}
