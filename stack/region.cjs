/** The parameter `Region`, which the framework asks for before it knows the variables of plugins. */
const { readParameters } = require('./given.cjs');

module.exports = async ({ options, resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  await resolveVariable('sls:instanceId'); // known once stack/deploying.cjs has checked the parameters
  return readParameters({ ...options, folder: process.cwd(), stage }).values.Region;
};
