// Metrics that stand in a line of a log, as CloudWatch reads them (embedded metric format). CloudWatch drops what breaks its rules and says so
// to nobody who looks; here it fails whoever wrote the line. Rules: "Specification: Embedded metric format" and its JSON schema.
import * as z from 'zod';
import type { MetricName } from '../deployment.ts';

const units =
  /^(Seconds|Microseconds|Milliseconds|((Kilo|Mega|Giga|Tera)?(bytes|bits)|Bytes|Bits)(\/Second)?|Percent|Count(\/Second)?|None)$/i;
const name = z.string().min(1).max(255);
const directive = z.strictObject({
  Namespace: name.refine((text) => !text.startsWith('AWS/'), 'a namespace that is not of AWS'),
  Dimensions: z.array(z.array(z.string().min(1).max(250)).max(30)).min(1),
  Metrics: z
    .array(
      z.strictObject({
        Name: name,
        Unit: z.string().regex(units).optional(),
        StorageResolution: z.literal([1, 60]).optional(),
      }),
    )
    .min(1)
    .max(100),
});
const metadata = z.strictObject({ Timestamp: z.int().nonnegative(), CloudWatchMetrics: z.array(directive).min(1) });

/** Printable ASCII, not white space alone, and no colon in front. */
const dimensionValue = z
  .string()
  .max(1024)
  .regex(/^(?!:)(?=.*[!-~])[ -~]+$/);
const value = z
  .number()
  .refine((number) => number === 0 || (Math.abs(number) >= 2 ** -360 && Math.abs(number) <= 2 ** 360));

/** A line later than this, or older, is no metric any more. */
const [olderMs, laterMs] = [14 * 86_400_000, 2 * 3_600_000];

/** Each with its value, once for each set of dimensions. A line that is no such line has none. @throws where CloudWatch would drop one */
export function embeddedMetrics(
  line: object,
  now: number,
): readonly (Omit<MetricName, 'stat'> & { readonly value: number })[] {
  if (!('_aws' in line)) return [];
  const { _aws, ...members } = line as Readonly<Record<string, unknown>>;
  const { Timestamp, CloudWatchMetrics } = metadata.parse(_aws);
  if (Timestamp < now - olderMs || Timestamp > now + laterMs) throw new Error(`a metric of ${Timestamp}, at ${now}`);
  return CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name: metric }) => ({
        namespace,
        name: metric,
        dimensions: Object.fromEntries(names.map((one) => [one, dimensionValue.parse(members[one])])),
        value: value.parse(members[metric]),
      })),
    ),
  );
}
