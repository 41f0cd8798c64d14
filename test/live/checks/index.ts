import type { LiveCheck } from '../check';
import { cancellation } from './cancellation';
import { duplicateName } from './duplicate-name';
import { freeJson } from './free-json';
import { promptEcho } from './prompt-echo';
import { renderPrompt } from './render-prompt';
import { rollback } from './rollback';
import { versionNumbers } from './version-numbers';

export const CHECKS: readonly LiveCheck[] = [
  freeJson,
  rollback,
  cancellation,
  duplicateName,
  promptEcho,
  versionNumbers,
  renderPrompt,
];
