import { usageError } from '../cli-error';
import type { CommandContext } from '../command';
import type { ReleaseOrder } from './release';
import { watchWish } from './release-watch';

/** What a command line orders. */
export function releaseOrder({ positionals, values }: CommandContext, verb: ReleaseOrder['verb']): ReleaseOrder {
  const [promptName = '', aliasName = ''] = positionals;
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const planId = text('plan');
  const to = text('to') ?? (verb === 'rollback' && planId === undefined ? 'previous' : undefined);
  if (to === undefined && planId === undefined)
    throw usageError('missing --to', 'say where to: --to :6, --to @STAGING or --to pd1:…');
  const withdraw = values.withdraw === true;
  const now = verb === 'rollback' || values.now === true;
  return { verb, promptName, aliasName, to, now, withdraw, reason: text('reason'), planId, watch: watchWish(values) };
}
