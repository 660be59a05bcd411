/** The newest mails as files, one each: for whoever wants to read or to search them after they have passed by. */
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedAws } from '../embedded-aws';
import type { Mail } from '../services/sns/sns';
import { plain } from '../terminal/lines';

const MAILS_KEPT = 100;

export class MailFolder {
  private count = 0;
  private isBroken = false;

  constructor(
    readonly path: string,
    /** Gets a line once no more mails can be kept. */
    private readonly onProblem: (line: string) => void,
  ) {}

  /** A new one, which only its owner may read. */
  static make(onProblem: (line: string) => void): MailFolder {
    return new MailFolder(mkdtempSync(join(tmpdir(), 'bluegreen-mails-')), onProblem);
  }

  listenTo(aws: EmbeddedAws): void {
    aws.sns.onMail((mail) => this.keep(mail));
  }

  /** What is in it stays. */
  removeIfEmpty(): void {
    if (this.count === 0 && !this.isBroken) rmdirSync(this.path);
  }

  /** A disk that is full is no fault of whoever sends the mail. */
  private keep(mail: Mail): void {
    if (this.isBroken) return;
    try {
      this.count += 1;
      writeFileSync(this.file(this.count), textOf(mail));
      rmSync(this.file(this.count - MAILS_KEPT), { force: true });
    } catch (error) {
      this.isBroken = true;
      this.onProblem(`mails are not kept any more: ${(error as Error).message}`);
    }
  }

  private file(number: number): string {
    return join(this.path, `${String(number).padStart(4, '0')}.txt`);
  }
}

function textOf({ subject = '(none)', to, at, body }: Mail): string {
  const lines = [
    `Subject: ${subject}`,
    `To: ${to.join(', ')}`,
    `Date: ${at.toISOString()}`,
    '',
    ...body.trimEnd().split(/\r?\n/),
  ];
  return `${lines.map(plain).join('\n')}\n`;
}
