import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { EMPTY_LOCK, type LockedRegion, type ModelLock } from '../../core/models/model-lock';
import { refreshedRegion } from '../../core/models/refreshed-region';
import { plural } from '../../studio/plural';
import { usageError } from '../cli-error';
import { type Command, type CommandContext, REGISTRY_OPTIONS } from '../command';
import { ExitCode } from '../exit-code';
import { LOCK_OPTION, lockIfThere, lockPath, writeLock } from '../models/lock-file';

/** How many changes are listed by name. */
const NAMED = 20;

export const modelsRefresh: Command = {
  name: 'models refresh',
  summary: 'writes models.lock.json: the models, profiles and ends that Bedrock tells',
  positionals: [],
  options: {
    ...LOCK_OPTION,
    region: { type: 'string', value: 'REGION', description: 'Regions, with commas. Default: those in the file' },
    profile: REGISTRY_OPTIONS.profile,
    json: REGISTRY_OPTIONS.json,
  },
  details: [
    'Commit the file: synthesis judges models by it where the registry has models: ModelCatalog.fromLockFile(…). Without ' +
      'news nothing of it changes, but that a day that is older than two weeks moves on.',
    'successor and price ({ in, out, cacheRead, cacheWrite, asOf }, US dollars for a million tokens) are yours to write, and stay.',
    'Needs bedrock:ListFoundationModels and bedrock:ListInferenceProfiles.',
  ],
  examples: ['models refresh', 'models refresh --region us-east-1,eu-west-1'],
  run: async (context) => {
    const { terminal, values } = context;
    const path = lockPath(values);
    const before = await lockIfThere(path);
    const refreshed = await terminal.progress('asking Bedrock', (say) => refresh(context, before, say));
    const isWritten = await writeLock(path, before, refreshed.lock);
    for (const note of refreshed.notes) terminal.notice(`${terminal.glyphs.note} ${note}`);
    const { regions } = refreshed;
    if (values.json) terminal.json({ path, written: isWritten, regions });
    else terminal.line(refreshText(path, isWritten, regions, before === undefined));
    return ExitCode.Done;
  },
};

interface RegionNews {
  readonly region: string;
  readonly read: string;
  readonly models: number;
  readonly profiles: number;
  readonly news: readonly string[];
}

async function refresh({ values, now }: CommandContext, before: ModelLock | undefined, say: (doing: string) => void) {
  const { clientsOf } = await import('../open-registries');
  const { readRegion } = await import('../models/read-region');
  const named = typeof values.region === 'string' ? values.region.split(',').map((region) => region.trim()) : undefined;
  if (named?.some((region) => !/^[a-z]{2}(-[a-z]+)+-\d+$/.test(region))) {
    throw usageError(`--region ${JSON.stringify(values.region)} is no list of Regions`, 'write us-east-1,eu-west-1');
  }
  const known = Object.keys(before?.regions ?? {});
  const first = named?.[0] ?? known[0];
  const clients = await clientsOf({ values: { ...values, region: first } });
  const wanted = named ?? (known.length > 0 ? known : [await clients.sts.config.region()]);
  const { Account: account = '' } = await clients.sts.send(new GetCallerIdentityCommand({}));
  const regions: { [region: string]: LockedRegion } = { ...(before ?? EMPTY_LOCK).regions };
  const news: RegionNews[] = [];
  const notes: string[] = [];
  for (const region of [...new Set(wanted)]) {
    say(`asking Bedrock in ${region}`);
    const { read, notes: own } = await readRegion(clients.models(region), account);
    const fresh = refreshedRegion(regions[region], read, now());
    regions[region] = fresh.region;
    notes.push(...own.map((note) => `${region}: ${note}`));
    const [models, profiles] = [fresh.region.models, fresh.region.profiles].map((all) => Object.keys(all).length);
    news.push({ region, read: fresh.region.read, models: models ?? 0, profiles: profiles ?? 0, news: fresh.news });
  }
  return { lock: { schema: 1, regions } satisfies ModelLock, regions: news, notes };
}

function refreshText(path: string, isWritten: boolean, regions: readonly RegionNews[], isNew: boolean): string {
  return [
    isWritten ? `wrote ${path}` : `${path} is up to date`,
    ...regions.flatMap(({ region, models, profiles, news, read }) => [
      `${region}  ${plural(models, 'model')}, ${plural(profiles, 'inference profile')}, read on ${read}${isNew || news.length > 0 ? '' : ', no news'}`,
      ...(isNew ? [] : news.slice(0, NAMED).map((line) => `  ${line}`)),
      ...(!isNew && news.length > NAMED ? [`  and ${news.length - NAMED} more`] : []),
    ]),
  ].join('\n');
}
