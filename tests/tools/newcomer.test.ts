import { oddOf } from './newcomer';

test.each<[string, string, number, string, string[]]>([
  ['what goes well', 'npm run demo', 0, 'Summary\n', []],
  ['a failure', 'npm run demo', 1, 'so\nit broke\n', ['it ends with 1: it broke']],
  ['a failure that is meant', 'npx --no-install bluegreen upload WAS app.war=$WARS/broken.war', 1, 'failed\n', []],
  ['a stack trace', 'npm run demo', 0, 'Error: so\n    at main (local/demo/main.ts:3:7)\n', ['a stack trace']],
  ['a value that is none', 'npm run demo', 0, 'was-blue serves undefined\n', ['a value that is none']],
  ['a warning', 'npm ci', 0, 'npm warn deprecated glob@7\n', ['npm warn deprecated glob@7']],
])('of %s it tells what was odd', (_, command, code, output, expected) => {
  expect(oddOf(command, code, output)).toEqual(expected);
});
