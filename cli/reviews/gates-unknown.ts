import { CliError, type CliErrorParts } from '../cli-error';
import { NOT_NAMED } from '../plan-function';

/** Nobody can tell here which gates the registry has that a stack joins; its functions can. */
export class GatesUnknown extends CliError {
  constructor(stackName: string, parts: Omit<CliErrorParts, 'what'> = NOT_NAMED, cause?: unknown) {
    const what = `the gates of the registry that stack ${stackName} joins are not known here`;
    super({ what, ...parts }, undefined, { cause });
  }
}
