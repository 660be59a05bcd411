/** What CloudWatch makes of the lines that functions have logged: the metrics in them, read as its format is specified. */
import * as z from 'zod';

/** One value of a metric, as `Failed Stack=bluegreen-dev Code=T001`. */
export interface Measured {
  metric: string;
  value: number;
  unit: string;
  /** The line that it was in. */
  line: Record<string, unknown>;
}

const DAY_MILLISECONDS = 86_400_000;

/** "MetricDatum", "Dimension", API reference: printable ASCII, not blank. */
const dimensionValue = z
  .string()
  .max(1024)
  .regex(/^(?=.*[!-~])[ -~]+$/);

/**
 * "Specification: Embedded metric format", CloudWatch's user guide: objects that it defines have no other members, the root
 * may; at most 30 dimensions to a set and 100 metrics to a directive.
 */
const metadata = z.strictObject({
  Timestamp: z.int().positive(),
  CloudWatchMetrics: z
    .array(
      z.strictObject({
        Namespace: z.string().regex(/^(?!AWS\/)[\w./#:-]{1,255}$/),
        Dimensions: z.array(z.array(z.string().min(1).max(255)).min(1).max(30)).min(1),
        Metrics: z
          .array(z.strictObject({ Name: z.string().min(1).max(255), Unit: z.enum(['Count', 'Seconds']) }))
          .min(1)
          .max(100),
      }),
    )
    .min(1),
});

/** Throws an Error where a line that has metrics is not as the format wants it. */
export function metricsIn(lines: readonly string[]): Measured[] {
  return lines.filter((line) => line.includes('_aws')).flatMap(metricsOf);
}

function metricsOf(text: string): Measured[] {
  if (text.includes('\n')) throw new Error(`more than one line: ${text}`);
  const line = JSON.parse(text) as Record<string, unknown>;
  const { Timestamp, CloudWatchMetrics } = metadata.parse(line._aws);
  // "PutMetricData": neither more than two weeks old nor of more than two hours from now.
  const age_ms = Date.parse(String(line.time)) - Timestamp;
  if (Math.abs(age_ms) > DAY_MILLISECONDS / 12) throw new Error(`measured at another time: ${text}`);
  return CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name, Unit }) => {
        const dimensions = names.map((name) => `${name}=${dimensionValue.parse(line[name])}`);
        return {
          metric: [Name, ...dimensions].join(' '),
          value: z.number().parse(line[Name]),
          unit: Unit,
          line,
        };
      }),
    ),
  );
}
