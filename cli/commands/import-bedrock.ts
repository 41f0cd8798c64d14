import type { AwsChoice } from '../aws-clients';
import { type Command, REGISTRY_OPTIONS } from '../command';
import { IMPORT_DETAILS, IMPORT_OPTIONS, runImport, textValue } from '../import/run-import';

export const importBedrock: Command = {
  name: 'import bedrock',
  summary: 'writes prompts that exist in Bedrock as prompt files, with their versions',
  positionals: [],
  options: { ...IMPORT_OPTIONS, region: REGISTRY_OPTIONS.region, profile: REGISTRY_OPTIONS.profile },
  details: [
    'Every prompt of the account and Region, made by a registry or not, with bedrock:ListPrompts and bedrock:GetPrompt. ' +
      'Nothing of them changes. Without --all-versions the newest version is written, of a prompt without versions the draft.',
    IMPORT_DETAILS,
  ],
  examples: ['import bedrock --name sorter', 'import bedrock --all-versions --git'],
  run: async ({ terminal, values }) => {
    const { awsClients } = await import('../aws-clients');
    const { readBedrock } = await import('../import/read-bedrock');
    const wanted = {
      glob: textValue(values, 'name') ?? '*',
      isEveryVersion: values['all-versions'] === true,
      model: textValue(values, 'model'),
    };
    const { bedrock } = awsClients(values as AwsChoice);
    const versions = await terminal.progress('reading prompts', (say) => readBedrock(bedrock, wanted, say));
    return runImport('bedrock', versions, ['Bedrock-Prompt', 'Bedrock-Version'], { terminal, values });
  },
};
