/** How users fare, as a mail says it: only what its event proves. */

/** Of what has failed a moment ago: nobody has looked since. */
export const USERS_UNSEEN = 'Not looked at yet: clean-up looks now who serves, and its mail says it.';
