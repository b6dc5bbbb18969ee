// Metrics that stand in a line of a log, as CloudWatch reads them (embedded metric format).
import * as z from 'zod';
import type { MetricName } from './deployment.ts';

const Embedded = z.looseObject({
  _aws: z.looseObject({
    CloudWatchMetrics: z.array(
      z.looseObject({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.looseObject({ Name: z.string() })),
      }),
    ),
  }),
});

/** Each with its value, once for each set of dimensions. A line that is no such line has none. */
export function embeddedMetrics(line: object): readonly (Omit<MetricName, 'stat'> & { readonly value: number })[] {
  if (!('_aws' in line)) return [];
  const { _aws, ...fields } = Embedded.parse(line);
  return _aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.flatMap(({ Name: name }) => {
        const value = fields[name];
        const dimensions = Object.fromEntries(names.map((dimension) => [dimension, String(fields[dimension])]));
        return typeof value === 'number' ? [{ namespace, name, dimensions, value }] : [];
      }),
    ),
  );
}
