/** What the admins' mails are made of: subjects that operators have filters for, and bodies made for reading on a phone. */

export interface Mail {
  subject: string;
  body: string;
}

/** SNS takes fewer than 100 characters, printable ASCII. */
const SUBJECT_CHARACTERS = 99;

/** A name that is too long for the subject is shortened there; the body has all of it. */
export function mail(name: string, subject: (shown: string) => string, sections: string[]): Mail {
  const ascii = name.replace(/[^\x20-\x7e]/gu, '?');
  const room = SUBJECT_CHARACTERS - subject('').length;
  const shown = ascii.length <= room ? ascii : `${ascii.slice(0, room - 3)}...`;
  return { subject: subject(shown), body: `${sections.filter(Boolean).join('\n\n')}\n` };
}

export function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
