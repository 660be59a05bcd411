/** Runs test files in the order of their names, from the last one: the pipeline's before those of what it is made of. */
const { default: Sequencer } = require('@jest/test-sequencer');

module.exports = class AsGiven extends Sequencer {
  sort(tests) {
    return tests.toSorted((one, other) => (one.path < other.path ? 1 : -1));
  }
};
