import { CliError } from './cli-error';

/** More than one registry would do, and nobody said which. */
export class SeveralRegistries extends CliError {
  /** @param what `prompt registries`, `prompt registries with a prompt x` */
  constructor(
    what: string,
    readonly stackNames: readonly string[],
    region: string,
  ) {
    super({ what: `${stackNames.length} ${what} in ${region}`, fix: stackNames.map((name) => `--stack ${name}`) });
  }
}
