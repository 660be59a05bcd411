import { Writable } from 'node:stream';
import { Progress } from './progress';

function progressOn(isTTY: boolean) {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk));
      done();
    },
  });
  const clock = { now_ms: 0 };
  const progress = new Progress(Object.assign(stream, { isTTY }), {}, () => clock.now_ms);
  return { progress, clock, written: () => written.join('') };
}

test('is the last line of a terminal, and goes', () => {
  const { progress, written } = progressOn(true);
  progress.show('1 of 3');
  progress.show('2 of 3');
  progress.clear();
  progress.clear();
  expect(written()).toBe('\r\x1b[K1 of 3\r\x1b[K2 of 3\r\x1b[K');
});

test('is a line every ten seconds where no terminal is: nothing of what is over soon', () => {
  const { progress, clock, written } = progressOn(false);
  for (const second of [1, 9, 10, 11, 19, 25]) {
    clock.now_ms = second * 1000;
    progress.show(`${second} of 30`);
  }
  progress.clear();
  expect(written()).toBe('10 of 30\n25 of 30\n');
});
