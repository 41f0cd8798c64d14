import type { AuditedRegistry, AuditRule } from '../audit-rule';

/** The prompts of the ledger are in Bedrock. */
export const heldPrompts: AuditRule<AuditedRegistry, 'PromptGone'> = {
  name: 'held-prompts',
  reads: 'the prompts of the ledger, and the prompts that Bedrock holds',
  finds: { PromptGone: 'a prompt is no longer in Bedrock, nor is any of its versions' },
  run({ evidence, survey }, report) {
    for (const [promptId, versions] of evidence.held ?? []) {
      if (versions !== null) continue;
      // A stack that removes an alias, or fails to make it, may remove the prompt: CloudTrail then tells who did.
      const isUsed =
        survey.archives.some((one) => one.promptId === promptId) &&
        survey.chains.some((chain) => chain.promptId === promptId && chain.records.at(-1)?.to);
      report('PromptGone', `prompt ${promptId}`, 'does not exist in Bedrock any more, and all its versions with it', {
        ...(!isUsed && { level: 'note' }),
      });
    }
  },
};
