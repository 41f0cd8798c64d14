import type { GetFoundationModelAvailabilityCommandOutput } from '@aws-sdk/client-bedrock';
import { locateModel } from '../../core/models/located-model';
import { modelIdentifier } from '../../core/models/model-identifier';
import { visibleLine } from '../../core/text/visible-text';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { LOCK_OPTION, lockIfThere, lockPath } from '../models/lock-file';
import { modelListing } from '../models/model-listing';
import { table } from '../table';
import type { Terminal } from '../terminal';

export const modelsAccess: Command = {
  name: 'models access',
  summary: 'whether this account may call the models, and what is missing',
  positionals: ['[MODEL]'],
  options: { ...LOCK_OPTION, ...REGISTRY_OPTIONS },
  details: [
    'MODEL, or every model that callers of an alias use. Asks bedrock:GetFoundationModelAvailability about the foundation ' +
      'model behind each; the lock file tells which one is behind a profile.',
    'Exits with 2 where something is missing. Bedrock does not tell whether an account may still use a LEGACY model: one ' +
      'that nobody calls for 15 to 30 days is lost.',
  ],
  examples: ['models access', 'models access us.amazon.nova-pro-v1:0'],
  run: async (context) => {
    const { terminal, values } = context;
    const models = await terminal.progress('asking Bedrock', () => accesses(context));
    const passes = models.every(({ missing }) => missing.length === 0);
    if (values.json) terminal.json({ passes, models });
    else terminal.line(accessText(models, terminal));
    return passes ? ExitCode.Done : ExitCode.Differs;
  },
};

interface ModelAccess {
  readonly model: string;
  readonly modelId: string;
  readonly missing: readonly string[];
}

async function accesses(context: CommandContext): Promise<ModelAccess[]> {
  const { positionals, values } = context;
  const { GetFoundationModelAvailabilityCommand } = await import('@aws-sdk/client-bedrock');
  const { clientsOf } = await import('../open-registries');
  const clients = await clientsOf(context);
  const region = await clients.cloudFormation.config.region();
  const lock = await lockIfThere(lockPath(values));
  const [only] = positionals;
  const named = only === undefined ? (await modelListing(context, false)).models.map(({ model }) => model) : [only];
  const bedrock = clients.models();
  const asked = named.flatMap((model) => {
    if (modelIdentifier(model).kind === 'own') return [];
    const modelId = (lock && locateModel(model, region, lock)?.modelId) ?? withoutGeography(model);
    return [{ model, modelId }];
  });
  return Promise.all(
    asked.map(async ({ model, modelId }) => {
      try {
        const found = await bedrock.send(new GetFoundationModelAvailabilityCommand({ modelId }));
        return { model, modelId, missing: missingOf(found) };
      } catch (error) {
        const { name, message } = error as Error;
        if (name !== 'ResourceNotFoundException' && name !== 'ValidationException') throw error;
        return { model, modelId, missing: [`Bedrock does not know ${modelId}: ${message}`] };
      }
    }),
  );
}

/** What a profile's id tells where no lock file does. */
function withoutGeography(model: string): string {
  return modelIdentifier(model).id.replace(/^(us|us-gov|eu|apac|au|ca|jp|global)\./, '');
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetFoundationModelAvailability.html */
function missingOf(found: GetFoundationModelAvailabilityCommandOutput): string[] {
  const { agreementAvailability: agreement, authorizationStatus, entitlementAvailability, regionAvailability } = found;
  const reason = agreement?.errorMessage ? ` (${agreement.errorMessage})` : '';
  return [
    ...(regionAvailability === 'AVAILABLE' ? [] : ['it is not offered in this Region: use another model or Region']),
    ...(authorizationStatus === 'AUTHORIZED'
      ? []
      : ['this account or principal is not authorized: look at the policies']),
    ...(entitlementAvailability === 'AVAILABLE' ? [] : ['the account is not entitled to it: enable it in Bedrock']),
    ...(agreement?.status === 'AVAILABLE'
      ? []
      : [
          `its agreement is ${agreement?.status ?? 'unknown'}${reason}: accept it in AWS Marketplace, or call the model once`,
        ]),
  ];
}

function accessText(models: readonly ModelAccess[], terminal: Terminal): string {
  const { colors, glyphs } = terminal;
  if (models.length === 0) return 'no alias uses a model that Bedrock tells of';
  const rows = models.map(({ model, missing }) => [
    missing.length === 0 ? colors.green(glyphs.ok) : colors.red(glyphs.bad),
    visibleLine(model),
    missing.length === 0 ? 'may be called' : visibleLine(missing.join('; ')),
  ]);
  return table(['', 'MODEL', 'ACCESS'], rows, terminal);
}
