/** Who would get no more mail, and which buckets would be heard no more, were a stack deployed as a template says. */
const { DescribeStacksCommand, GetTemplateCommand } = require('@aws-sdk/client-cloudformation');

/** What a stack is now: its template, and what its outputs are; undefined where there is none. Throws what AWS answers. */
async function readDeployed(cloudFormation, StackName) {
  try {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    const { TemplateBody } = await cloudFormation.send(new GetTemplateCommand({ StackName }));
    const outputs = (Stacks[0].Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]);
    return { template: JSON.parse(TemplateBody), outputs: Object.fromEntries(outputs) };
  } catch (error) {
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
    if (error.name === 'ValidationError' && error.message.includes('does not exist')) return undefined;
    throw error;
  }
}

/** The recipients and the buckets of it that the next template has not, as people call them. */
function lossesOf({ template, outputs }, next) {
  const buckets = missingFrom(bucketsIn(next), bucketsIn(template));
  return {
    recipients: missingFrom(recipientsIn(next), recipientsIn(template)),
    buckets: buckets.map((bucket) => (bucket === MADE ? outputs.WarBucketName : bucket)),
  };
}

function missingFrom(there, items) {
  return items.filter((item) => !there.includes(item));
}

function recipientsIn({ Resources = {} }) {
  const subscriptions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::SNS::Subscription');
  return subscriptions.flatMap(({ Properties: { Protocol, Endpoint } }) => (Protocol === 'email' ? [Endpoint] : []));
}

/** No bucket is called so: it has capitals. */
const MADE = 'WarBucket';

/** That which the stack makes goes by its logical id. A stack that never came to be has none. */
function bucketsIn({ Outputs = {} }) {
  const names = Outputs.WarBucketName?.Value ?? [];
  return typeof names === 'string' ? names.split(',') : [names.Ref ?? []].flat();
}

module.exports = { lossesOf, readDeployed, recipientsIn };
