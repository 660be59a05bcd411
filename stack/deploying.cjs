/**
 * What the Serverless Framework does here besides: it checks the parameters before anything else, and knows their values by
 * `${parameter:Name}`.
 */
const { readParameters } = require('./given.cjs');

module.exports = class Deploying {
  constructor(serverless) {
    const { options, isHelpRequest } = serverless.processedInput;
    if (isHelpRequest) return;
    this.serverless = serverless;
    const { values } = this.parameters({ ...options, folder: serverless.serviceDir, stage: options.stage ?? 'dev' });
    this.configurationVariablesSources = {
      parameter: { resolve: async ({ address }) => ({ value: values[address] }) },
    };
  }

  parameters(options) {
    try {
      return readParameters(options);
    } catch (error) {
      throw this.refusal(error.message);
    }
  }

  /** The framework prints any other error with its stack. */
  refusal(message) {
    return new this.serverless.classes.Error(message);
  }
};
