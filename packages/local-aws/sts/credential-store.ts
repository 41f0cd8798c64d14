import { randomBytes } from 'node:crypto';
import type { Credentials, Principal } from '../iam/principal';

/** Access keys that were handed out, and whom each stands for. */
export class CredentialStore {
  private readonly issued = new Map<string, { principal: Principal; credentials: Credentials }>();

  issue(principal: Principal): Credentials {
    const temporary = principal.roleName !== undefined;
    const accessKeyId = (temporary ? 'ASIA' : 'AKIA') + randomBytes(8).toString('hex').toUpperCase();
    const secretAccessKey = randomBytes(20).toString('hex');
    const sessionToken = temporary ? { sessionToken: randomBytes(24).toString('base64') } : {};
    const credentials = { accessKeyId, secretAccessKey, ...sessionToken };
    this.issued.set(accessKeyId, { principal, credentials });
    return credentials;
  }

  find(accessKeyId: string): { readonly principal: Principal; readonly credentials: Credentials } | undefined {
    return this.issued.get(accessKeyId);
  }
}
