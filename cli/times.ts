/** Times and how long something took, as people read them. All times are UTC, as those of AWS. */

/** `12 s`, `4 min 12 s`, `1 h 5 min`, `2 d 3 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return joined([Math.floor(whole / 60), 'min'], [whole % 60, 's']);
  if (whole < 24 * 3600) return joined([Math.floor(whole / 3600), 'h'], [Math.floor((whole % 3600) / 60), 'min']);
  return joined([Math.floor(whole / 86_400), 'd'], [Math.floor((whole % 86_400) / 3600), 'h']);
}

function joined([large, ofLarge]: [number, string], [small, ofSmall]: [number, string]): string {
  return small === 0 ? `${large} ${ofLarge}` : `${large} ${ofLarge} ${small} ${ofSmall}`;
}

/** `12:00:10`. */
export function clockTime(at: string | Date): string {
  return new Date(at).toISOString().slice(11, 19);
}

/** `2030-01-01 12:00`. */
export function minute(at: string | Date): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}

/** `2030-01-01 12:00:10 UTC`. */
export function moment(at: string | Date): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** What a stage waits for, as people read it: the time of day alone, and a test load balancer by what it is. */
export function inWords(text: string): string {
  return text
    .replace(/\b\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)(\.\d+)?Z/g, '$1')
    .replace(/(?<![-\w])dummies\b/g, 'clones')
    .replace(/(?<![-\w])dummy\b/g, 'clone');
}
