/**
 * What the Serverless Framework does here besides: it checks the parameters before anything else, and knows their values by
 * `${parameter:Name}`. It deploys no stage for which somebody forgot what it asks for, and shows what a stack would lose.
 */
const { CloudFormationClient } = require('@aws-sdk/client-cloudformation');
const { delaysOf } = require('./delays.cjs');
const { fileOf, readParameters } = require('./given.cjs');
const { lossesOf, readDeployed, recipientsIn } = require('./losses.cjs');
const { NONE, PARAMETERS } = require('./parameters.cjs');

module.exports = class Deploying {
  constructor(serverless, _, { log }) {
    const { commands, options, isHelpRequest } = serverless.processedInput;
    if (isHelpRequest) return;
    this.serverless = serverless;
    this.log = log;
    this.stage = options.stage ?? 'dev';
    const { values, given } = this.parameters({ ...options, folder: serverless.serviceDir, stage: this.stage });
    this.given = given;
    const variables = { ...values, ...delaysOf(values), given: Object.fromEntries(given) };
    this.configurationVariablesSources = {
      parameter: { resolve: async ({ address }) => ({ value: variables[address] }) },
    };
    if (commands.join(' ') !== 'deploy') return;
    this.hooks = {
      initialize: () => this.refuseWhatIsNotGiven(),
      'before:aws:deploy:deploy:createStack': () => this.showLosses(),
    };
  }

  parameters(options) {
    try {
      return readParameters(options);
    } catch (error) {
      throw this.refusal(error.message);
    }
  }

  async refuseWhatIsNotGiven() {
    const missing = Object.keys(PARAMETERS).find((name) => PARAMETERS[name].isAskedFor && !this.given.has(name));
    if (missing === undefined) return;
    throw this.refusal(
      `parameter ${missing} is not given: write "${missing}: …" into ${fileOf(this.stage)}, ` +
        `or "${missing}: ${NONE}" where that is meant; ${await this.recipientsNow()}`,
    );
  }

  /** What else would be lost by going on is said with the refusal. */
  async recipientsNow() {
    try {
      const deployed = await this.deployed();
      const recipients = deployed ? recipientsIn(deployed.template) : [];
      if (recipients.length === 0) return 'nobody is told anything now';
      return `who gets the mails now: ${recipients.join(', ')}`;
    } catch (error) {
      return `who gets the mails now could not be read (${oneLine(error)})`;
    }
  }

  /** Shown, where it is meant; refused, where nobody said so. */
  async showLosses() {
    let deployed;
    try {
      deployed = await this.deployed();
    } catch (error) {
      this.log.warning(`Recipients and buckets that would go could not be read (${oneLine(error)})`);
      return;
    }
    if (deployed === undefined) return;
    this.refuseWhatIsForgotten(deployed.template.Metadata?.Parameters ?? {});
    const { provider } = this.serverless.service;
    const { recipients, buckets } = lossesOf(deployed, provider.compiledCloudFormationTemplate);
    if (recipients.length > 0) this.log.warning(`No longer mailed: ${recipients.join(', ')}`);
    if (buckets.length > 0) this.log.warning(`Uploads no longer heard of, in the bucket ${buckets.join(', ')}`);
    // A stack of before says nothing of what it was given.
    if (buckets.length > 0 && !this.given.has('WarBuckets')) this.refuseForgotten('WarBuckets', buckets.join(','));
  }

  /** What the stack was given the last time, and would go back to its default now. */
  refuseWhatIsForgotten(before) {
    for (const [name, text] of Object.entries(before)) {
      const parameter = PARAMETERS[name];
      if (parameter && text !== parameter.default && !this.given.has(name)) this.refuseForgotten(name, text);
    }
  }

  refuseForgotten(name, text) {
    const { default: otherwise } = PARAMETERS[name];
    throw this.refusal(
      `parameter ${name} is ${text} in the stack, and is not given now: write "${name}: ${text}" into ` +
        `${fileOf(this.stage)}, or "${name}: ${otherwise}" where that is meant`,
    );
  }

  async deployed() {
    const provider = this.serverless.getProvider('aws');
    const client = new CloudFormationClient(await provider.getAwsSdkV3Config());
    return readDeployed(client, provider.naming.getStackName());
  }

  /** The framework prints any other error with its stack. */
  refusal(message) {
    return new this.serverless.classes.Error(message);
  }
};

function oneLine({ message }) {
  return message.split('\n')[0];
}
