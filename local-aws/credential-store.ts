import { randomBytes } from 'node:crypto';
import type { Credentials, Principal } from './principal';

/** Access keys that were handed out, and whom each stands for. */
export class CredentialStore {
  private readonly principals = new Map<string, Principal>();

  issue(principal: Principal): Credentials {
    const temporary = principal.roleName !== undefined;
    const accessKeyId = (temporary ? 'ASIA' : 'AKIA') + randomBytes(8).toString('hex').toUpperCase();
    this.principals.set(accessKeyId, principal);
    const secretAccessKey = randomBytes(20).toString('hex');
    return { accessKeyId, secretAccessKey, ...(temporary && { sessionToken: randomBytes(24).toString('base64') }) };
  }

  find(accessKeyId: string): Principal | undefined {
    return this.principals.get(accessKeyId);
  }
}
