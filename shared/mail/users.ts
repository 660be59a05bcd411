/** What a mail says of users where nobody has looked at them: what its event proves, and no more. */

/** Of what has failed a moment ago. */
export const USERS_UNSEEN = 'Not looked at yet: clean-up looks now who serves, and its mail says it.';

/** Of a request that was not run. */
export const USERS_UNTOUCHED = 'Nothing was changed for them. Who serves was not looked at.';
