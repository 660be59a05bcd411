/** Where no earlier run tells how long each test file takes, Jest begins with the largest ones: what takes longest is short. */
const { default: Sequencer } = require('@jest/test-sequencer');

const LONGEST = /simulation\.test\.ts$/;

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const isLongest = ({ path }) => LONGEST.test(path);
    const sorted = super.sort(tests);
    return [...sorted.filter(isLongest), ...sorted.filter((test) => !isLongest(test))];
  }
};
