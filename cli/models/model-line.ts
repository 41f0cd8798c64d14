import { DAYS_OF_WARNING } from '../../core/models/judge-model';
import { modelLifeText } from '../../core/models/model-life-text';
import { visibleLine } from '../../core/text/visible-text';
import { plural } from '../../studio/plural';
import type { PromptStatus } from '../prompt-status';
import type { AliasModel } from '../status-checks';
import type { Terminal } from '../terminal';

/** `✔ model: version 1 runs on …, which ends on 2027-03-01, in 91 days`. */
export function modelLine(one: AliasModel, { colors, glyphs }: Terminal): string {
  const mark = { good: colors.green(glyphs.ok), warned: colors.yellow(glyphs.note), unknown: glyphs.note };
  return `${mark[outlook(one)]} ${modelText(one)}`;
}

/** Of many prompts: what synthesis would warn of, or refuse, and how much is not known. */
export function modelsInBrief(prompts: readonly PromptStatus[], { colors, glyphs }: Terminal): string[] {
  const models = prompts.flatMap(({ prompt, aliases }) =>
    aliases.flatMap(({ alias, models: own }) => own.map((one) => ({ one, where: `${prompt} ${alias}` }))),
  );
  const unknown = new Set(models.filter(({ one }) => outlook(one) === 'unknown').map(({ one }) => one.model));
  return [
    ...models
      .filter(({ one }) => outlook(one) === 'warned')
      .map(({ one, where }) => `${colors.yellow(glyphs.note)} ${visibleLine(where)}: ${modelText(one)}`),
    ...(unknown.size > 0
      ? [
          `${glyphs.note} until when ${plural(unknown.size, 'model')} can be called is not known: prompt-registry models refresh`,
        ]
      : []),
  ];
}

function modelText({ version, model, status = null, end = null, days = null, successor = null }: AliasModel): string {
  if (model === null) return `model: version ${version} has none`;
  if (model === undefined) return `model: no record tells that of version ${version}`;
  const life = modelLifeText({ status, end, days, successor });
  return visibleLine(`model: version ${version} runs on ${model}${status === null ? ';' : ','} ${life}`);
}

/** `warned` is what synthesis would warn of, or refuse. */
function outlook({ model, status = null, days = null }: AliasModel): 'good' | 'warned' | 'unknown' {
  if (model === null) return 'good';
  if (status === null) return 'unknown';
  return status !== 'ACTIVE' || (days !== null && days <= DAYS_OF_WARNING) ? 'warned' : 'good';
}
