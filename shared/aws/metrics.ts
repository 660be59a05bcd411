/**
 * Metrics, without a call: CloudWatch makes them of lines of the log that are in its embedded metric format, as a root object
 * with anything else beside them.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import type { Log } from './log';
import type { Runtime } from './runtime';

const NAMESPACE = 'BlueGreen';

/** Each set of values that they have is billed as a metric of its own: a task or a deployment is no dimension. */
export interface Dimensions {
  Stack: string;
  Stage?: string;
  /** What has one is counted without it, too. */
  Code?: string | undefined;
}

/** What of a name ends so is a time. */
const TIME = /Seconds$/;

/** Logs them as one line, which says what else is known, too. */
export function measure(
  { now }: Runtime,
  log: Log,
  { Code, ...dimensions }: Dimensions,
  metrics: Readonly<Record<string, number>>,
  about: object = {},
): void {
  const names = Object.keys(dimensions);
  const directive = {
    Namespace: NAMESPACE,
    Dimensions: [names, ...(Code === undefined ? [] : [[...names, 'Code']])],
    Metrics: Object.keys(metrics).map((Name) => ({ Name, Unit: TIME.test(Name) ? 'Seconds' : 'Count' })),
  };
  const _aws = { Timestamp: now().getTime(), CloudWatchMetrics: [directive] };
  log('measured', { ...about, _aws, ...dimensions, Code, ...metrics });
}
