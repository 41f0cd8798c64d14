import type { KeyHolder, Keys } from './ports';
import { Refusal } from './refusal';

const HOST = "Confirm that you've configured the correct host.";

/**
 * The holder of the keys in an `Authorization` header.
 *
 * @throws Refusal 401 for keys that are none, 403 for a public key alone, which reads no prompts
 */
export async function authorize(header: string | undefined, method: string, keys: Keys): Promise<KeyHolder> {
  if (!header) throw unauthorized('No authorization header');
  if (header.startsWith('Bearer ')) {
    const holder = await keys.find(header.slice('Bearer '.length));
    if (!holder) throw unauthorized(`Invalid public key. ${HOST}`);
    throw new Refusal('ForbiddenError', `Access denied - need to use basic auth with secret key to ${method} prompts`);
  }
  if (!header.startsWith('Basic ')) throw unauthorized('Invalid authorization header');
  const pair = Buffer.from(header.slice('Basic '.length), 'base64').toString();
  const [, publicKey, secretKey] = /^([^:]+):(.+)$/s.exec(pair) ?? [];
  if (!publicKey || !secretKey) throw unauthorized(`Invalid authorization header. ${HOST}`);
  const holder = await keys.find(publicKey, secretKey);
  if (!holder || !(await holder.isSecret(secretKey))) throw unauthorized(`Invalid credentials. ${HOST}`);
  return holder;
}

function unauthorized(message: string): Refusal {
  return new Refusal('UnauthorizedError', message);
}
