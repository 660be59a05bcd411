import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { readOptions } from './options';

/** The program as `npm run local` starts it, and what it has written so far. */
function start(...options: string[]) {
  const program = spawn(process.execPath, ['--import', 'tsx', 'local/server/main.ts', ...options]);
  const written = { output: '', errors: '' };
  program.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.output += text;
  });
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.errors += text;
  });
  const ended = once(program, 'close').then(([code]) => ({ ...written, code: code as number | null }));
  const says = async (text: string) => {
    while (!written.output.includes(text)) await once(program.stdout, 'data');
  };
  return { program, ended, says };
}

test('options: port and speed', () => {
  expect(readOptions([])).toEqual({ port: 4566, speed: 1 });
  expect(readOptions(['--port', '0', '--speed', '2.5'])).toEqual({ port: 0, speed: 2.5 });
});

test.each([
  [['--port', 'x'], '--port'],
  [['--port', '65536'], '--port'],
  [['--speed', '0'], '--speed'],
  [['--speed', '1000'], '--speed'],
  [['--nonsense'], '--nonsense'],
  [['word'], 'word'],
])('options: %j are refused', (given, named) => {
  expect(() => readOptions(given)).toThrow(named);
});

test('the program ends with 0 after a signal, 1 where the port is in use', async () => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const running = start('--port', '0', '--speed', '100'); // so that things happen while it starts
  const refused = await start('--port', String(port)).ended;
  expect(refused).toEqual({
    code: 1,
    output: '',
    errors: `Port ${port} of 127.0.0.1 is in use. Give another one: npm run local -- --port 0\n`,
  });

  await running.says('instance');
  running.program.kill('SIGINT');
  const { code, output, errors } = await running.ended;
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(output).toMatch(/^An embedded AWS listens on http:\/\/127\.0\.0\.1:\d+, its clock 100 times as fast\.\n/);
  expect(output).not.toContain('\x1b');
  taken.close();
});
