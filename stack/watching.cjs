/**
 * What people look at in CloudWatch: a dashboard, and queries of the log. The body of a dashboard is JSON in a text, which
 * YAML cannot make of what it is written in.
 */
const { readFileSync } = require('node:fs');

module.exports = async ({ resolveVariable }) => {
  const stack = `${await resolveVariable('self:service')}-${await resolveVariable('sls:stage')}`;
  const functions = [...readFileSync('serverless.yml', 'utf8').matchAll(/^ {2}([\w-]+): .*:function\}$/gm)].map(
    ([, name]) => ({ name, resource: resourceOf(name) }),
  );
  const groups = functions.map(({ resource }) => ({ Ref: `${resource}LogGroup` }));
  const queries = Object.entries(QUERIES).map(([id, { name, lines }]) => [
    `${id}Query`,
    {
      Type: 'AWS::Logs::QueryDefinition',
      Properties: { Name: `${stack}/${name}`, LogGroupNames: groups, QueryString: lines.join('\n| ') },
    },
  ]);
  const body = JSON.stringify({ start: '-P7D', periodOverride: 'inherit', widgets: widgetsOf(stack, functions) });
  const dashboard = {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: { DashboardName: stack, DashboardBody: { 'Fn::Sub': body } },
  };
  return { Resources: { Dashboard: dashboard, ...Object.fromEntries(queries) } };
};

/** As the packager calls what it makes for a function. */
function resourceOf(name) {
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', 'Dash');
}

const NEWEST_FIRST = ['sort @timestamp desc', 'limit 200'];

/** By the ending of their resource. */
const QUERIES = {
  Outcomes: {
    name: 'what became of each deployment',
    lines: [
      'filter ispresent(outcome)',
      'display @timestamp, task, outcome, Code, DeploymentSeconds, calls, requestId, deploymentId',
      ...NEWEST_FIRST,
    ],
  },
  Deployment: {
    name: 'all that was logged of one deployment (put its id in)',
    lines: [
      'filter deploymentId = "DEPLOYMENT" and message != "measured"',
      'display @timestamp, function, message, waitingFor, code, reason, subject, requestId, invocationId',
      'sort @timestamp asc',
      'limit 10000',
    ],
  },
  Failures: {
    name: 'why stages failed, and what was not run',
    lines: [
      'filter message in ["failed", "blocked", "refused"] or message like /^refused: /',
      'display @timestamp, task, stage, message, code, reason, deploymentId',
      ...NEWEST_FIRST,
    ],
  },
  Waiting: {
    name: 'what stages waited for, and how often they looked',
    lines: [
      'filter message = "again"',
      'stats count() as looks, max(@timestamp) as last by task, stage, waitingFor',
      'sort looks desc',
      'limit 200',
    ],
  },
  Broken: {
    name: 'invocations that broke off',
    lines: [
      'filter @message like /Task timed out|Runtime\\.ExitError|Invoke Error|Runtime exited/',
      'display @timestamp, @log, @message',
      ...NEWEST_FIRST,
    ],
  },
};

const HOUR = 3600;
const STAGES = ['start', 'check-dummy', 'attach-real', 'check-real', 'swap', 'retire', 'clean-up'];
const OUTCOMES = ['Completed', 'Failed', 'Aborted', 'Blocked', 'Refused', 'Cleaned'];
const DEAD_LETTERS = ['Rule', 'FailureMail', 'UploadRule', 'CodeDeployRule', 'Function', 'Resume'];
const WAITING = ['DelayQueue', 'ShortDelayQueue', 'MediumDelayQueue', 'UploadQueue'];

