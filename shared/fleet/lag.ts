/** How long AWS may not tell of what was just written: until then what is not to be read may be there all the same. */

/**
 * Who reads what was just created, or acts on it, may be answered NotFound, or no tags: terraform-provider-aws waits up to
 * five minutes (#16796, #19920, #20454; aws-load-balancer-controller#1433, #1472).
 */
export const CREATED_LAG_SECONDS = 300;

/** Tags of groups may be told as they were before a write. Nobody says for how long: a minute is on the safe side. */
export const GROUP_TAG_LAG_SECONDS = 60;
