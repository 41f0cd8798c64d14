import type { Command } from './command';
import { approve } from './commands/approve';
import { audit } from './commands/audit';
import { check } from './commands/check';
import { comment } from './commands/comment';
import { completion } from './commands/completion';
import { diff } from './commands/diff';
import { evaluate } from './commands/evaluate';
import { exportCommand } from './commands/export';
import { history } from './commands/history';
import { importCommand } from './commands/import';
import { init } from './commands/init';
import { list } from './commands/list';
import { manifest } from './commands/manifest';
import { metrics } from './commands/metrics';
import { models } from './commands/models';
import { plan } from './commands/plan';
import { promote } from './commands/promote';
import { reject } from './commands/reject';
import { request } from './commands/request';
import { restore } from './commands/restore';
import { review } from './commands/review';
import { rollback } from './commands/rollback';
import { rollout } from './commands/rollout';
import { show } from './commands/show';
import { snapshot } from './commands/snapshot';
import { status } from './commands/status';
import { types } from './commands/types';

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  list,
  show,
  diff,
  plan,
  promote,
  rollback,
  rollout,
  request,
  review,
  approve,
  reject,
  comment,
  check,
  evaluate,
  history,
  metrics,
  status,
  restore,
  snapshot,
  audit,
  models,
  manifest,
  types,
  init,
  importCommand,
  exportCommand,
  completion,
];