/** Two in a row, as high as six of the grid's 24 columns are wide. */
function widgetsOf(stack, functions) {
  const ours = (name, ...dimensions) => ['BlueGreen', name, 'Stack', stack, ...dimensions];
  const ofStages = (name, stages = STAGES) => stages.map((stage) => [...ours(name, 'Stage', stage), { label: stage }]);
  const ofQueues = (name, queues) =>
    queues.map((queue) => ['AWS/SQS', name, 'QueueName', `\${${queue}.QueueName}`, { label: queue }]);
  const byCode = (name) => `SEARCH('{BlueGreen,Stack,Code} MetricName="${name}" Stack="${stack}"', 'Sum', ${HOUR})`;
  const widgets = [
    graph(
      'How deployments ended',
      'Sum',
      OUTCOMES.map((name) => [...ours(name)]),
      { view: 'bar', period: 86_400 },
    ),
    graph('Failed and refused, by code', 'Sum', [
      [{ expression: byCode('Failed') }],
      [{ expression: byCode('Refused') }],
    ]),
    graph('Seconds of a deployment', 'Average', [
      [...ours('DeploymentSeconds'), { label: 'average' }],
      [...ours('DeploymentSeconds'), { label: 'longest', stat: 'Maximum' }],
    ]),
    graph('Seconds of its stages, on average', 'Average', ofStages('StageSeconds')),
    graph('Cycles of checking, on average', 'Average', ofStages('Cycles', ['check-dummy', 'check-real'])),
    graph('Calls that the account refused for being too many', 'Sum', ofStages('Throttles')),
    graph('Dead letters: each has an alarm, whose mail says what to do', 'Maximum', [
      ...ofQueues(
        'ApproximateNumberOfMessagesVisible',
        DEAD_LETTERS.map((name) => `${name}DeadLetters`),
      ),
    ]),
    graph('Seconds that the oldest message waits', 'Maximum', ofQueues('ApproximateAgeOfOldestMessage', WAITING)),
    graph('Invocations that failed, each attempt', 'Sum', [
      ...functions.map(({ name, resource }) => [
        ...['AWS/Lambda', 'Errors', 'FunctionName', `\${${resource}LambdaFunction}`, { label: name }],
      ]),
    ]),
    {
      type: 'log',
      properties: { title: 'What became of each deployment', view: 'table', query: outcomesOf(functions) },
    },
  ];
  const alarms = [...DEAD_LETTERS.map((name) => `${name}DeadLettersAlarm`), 'WatchdogAlarm'];
  return [
    placed({ type: 'text', properties: { markdown: introduction(stack) } }, { x: 0, y: 0, width: 12, height: 3 }),
    placed(
      { type: 'alarm', properties: { title: 'Alarms', alarms: alarms.map((alarm) => `\${${alarm}.Arn}`) } },
      { x: 12, y: 0, width: 12, height: 3 },
    ),
    ...widgets.map((widget, index) =>
      placed(widget, { x: (index % 2) * 12, y: 3 + Math.floor(index / 2) * 6, width: 12, height: 6 }),
    ),
  ];
}

function graph(title, stat, metrics, options = {}) {
  return { type: 'metric', properties: { title, stat, metrics, view: 'timeSeries', period: HOUR, ...options } };
}

/** Whatever shows data says of which region. */
function placed({ type, properties }, place) {
  return {
    type,
    ...place,
    properties: { ...properties, ...(/metric|log/.test(type) && { region: '${AWS::Region}' }) },
  };
}

function outcomesOf(functions) {
  const sources = functions.map(({ resource }) => `SOURCE '\${${resource}LogGroup}'`);
  return [...sources, ...QUERIES.Outcomes.lines].join(' | ');
}

function introduction(stack) {
  const stage = stack.slice(stack.indexOf('-') + 1);
  return [
    `**${stack}** deploys wars to pairs of Auto Scaling groups. Who serves, and what runs:`,
    `\`bluegreen status --stage ${stage}\``,
    `Why one ended as it did: \`bluegreen explain TASK --stage ${stage}\`. What is amiss: \`bluegreen doctor --stage ${stage}\``,
  ].join('\n\n');
}
