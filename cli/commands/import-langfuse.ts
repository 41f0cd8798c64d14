import { usageError } from '../cli-error';
import type { Command } from '../command';
import { LangfuseApi } from '../import/langfuse-api';
import { readLangfuse } from '../import/read-langfuse';
import { IMPORT_DETAILS, IMPORT_OPTIONS, runImport, textValue } from '../import/run-import';

export const importLangfuse: Command = {
  name: 'import langfuse',
  summary: 'writes the prompts of a Langfuse project as prompt files, with their history',
  positionals: [],
  options: {
    url: { type: 'string', value: 'URL', description: 'the server. Default: LANGFUSE_BASE_URL' },
    label: {
      type: 'string',
      value: 'LABEL',
      description: 'the versions with this label. Default: production, and the newest of prompts without it',
    },
    flatten: { type: 'boolean', description: 'take composed prompts as Langfuse puts them together now' },
    ...IMPORT_OPTIONS,
  },
  details: [
    'The keys are LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY; they need to read only. Folders stay folders, labels become aliases.',
    IMPORT_DETAILS,
  ],
  examples: ['import langfuse --url https://langfuse.example.com', 'import langfuse --all-versions --git --flatten'],
  run: async ({ terminal, values }) => {
    const label = textValue(values, 'label');
    if (label !== undefined && values['all-versions']) {
      throw usageError('all versions, or those with a label', 'leave --label or --all-versions out');
    }
    const api = LangfuseApi.from(textValue(values, 'url'), process.env);
    const wanted = {
      glob: textValue(values, 'name') ?? '*',
      isEveryVersion: values['all-versions'] === true,
      label,
      flatten: values.flatten === true,
      model: textValue(values, 'model'),
    };
    const versions = await terminal.progress('reading prompts', (say) => readLangfuse(api, wanted, say));
    return runImport('langfuse', versions, ['Langfuse-Prompt', 'Langfuse-Version'], { terminal, values });
  },
};
