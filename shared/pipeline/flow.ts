/** The way of a deployment: its stages. */

/** The stages that act, in the order in which a deployment passes them; `clean-up` only where one fails. */
export const STAGES = ['start', 'check-dummy', 'attach-real', 'check-real', 'swap', 'retire', 'clean-up'] as const;
export type StageName = (typeof STAGES)[number];
