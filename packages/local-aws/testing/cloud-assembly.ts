import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder that `cdk synth` wrote, usually `cdk.out`, or what `app.synth()` answers. */
export type CloudAssembly = string | { readonly directory: string };

/** A file or folder that a stack's template refers to. */
export interface FileAsset {
  readonly path: string;
  /** `zip` for a folder. */
  readonly packaging: string;
  /** May hold `${AWS::AccountId}` and `${AWS::Region}`. */
  readonly bucketName: string;
  readonly objectKey: string;
}

/** One stack of an assembly. */
export interface AssembledStack {
  readonly template: string;
  readonly assets: readonly FileAsset[];
}

interface Artifact {
  readonly type: string;
  readonly properties?: {
    readonly stackName?: string;
    readonly templateFile?: string;
    readonly file?: string;
    readonly directoryName?: string;
  };
  readonly dependencies?: readonly string[];
}

interface AssetManifest {
  readonly files?: Record<string, FileEntry>;
  readonly dockerImages?: object;
}

interface FileEntry {
  readonly source: { readonly path?: string; readonly packaging?: string };
  readonly destinations: Record<string, { readonly bucketName: string; readonly objectKey: string }>;
}

/**
 * Reads a stack out of an assembly, by its name or its id in the app. Stages are looked through as well. Docker images
 * and assets that a command builds are refused: nothing here could build or run them.
 * https://github.com/aws/aws-cdk-cli/tree/main/packages/@aws-cdk/cloud-assembly-schema
 */
export function assembledStack(assembly: CloudAssembly, stackName: string): AssembledStack {
  const directory = typeof assembly === 'string' ? assembly : assembly.directory;
  const stacks = stacksIn(directory);
  const found = stacks.find(({ names }) => names.includes(stackName));
  if (!found) {
    const known = stacks.map(({ names: [name] }) => name).join(', ') || 'none';
    throw new Error(`expected a stack ${stackName} in ${directory}, found: ${known}`);
  }
  const template = readFileSync(join(found.directory, found.templateFile), 'utf8');
  return { template, assets: found.assetFiles.flatMap((file) => assetsOf(found.directory, file, stackName)) };
}

interface FoundStack {
  readonly directory: string;
  readonly names: readonly string[];
  readonly templateFile: string;
  readonly assetFiles: readonly string[];
}

function stacksIn(directory: string): FoundStack[] {
  const { artifacts = {} } = read(directory, 'manifest.json') as { artifacts?: Record<string, Artifact> };
  return Object.entries(artifacts).flatMap(([id, { type, properties = {}, dependencies = [] }]): FoundStack[] => {
    if (type === 'cdk:cloud-assembly') {
      return stacksIn(join(directory, properties.directoryName ?? id));
    }
    if (type !== 'aws:cloudformation:stack') return [];
    const manifests = dependencies.map((name) => artifacts[name]).filter((one) => one?.type === 'cdk:asset-manifest');
    return [
      {
        directory,
        names: [properties.stackName ?? id, id],
        templateFile: properties.templateFile ?? `${id}.template.json`,
        assetFiles: manifests.flatMap((manifest) => manifest?.properties?.file ?? []),
      },
    ];
  });
}

function assetsOf(directory: string, file: string, stackName: string): FileAsset[] {
  const { files = {}, dockerImages = {} } = read(directory, file) as AssetManifest;
  const [image] = Object.keys(dockerImages);
  if (image !== undefined) {
    throw new Error(
      `expected stack ${stackName} to have files and folders as assets only, found Docker image ${image}`,
    );
  }
  return Object.entries(files).flatMap(([id, { source, destinations }]) => {
    const { path, packaging = 'file' } = source;
    if (path === undefined) {
      throw new Error(`expected asset ${id} of stack ${stackName} to be a file or a folder, found a command`);
    }
    return Object.values(destinations).map(({ bucketName, objectKey }) => ({
      path: join(directory, path),
      packaging,
      bucketName,
      objectKey,
    }));
  });
}

function read(directory: string, file: string): unknown {
  return JSON.parse(readFileSync(join(directory, file), 'utf8'));
}
