import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { EmbeddedAws } from '../embedded-aws';
import { VirtualInstances } from '../fleet/virtual-instances';
import { VirtualClock } from '../kernel/clock';
import { MailFolder } from './mail-folder';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mails-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Sends so many mails; answers what was told of what went wrong. */
async function send(count: number, mail: { Subject?: string; Message: string }): Promise<unknown[]> {
  const clock = new VirtualClock();
  const instances = new VirtualInstances({ clock, bootSeconds: 0, application: () => 200 });
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0 });
  const problems: unknown[] = [];
  new MailFolder(folder, (problem) => problems.push(problem)).listenTo(aws);
  const TopicArn = aws.sns.createTopic('admins');
  aws.sns.subscribe(TopicArn, 'email', 'admin@example.com');
  const client = new SNSClient(aws.operator);
  for (let sent = 1; sent <= count; sent++) {
    const numbered = { ...mail, Message: mail.Message.replace('#', String(sent)) };
    await clock.run(client.send(new PublishCommand({ TopicArn, ...numbered })));
  }
  return problems;
}

function read(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

test('a mail is a file with all that it says', async () => {
  const command = `aws events put-events ${'x'.repeat(300)}`;
  await send(1, { Subject: '[Success] It', Message: `It serves.\n\nTo go back\n  ${command}\n` });
  expect(readdirSync(folder)).toEqual(['0001.txt']);
  expect(read('0001.txt')).toBe(
    `Subject: [Success] It\nTo: admin@example.com\nDate: 2030-01-01T00:00:00.000Z\n\nIt serves.\n\nTo go back\n  ${command}\n`,
  );
});

test('one without a subject says that it has none', async () => {
  await send(1, { Message: '"[Failed] It"' });
  expect(read('0001.txt')).toMatch(/^Subject: \(none\)\nTo: .*\nDate: .*\n\n"\[Failed\] It"\n$/);
});

test('the last hundred are kept', async () => {
  await send(103, { Subject: 'It', Message: 'mail #' });
  const names = readdirSync(folder).sort();
  expect([names.length, names[0], names.at(-1)]).toEqual([100, '0004.txt', '0103.txt']);
  expect(read('0103.txt')).toContain('mail 103\n');
});

test('what a mail says cannot steer the terminal that shows the file', async () => {
  await send(1, { Subject: 'It', Message: 'so\x1b[2J and\tso\r\nand so' });
  expect(read('0001.txt')).toMatch(/\n\nso and so\nand so\n$/);
});

test('where it cannot be written, that is told once, and the mail is sent', async () => {
  rmSync(folder, { recursive: true });
  const problems = await send(3, { Subject: 'It', Message: 'so' });
  expect(problems).toEqual([expect.stringMatching(/^mails are not kept any more: ENOENT/)]);
});
