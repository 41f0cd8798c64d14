import { CliError } from '../cli-error';

/** The template of a stack does not tell which function has the gates of the registry that it joins. */
export class GatesUnknown extends CliError {
  constructor(stackName: string) {
    super({
      what: `the gates of the registry that stack ${stackName} joins are not known here`,
      why: 'its template does not say which function plans its releases',
      fix: 'give handlers of fromAttributes() as ARNs, parameters or exports of another stack',
    });
  }
}
