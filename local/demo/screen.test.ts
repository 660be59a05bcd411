import { Writable } from 'node:stream';
import { Screen } from './screen';

function screenOn(
  terminal: { isTTY?: boolean; columns?: number },
  environment: NodeJS.ProcessEnv = {},
  isShort = false,
) {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk));
      done();
    },
  });
  const screen = new Screen({ stream: Object.assign(stream, terminal), environment, seconds: () => 1.25, isShort });
  return { screen, output: () => written.join('') };
}

test('is plain where no terminal is', () => {
  const { screen, output } = screenOn({});
  screen.line('event', 'Started');
  screen.showStatus('1 sent');
  expect(output()).toBe('   1.3  event     Started\n   1.3  requests  1 sent\n');
});

test('has colours on a terminal, unless NO_COLOR asks for none', () => {
  const coloured = screenOn({ isTTY: true });
  coloured.screen.line('event', 'Started');
  expect(coloured.output()).toContain('\x1b[36m');
  const plain = screenOn({ isTTY: true }, { NO_COLOR: '1' });
  plain.screen.line('event', 'Started');
  expect(plain.output()).toBe('   1.3  event     Started\n');
});

test('keeps the status as the last line of a terminal', () => {
  const { screen, output } = screenOn({ isTTY: true }, { NO_COLOR: '1' });
  screen.showStatus('1 sent');
  screen.line('event', 'Started');
  screen.endStatus();
  expect(output()).toBe('   1.3  requests  1 sent\r\x1b[K   1.3  event     Started\n   1.3  requests  1 sent\n');
});

test('wraps at the width of the terminal, under the beginning of the text', () => {
  const { screen, output } = screenOn({ columns: 40 });
  screen.line('event', 'four words and four more words');
  screen.quote('  indented words that go on and on for long');
  expect(output().split('\n')).toEqual([
    '   1.3  event     four words and four',
    '                  more words',
    '        |   indented words that go on',
    '        |   and on for long',
    '',
  ]);
});

test('control characters of what it shows do not reach the terminal', () => {
  const { screen, output } = screenOn({ isTTY: true }, { NO_COLOR: '1' });
  screen.quote('a\x1b[2Jb\x07c');
  expect(output()).toBe('        | a [2Jb c\n');
});

const COMMAND = `aws s3 cp app.war s3://${'bucket'.repeat(10)}/app.war`;

test.each([60, 40, 20])('in %d columns no line is wider, but for commands, which are copied as one', (columns) => {
  const { screen, output } = screenOn({ columns });
  screen.heading('A war is uploaded whose health check answers 500, and more is said of it');
  screen.paragraphs(
    `A paragraph that was broken at\na width of its own, and goes on and on and on for long\n\n  a row of it`,
  );
  screen.text('  name of a row        its value, which is more than fits a terminal that is narrow');
  screen.line('instance', 'was-green-1 is InService, and whatever else there is to say');
  screen.line('you', COMMAND);
  screen.quote(`To go back\n  ${COMMAND}`);
  const lines = output().split('\n');
  const commands = lines.filter((line) => line.includes('aws s3'));
  expect(commands.map((line) => line.includes(COMMAND))).toEqual([true, true]);
  const others = lines.filter((line) => !line.includes('aws s3'));
  expect(others.filter((line) => line.length > Math.max(columns, 40))).toEqual([]);
  expect(output()).toContain('\n  a row of it\n');
});

test('a paragraph fills the width that there is', () => {
  const { screen, output } = screenOn({ columns: 80 });
  screen.paragraphs('one\ntwo\n\nthree\n  four\nfive');
  expect(output()).toBe('one two\n\nthree\n  four\nfive\n');
});

test('in short, tells what is asked for, events, and mails by their subjects', () => {
  const { screen, output } = screenOn({}, {}, true);
  screen.line('you', 'aws s3 cp app.war s3://wars/');
  screen.line('instance', 'was-green-1 is InService');
  screen.line('targets', '2 healthy on was-alb');
  screen.line('event', 'Started');
  screen.line('mail', '[Deploy] Start(Task : WAS)');
  screen.quote('The whole mail');
  const told = output().trimEnd().split('\n');
  expect(told.map((line) => line.trim().split(/ {2,}/)[1])).toEqual(['you', 'event', 'mail']);
});
