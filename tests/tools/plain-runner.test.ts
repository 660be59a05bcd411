/** One process runs many test files: what one of them changes of the product's modules, the next does not find. */
import { execFileSync } from 'node:child_process';

test('a stage that tests add to the flow is not there for the next file', () => {
  const files = ['tests/pipeline/parked.test.ts', 'shared/pipeline/flow.test.ts'];
  const jest = require.resolve('jest/bin/jest');
  // In this order; each fails where the other is found changed.
  const run = () =>
    execFileSync(
      process.execPath,
      [jest, ...files, '--runInBand', '--testSequencer', '<rootDir>/tests/tools/as-given.cjs'],
      {
        encoding: 'utf8',
        stdio: 'pipe',
      },
    );
  expect(run).not.toThrow();
});
