import { Writable } from 'node:stream';
import { Screen } from './screen';

function screenOn(terminal: { isTTY?: boolean; columns?: number }, environment: NodeJS.ProcessEnv = {}) {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk));
      done();
    },
  });
  const screen = new Screen({ stream: Object.assign(stream, terminal), environment, seconds: () => 1.25 });
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
