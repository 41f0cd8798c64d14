import {
  CHANGED_CONTENT_METRIC,
  decodedAlias,
  type LangfuseEndpointSettings,
  type LangfuseKeySettings,
} from '../../core/contract/langfuse-endpoint';
import { PROMPT_METRICS } from '../../core/contract/prompt-metrics';
import { answerLangfuse, type LangfuseRequest, type LangfuseResponse } from '../../core/langfuse/answer';
import type { KeyHolder, Keys } from '../../core/langfuse/ports';
import { RegistryPrompts } from '../../core/langfuse/registry-prompts';
import type { RegistrySource } from '../../core/langfuse/registry-source';
import type { HandlerClock } from '../clock';
import { errorCode } from '../error-code';
import type { Log } from '../log';
import { aliasPasts } from './alias-past';
import { aliasTargets, type ReadParameters } from './alias-targets';
import { ArchivedVersions, type ArchiveStore } from './archived-versions';
import { type FrontEvent, frontResponse, requestOf } from './front-event';
import { KeySecrets, type ReadSecret } from './key-secrets';
import { throttle } from './throttle';

export interface LangfuseEndpointDeps {
  readonly settings: LangfuseEndpointSettings;
  readonly parameterPrefix: string;
  readonly parameters: ReadParameters;
  readonly archive: ArchiveStore;
  readonly secrets: ReadSecret;
  readonly clock: Pick<HandlerClock, 'now'>;
  readonly random: () => number;
  readonly log: Log;
  /** Takes metrics in CloudWatch's embedded format. */
  readonly metric: (line: object) => void;
}

/** Langfuse's prompt API over a registry: one function for a front's events. */
export function langfuseEndpoint(deps: LangfuseEndpointDeps) {
  const keys = keysOf(deps);
  return async (event: FrontEvent) => {
    const request = requestOf(event);
    return frontResponse(event, await answer(request, keys, deps));
  };
}

async function answer(request: LangfuseRequest, keys: Keys, deps: LangfuseEndpointDeps): Promise<LangfuseResponse> {
  try {
    const response = await answerLangfuse(request, keys);
    const { status, use } = response;
    if (use) deps.log('INFO', 'prompt api', { ...said(request, deps, use.publicKey), status, ...use });
    return response;
  } catch (error) {
    const code = errorCode(error);
    deps.log('ERROR', 'prompt api', { ...said(request, deps), status: 500, code, error: String(error) });
    if (code === 'ArchiveConflict') deps.metric(changedContent(deps));
    const body = JSON.stringify({ message: 'Internal Server Error', error: code });
    return { status: 500, headers: { 'content-type': 'application/json; charset=utf-8' }, body };
  }
}

/** When, which key by its name in the app, and what it did. */
function said({ method }: LangfuseRequest, { clock, settings }: LangfuseEndpointDeps, publicKey?: string) {
  const key = settings.keys.find((one) => one.publicKey === publicKey)?.name;
  return { time: new Date(clock.now()).toISOString(), key, method };
}

function keysOf(deps: LangfuseEndpointDeps): Keys {
  const { settings } = deps;
  const aliases = settings.aliases.map((encoded) => decodedAlias(encoded, settings.stack));
  const archive = new ArchivedVersions(deps.archive);
  const ledger = {
    list: deps.archive.list,
    read: async (key: string) => (await deps.archive.read(key))?.body,
  };
  const source: RegistrySource = {
    target: aliasTargets(aliases, { ...deps, ttl: settings.ttl }),
    past: aliasPasts(ledger, deps.clock, settings.ttl),
    newest: (promptId) => archive.newest(promptId),
    version: (promptId, version) => archive.version(promptId, version),
  };
  const secrets = new KeySecrets({ ...deps, grace: settings.grace });

  const holderOf = (key: LangfuseKeySettings): KeyHolder => {
    const view = {
      projectId: deps.parameterPrefix,
      stack: settings.stack,
      aliases: key.read.flatMap((place) => aliases[place] ?? []),
      latest: key.latest ?? false,
      modelPrefix: settings.modelPrefix,
    };
    const prompts = new RegistryPrompts(view, source);
    return {
      publicKey: key.publicKey,
      project: { id: deps.parameterPrefix, name: `Prompt registry ${deps.parameterPrefix}` },
      pointers: prompts,
      contents: prompts,
      writes: prompts,
      isSecret: (given) => secrets.isSecret(key, given),
      admits: throttle(settings.throttle, deps.clock),
    };
  };
  const holders = new Map(settings.keys.map((key) => [key.publicKey, holderOf(key)]));
  return { find: async (publicKey) => holders.get(publicKey) };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function changedContent({ parameterPrefix, clock }: LangfuseEndpointDeps): object {
  const metrics = [{ Name: CHANGED_CONTENT_METRIC, Unit: 'Count' }];
  const directive = { Namespace: PROMPT_METRICS.namespace, Dimensions: [['Registry']], Metrics: metrics };
  return {
    _aws: { Timestamp: clock.now(), CloudWatchMetrics: [directive] },
    Registry: parameterPrefix,
    [CHANGED_CONTENT_METRIC]: 1,
  };
}
