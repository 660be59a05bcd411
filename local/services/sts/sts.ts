/** STS, as far as it says who calls. */
import type { Access } from '../../kernel/access';
import type { Call, Operations, Service } from '../../kernel/service';
import type { Authorization } from '../iam/authorization';

export interface StsOptions {
  accountId: string;
  authorization: Pick<Authorization, 'arnOf'>;
}

export class Sts implements Service {
  constructor(private readonly options: StsOptions) {}

  /** "No permissions are required to perform this operation": GetCallerIdentity, API reference. */
  requiredAccess(): Access[] {
    return [];
  }

  readonly operations: Operations = {
    GetCallerIdentity: (_: object, { caller }: Call) => {
      const Arn = this.options.authorization.arnOf(caller.principal);
      return { UserId: userIdOf(Arn), Account: this.options.accountId, Arn };
    },
  };
}

/** `AIDA…` of a user; `AROA…:session` of a role. IAM user guide, "Unique identifiers": what follows is unique, and says nothing. */
function userIdOf(arn: string): string {
  const [, , session] = arn.split('/');
  const letters = [...arn].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 36 ** 8, 7);
  const unique = letters.toString(36).toUpperCase().padStart(17, '0');
  return session === undefined ? `AIDA${unique}` : `AROA${unique}:${session}`;
}
