import { AwsError } from '../aws-error';

export interface ParameterVersion {
  readonly name: string;
  readonly version: number;
  readonly value: string;
  readonly type: string;
  readonly tier: string;
  readonly description?: string;
  readonly allowedPattern?: string;
  /** JSON of a list, as it was sent. */
  readonly policies?: string;
  readonly time: Date;
  readonly user: string;
}

/** Tags are not part of the versions: they belong to the parameter. */
interface Parameter {
  versions: ParameterVersion[];
  tags: Map<string, string>;
}

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-versions.html */
const KEPT_VERSIONS = 100;
const MAX_LEVELS = 15;

/** Parameters of one Region with their history. */
export class ParameterStore {
  private readonly parameters = new Map<string, Parameter>();

  /** All current versions, by name. */
  list(): ParameterVersion[] {
    const current = [...this.parameters.keys()].map((name) => this.find(name));
    return current.filter((found) => found !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string, version?: number): ParameterVersion | undefined {
    const versions = this.parameters.get(name)?.versions ?? [];
    return version === undefined ? versions.at(-1) : versions.find((candidate) => candidate.version === version);
  }

  history(name: string): readonly ParameterVersion[] {
    return this.parameter(name, 'ParameterNotFound').versions;
  }

  put(parameter: Omit<ParameterVersion, 'version'>, overwrite: boolean): ParameterVersion {
    const before = this.find(parameter.name);
    if (before && !overwrite) {
      const message =
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.';
      throw new AwsError('ParameterAlreadyExists', 400, message);
    }
    checkName(parameter.name);
    checkValue(parameter);
    const kept =
      parameter.policies === undefined && before?.policies !== undefined ? { policies: before.policies } : {};
    const stored = { ...parameter, ...kept, version: (before?.version ?? 0) + 1 };
    const { versions, tags } = this.parameters.get(parameter.name) ?? { versions: [], tags: new Map() };
    this.parameters.set(parameter.name, { versions: [...versions, stored].slice(-KEPT_VERSIONS), tags });
    return stored;
  }

  /** Answers false when there was none. */
  delete(name: string): boolean {
    return this.parameters.delete(name);
  }

  tags(name: string): Map<string, string> {
    return this.parameter(name, 'InvalidResourceId').tags;
  }

  private parameter(name: string, code: string): Parameter {
    const found = this.parameters.get(name);
    if (!found) {
      throw new AwsError(code, 400, `Parameter ${name} not found.`);
    }
    return found;
  }
}

export function validation(message: string): AwsError {
  return new AwsError('ValidationException', 400, message);
}

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html */
function checkName(name: string): void {
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || name.length > 1011 || name.includes('//') || name.endsWith('/')) {
    throw validation(
      'Only a mix of letters, numbers and the following 4 symbols .-_/ are allowed in a parameter name.',
    );
  }
  if (name.includes('/') && !name.startsWith('/')) {
    throw validation('Parameter name must be a fully qualified name.');
  }
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw validation(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive): ${name}`);
  }
  if (name.split('/').length - 1 > MAX_LEVELS) {
    const message = `The parameter name exceeds ${MAX_LEVELS} hierarchy levels.`;
    throw new AwsError('HierarchyLevelLimitExceededException', 400, message);
  }
}

function checkValue({ value, allowedPattern, tier }: Omit<ParameterVersion, 'version'>): void {
  const limit = tier === 'Advanced' ? 8_192 : 4_096;
  if (value === '' || Buffer.byteLength(value) > limit) {
    throw validation(
      `${tier} tier parameters support a maximum parameter value of ${limit} characters, and at least 1.`,
    );
  }
  if (value.includes('{{')) {
    throw validation('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.');
  }
  if (allowedPattern && !new RegExp(allowedPattern).test(value)) {
    const message = `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`;
    throw new AwsError('ParameterPatternMismatchException', 400, message);
  }
}
