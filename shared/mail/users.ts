/** What a mail says of users where nobody has looked at them: what its event proves, and no more. */

const LOOKING = 'Clean-up looks now who serves; its mail, "Deploy Clean", says it within minutes.';

/** Of what has failed a moment ago in this stage: what the deployment has done by then, and not how users fare. */
export function unseen(stage: string): string {
  switch (stage) {
    case 'start':
    case 'check-dummy':
      return `The deployment had changed nothing for them: it had not touched Active. ${LOOKING}`;
    case 'attach-real':
    case 'check-real':
      return `The deployment had not touched Active; the new version may be attached beside it. ${LOOKING}`;
    default:
      return `Active may be detached, so that only the new version is there for them. ${LOOKING}`;
  }
}

/** Of a request that was not run. */
export const USERS_UNTOUCHED = 'Nothing was changed for them. Who serves was not looked at.';
