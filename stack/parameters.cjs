/**
 * The parameters of the stack, each one value: what it is where nothing is given, what it may be, and what docs/parameters.md says of
 * it. A new one is one more entry; `${parameter:Name}` in a YAML file, or `resolveVariable('parameter:Name')` in lists.cjs,
 * is its value.
 */
const { z } = require('zod');

/** Of a list of addresses or names, for whoever means that there are none; of one that is chosen, that none is. */
const NONE = 'none';

const TOPIC_ARN = /^arn:[\w-]+:sns:([\w-]+):\d{12}:[\w-]+$/;

/**
 * `default` is a text, as people would give it. `schema` turns what is given, a text without blanks around it, into the value.
 * `isAskedFor`: the default is good enough to package with, but nobody deploys without having given it.
 */
const PARAMETERS = {
  Region: {
    default: 'us-east-1',
    schema: fitting((text) => /^[a-z]{2}(-[a-z]+)+-\d$/.test(text), 'is not a region'),
    meaning: 'where the stack is; on the command line it is `--region`',
  },
  AdminEmails: {
    default: NONE,
    isAskedFor: true,
    schema: listOf(z.email(), 'an e-mail address'),
    meaning:
      'who gets the mails, separated by commas; each confirms its subscription once; `none`: nobody is told anything',
  },
  MailLanguage: {
    default: 'en',
    schema: oneOf(['en', 'ko']),
    meaning:
      '`ko`: the headings and answers of mails, and what codes mean, are Korean; subjects, findings and the words of AWS stay English',
  },
  TimeZone: {
    default: 'UTC',
    schema: fitting(isTimeZone, 'is not the name of a time zone, such as Asia/Seoul'),
    meaning: 'the time zone of times in mails, by its IANA name; what a version is called stays as it is',
  },
  DocumentationUrl: {
    default: NONE,
    schema: fitting(
      (text) => text === NONE || /^https?:\/\/[\w.-]+(:\d+)?(\/[\w./~%@+-]*)?$/.test(text),
      'is not an address like https://example.com/bluegreen/docs',
    ),
    meaning:
      'where the folder `docs` can be read: mails link to the pages of codes there; `none`: they name the page by its path in this repository',
  },
  WarBuckets: {
    default: NONE,
    schema: listOf(fitting(isBucket), 'the name of a bucket'),
    meaning:
      'existing buckets of wars, separated by commas; versioning and EventBridge notifications must be on, encryption SSE-S3 (there is no permission for keys of yours); `none`: the stack makes one',
  },
  CodeDeployCleanUp: {
    default: 'on',
    schema: oneOf(['on', 'off']),
    meaning: '`off`: copies that failed CodeDeploy deployments leave behind are let be',
  },
  CodeDeployTopicArn: {
    default: NONE,
    schema: fitting(
      (text) => text === NONE || TOPIC_ARN.test(text),
      'is not the ARN of a topic of SNS that is not FIFO',
    ),
    meaning: 'the topic that triggers of CodeDeploy publish to, of the same region; `none`: the stack makes one',
  },
  CodeDeployMinimumAgeSeconds: {
    default: '3600',
    schema: wholeNumber(0, 86400),
    meaning: 'copies of Auto Scaling groups that nothing told of are removed when their deployment ended so long ago',
  },
  CheckIntervalSeconds: {
    default: '10',
    // SQS delays a message for no longer.
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    schema: wholeNumber(0, 900),
    meaning:
      'how long a stage waits before it looks again, at most: 2 s where it has just acted or something is about to end, 5 s where a clone may be ready any moment',
  },
  CycleSeconds: {
    default: '210',
    // A step's cycles end before its stage does, after 7200 s.
    schema: wholeNumber(1, 3600),
    meaning: 'one period of checking',
  },
  Repetitions: {
    default: '2',
    schema: wholeNumber(1, 9),
    meaning: 'a step has so many cycles of checking; the tag `repetitions` overrides',
  },
  ProvisioningLimitSeconds: {
    default: '600',
    schema: wholeNumber(1, 7200),
    meaning: 'how long the clones of the load balancers may take to become active',
  },
  NetworkDrainSeconds: {
    default: '120',
    schema: wholeNumber(0, 3600),
    meaning:
      'how long a group that was detached from Network Load Balancers keeps its instances at least: they send new connections for so long, whatever the deregistration delay is',
  },
  RepublishAfterSeconds: {
    default: '45',
    // The watchdog publishes again what is older than that.
    schema: wholeNumber(1, 240),
    meaning: 'an event that is one behind repeats its successors only when they were published at least so long ago',
  },
  ArchiveRetentionDays: {
    default: '30',
    // An archive can keep events for ever (0), marks of what was mailed cannot: a replay would repeat the mails.
    // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateArchive.html
    schema: wholeNumber(1, 365),
    meaning: 'how far back events can be replayed',
  },
  HistoryRetentionDays: {
    default: '0',
    schema: wholeNumber(0, 36500),
    meaning: 'how long the history of deployments is kept; 0: for ever',
  },
  LogRetentionDays: {
    default: '90',
    // CloudWatch keeps logs for no other times that the packager knows.
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
    schema: oneOf([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 2192, 2557, 2922, 3288, 3653,
    ]).transform(Number),
    meaning: 'how long logs are kept',
  },
};

/** What is wrong with values that are right each by itself: the parameter, and what is said of it. */
function relationsBroken({ Region, CodeDeployTopicArn }) {
  const [, topicRegion = Region] = TOPIC_ARN.exec(CodeDeployTopicArn) ?? [];
  if (topicRegion === Region) return [];
  return [['CodeDeployTopicArn', `is of another region than the stack, which is in ${Region}`]];
}

/** What is not whole ends in records that nobody can read. */
function wholeNumber(minimum, maximum) {
  const isInRange = (text) => /^\d+$/.test(text) && Number(text) >= minimum && Number(text) <= maximum;
  const error = `is not a whole number from ${minimum} to ${maximum}`;
  return fitting(isInRange, error)
    .transform(Number)
    .meta({ allowed: `${minimum} to ${maximum}` });
}

function oneOf(values) {
  const texts = values.map(String);
  return z.enum(texts, { error: `is not one of ${texts.join(', ')}` });
}

function fitting(isRight, error) {
  return z.string().refine(isRight, { error });
}

/** Separated by commas, with or without blanks, each once; an empty one, as after a comma at the end, is none. */
function listOf(item, kind) {
  return z.string().transform((text, context) => {
    if (text === NONE) return [];
    const items = text.split(',').flatMap((part) => part.trim() || []);
    const wrong = items.find((one) => !item.safeParse(one).success);
    const error = wrong === undefined ? 'names nothing' : `has an item that is not ${kind}, ${JSON.stringify(wrong)}`;
    if (wrong === undefined && items.length > 0) return [...new Set(items)];
    context.issues.push({ code: 'custom', message: error, input: text });
    return z.NEVER;
  });
}

/** Newer versions of Node know offsets as well, which are no zones: they do not change in summer. */
function isTimeZone(name) {
  try {
    return /^[a-z]/i.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function isBucket(name) {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !/^[\d.]+$/.test(name);
}

module.exports = { NONE, PARAMETERS, relationsBroken };
