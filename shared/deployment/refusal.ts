/** Why something is not done: what readiness, planning and a look at the world may answer. */

/** The code that the operator knows it by, and the words. Nothing was changed. */
export interface Refusal {
  code: string;
  message: string;
}

export function isRefusal(value: object): value is Refusal {
  return 'code' in value && 'message' in value;
}
