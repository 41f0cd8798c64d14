import { type Context, createContext, Script } from 'node:vm';
import { RegistryError } from '../registry-error';

/** An expression that is no trap takes microseconds for the longest answer. */
const LIMIT_MS = 1_000;

let context: Context | undefined;
const script = new Script('work()');

/**
 * Does what an expression of the user's may draw out for years: nothing else runs meanwhile, neither Ctrl-C nor the end of
 * an invocation. To count it as a fail would help the candidate where the answer is that of what is live.
 *
 * `timeout` ends all that is called within, also in the middle of an expression:
 * https://nodejs.org/docs/latest-v20.x/api/vm.html#scriptrunincontextcontextifiedobject-options
 *
 * @param what reads in `expected … to be decided within a second`
 * @throws RegistryError `InvalidSuite`
 */
export function inTime<T>(what: string, work: () => T): T {
  context ??= createContext({});
  context.work = work;
  try {
    return script.runInContext(context, { timeout: LIMIT_MS });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new RegistryError(
      'InvalidSuite',
      `expected ${what} to be decided within a second, found that an answer takes longer: repeat nothing within what is repeated, write a+ for (a+)+`,
    );
  }
}
