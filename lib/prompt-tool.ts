import type { IConstruct } from 'constructs';
import type { PromptTool as ToolContent } from '../core/content/prompt-content';
import { portableText } from '../core/text/portable-text';
import { constructError } from './private/construct-error';
import { refuseUnknownFields } from './private/unknown-fields';

/** A tool that the model may ask its caller to use. */
export interface PromptToolSpec {
  /** A letter, then at most 63 letters, digits and `_`. */
  readonly name: string;

  /** Tells the model what the tool does. @default - nothing but its name */
  readonly description?: string;

  /** The tool's input as a JSON Schema, kept as it is. */
  readonly inputSchema: { readonly [keyword: string]: unknown };
}

/** An entry in the list of tools of a chat prompt. */
export abstract class PromptTool {
  /** Without it any object would pass as one, since the published types leave its internal members out. */
  declare protected readonly nominal: 'PromptTool';

  /** A tool, described by the schema of its input. */
  public static function(spec: PromptToolSpec): PromptTool {
    return new FunctionTool(spec);
  }

  /** Lets the model keep the tools that stand before this point, so that later calls need not process them again. */
  public static cachePoint(): PromptTool {
    return new CachePointTool();
  }

  /** @internal */
  public abstract _bind(scope: IConstruct): ToolContent;
}

const KNOWN: Record<keyof PromptToolSpec, true> = { name: true, description: true, inputSchema: true };

class FunctionTool extends PromptTool {
  constructor(private readonly spec: PromptToolSpec) {
    super();
  }

  public override _bind(scope: IConstruct): ToolContent {
    const { name, description, inputSchema } = this.spec;
    if ('strict' in this.spec) {
      throw constructError(
        scope,
        'UnsupportedByCloudFormation',
        `expected a tool without strict, found it in the tool ${name}: Bedrock knows the field, but AWS::Bedrock::Prompt has no place for it, so the model would never see it; remove it, and check the tool's input in the caller`,
      );
    }
    refuseUnknownFields(scope, 'PromptTool.function()', this.spec, KNOWN);
    return {
      toolSpec: {
        name,
        ...(description !== undefined && { description: portableText(description) }),
        inputSchema: { json: inputSchema },
      },
    };
  }
}

class CachePointTool extends PromptTool {
  public override _bind(): ToolContent {
    return { cachePoint: { type: 'default' } };
  }
}
