import { CliError, type CliErrorParts } from '../cli-error';

const NOT_IN_TEMPLATE = {
  why: 'its template does not say which function plans its releases',
  fix: 'give handlers of fromAttributes() as ARNs, parameters or exports of another stack',
};

/** Nobody can tell here which gates the registry has that a stack joins; its functions can. */
export class GatesUnknown extends CliError {
  constructor(stackName: string, parts: Omit<CliErrorParts, 'what'> = NOT_IN_TEMPLATE, cause?: unknown) {
    const what = `the gates of the registry that stack ${stackName} joins are not known here`;
    super({ what, ...parts }, undefined, { cause });
  }
}
