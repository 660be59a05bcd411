/** Why something is not done: what readiness, planning and a look at the world may answer. */

/** The code that the operator knows it by, and the words. Nothing was changed. */
export interface Refusal {
  code: string;
  message: string;
  /** It may be read so only because something was just written: it counts once it has stood for so long. */
  settlesWithinSeconds?: number;
}

export function isRefusal(value: object): value is Refusal {
  return 'code' in value && 'message' in value;
}
