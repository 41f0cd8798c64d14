import { Fn } from 'aws-cdk-lib';
import { HttpApi, HttpMethod, HttpStage, type ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { FunctionUrlAuthType, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** Settings of an HTTP API in front of a `LangfuseEndpoint`. */
export interface LangfuseHttpApiOptions {
  /** Requests a second, and at once, of all keys together. @default { rateLimit: 200, burstLimit: 400 } */
  readonly throttle?: ThrottleSettings;
}

/** What stands between clients and the function of a `LangfuseEndpoint`. */
export abstract class LangfuseFront {
  /** Without it any object would pass as one, since the published types leave its internal members out. */
  declare protected readonly nominal: 'LangfuseFront';

  /**
   * An HTTP API, whose stage limits the rate of all keys together.
   *
   * API Gateway bills each request, and answers after at most 30 seconds.
   */
  public static httpApi(options: LangfuseHttpApiOptions = {}): LangfuseFront {
    return new HttpApiFront(options);
  }

  /** The function's own URL: no further cost and no further limit; reserved concurrency alone bounds it. */
  public static functionUrl(): LangfuseFront {
    return new FunctionUrlFront();
  }

  /**
   * None: `endpoint.function` becomes a target of your own load balancer, so that prompts and traces share one address:
   * `/api/public/v2/prompts*` goes here, everything else to your Langfuse server.
   */
  public static target(): LangfuseFront {
    return new NoFront();
  }

  /**
   * The address, without a slash at its end; undefined where the function is a target of somebody else's.
   * @internal
   */
  public abstract _bind(scope: Construct, handler: IFunction): string | undefined;
}

class HttpApiFront extends LangfuseFront {
  constructor(private readonly options: LangfuseHttpApiOptions) {
    super();
  }

  public _bind(scope: Construct, handler: IFunction): string {
    const httpApi = new HttpApi(scope, 'HttpApi', {
      createDefaultStage: false,
      description: `Prompts in Langfuse's protocol, ${scope.node.path}`,
    });
    const { throttle = { rateLimit: 200, burstLimit: 400 } } = this.options;
    new HttpStage(scope, 'Stage', { httpApi, stageName: '$default', autoDeploy: true, throttle });
    // A greedy path, so that a prompt's name may hold slashes that were not encoded.
    httpApi.addRoutes({
      path: '/api/public/{proxy+}',
      methods: [HttpMethod.ANY],
      integration: new HttpLambdaIntegration('Function', handler),
    });
    return httpApi.apiEndpoint;
  }
}

class FunctionUrlFront extends LangfuseFront {
  public _bind(_: Construct, handler: IFunction): string {
    // Langfuse's clients cannot sign requests: the function checks their keys.
    const { url } = handler.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    return Fn.join('', ['https://', Fn.select(2, Fn.split('/', url))]);
  }
}

class NoFront extends LangfuseFront {
  public _bind(): undefined {
    return undefined;
  }
}
