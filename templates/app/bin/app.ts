import { App } from 'aws-cdk-lib';
import { ApplicationStack } from '../lib/application-stack';
import { environmentOf } from '../lib/environment';
import { PromptsStack } from '../lib/prompts-stack';

const app = new App();
const environment = environmentOf(app);
// Where `cdk` is signed in. For an account of its own write `account` and `region` into cdk.json, and read them here.
const env = { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION };

const prompts = new PromptsStack(app, `Prompts-${environment.name}`, environment, { env });
const application = new ApplicationStack(app, `Application-${environment.name}`, environment, { env });
application.addStackDependency(prompts, 'IAM attaches a policy only once it exists');
