import { randomUUID } from 'node:crypto';
import type { Output } from '@aws-sdk/client-cloudformation';
import { AwsError } from '../aws-error';
import { Stack } from './stack';
import { validationError } from './validation-error';

/** All stacks of the account and Region, deleted ones too, and the values they export to each other. */
export class StackRegistry {
  private readonly stacks: Stack[] = [];

  constructor(
    private readonly account: string,
    private readonly region: string,
    readonly now: () => Date,
    private readonly changed?: (stack: Stack) => void,
  ) {}

  /** A stack that nobody finds until it is entered, when all of its request has been checked. */
  create(name: string): Stack {
    if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name)) {
      throw validationError(
        `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
      );
    }
    return new Stack(`${this.arnPrefix}${name}/${randomUUID()}`, name, this.now, this.changed);
  }

  /** A deleted stack is only found by its id. */
  find(nameOrId: string): Stack | undefined {
    return this.stacks.find(({ id, name, deleted }) => id === nameOrId || (name === nameOrId && !deleted));
  }

  get(nameOrId = ''): Stack {
    const stack = this.find(nameOrId);
    if (!stack) {
      throw validationError(`Stack with id ${nameOrId} does not exist`);
    }
    return stack;
  }

  enter(stack: Stack): void {
    if (this.find(stack.name)) {
      throw new AwsError('AlreadyExistsException', 400, `Stack [${stack.name}] already exists`);
    }
    this.stacks.push(stack);
  }

  get all(): readonly Stack[] {
    return this.stacks;
  }

  get existing(): readonly Stack[] {
    return this.stacks.filter(({ deleted }) => !deleted);
  }

  /** What IAM is asked about; a stack that does not exist yet has no id. */
  arnOf(nameOrId = 'any'): string {
    const arn = nameOrId.startsWith('arn:') ? nameOrId : `${this.arnPrefix}${nameOrId}/none`;
    return this.find(nameOrId)?.id ?? arn;
  }

  exports(): { stack: Stack; name: string; value: string }[] {
    return this.existing.flatMap((stack) => exportsOf(stack.outputs).map((entry) => ({ stack, ...entry })));
  }

  exportValue(exportName: string): string {
    const found = this.exports().find(({ name }) => name === exportName);
    if (!found) {
      throw validationError(`No export named ${exportName} found`);
    }
    return found.value;
  }

  importersOf(exportName: string): string[] {
    return this.existing.filter(({ imports }) => imports.has(exportName)).map(({ name }) => name);
  }

  /** `X as it is in use by Y` for the first export of `stack` that others use and that `outputs` changes or lacks. */
  exportInUse(stack: Stack, outputs: readonly Output[]): string | undefined {
    const future = exportsOf(outputs);
    for (const { name, value } of exportsOf(stack.outputs)) {
      const importers = this.importersOf(name);
      if (importers.length > 0 && future.find((entry) => entry.name === name)?.value !== value) {
        return `${name} as it is in use by ${importers.join(', ')}`;
      }
    }
    return undefined;
  }

  checkExports(stack: Stack, outputs: readonly Output[]): void {
    const used = this.exportInUse(stack, outputs);
    if (used) {
      const isThere = exportsOf(outputs).some(({ name }) => used.startsWith(`${name} as`));
      throw validationError(`Cannot ${isThere ? 'update' : 'delete'} export ${used}`);
    }
    for (const { name } of exportsOf(outputs)) {
      const other = this.exports().find((entry) => entry.name === name && entry.stack !== stack);
      if (other) {
        throw validationError(`Export with name ${name} is already exported by stack ${other.stack.name}`);
      }
    }
  }

  private get arnPrefix(): string {
    return `arn:aws:cloudformation:${this.region}:${this.account}:stack/`;
  }
}

function exportsOf(outputs: readonly Output[]): { name: string; value: string }[] {
  return outputs.flatMap(({ ExportName, OutputValue = '' }) =>
    ExportName ? [{ name: ExportName, value: OutputValue }] : [],
  );
}
