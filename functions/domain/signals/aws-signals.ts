// Events of AWS services other than alarms: canary runs, Health, zonal shift, and those that kinds read. What single instances and
// groups of them do is not read: nodes that are missed raise alarms, and an account has thousands of instances.
import * as z from 'zod';
import { readerOfKind } from '../kind/kind-signals.ts';
import {
  arn,
  compiled,
  type Envelope,
  firstIssue,
  isObserver,
  name,
  type SignalReader,
  slotOf,
  zoneId,
} from './reading.ts';

/** Who reads an event of AWS; null where nobody does. */
export function awsReader(event: Envelope): SignalReader | null {
  if (event.source === 'aws.synthetics' && event['detail-type'].startsWith('Synthetics Canary TestRun'))
    return readCanaryRun;
  if (event.source === 'aws.health') return readHealth;
  if (event.source === 'aws.arc-zonal-shift') return readShift;
  return readerOfKind(({ source, rule }) => source === event.source && rule === undefined);
}

const canaryDetail = z.object({ 'canary-name': name, 'test-run-status': z.string() });

const readCanaryRun: SignalReader = (detail, _event, common, plan) => {
  const parsed = canaryDetail.safeParse(detail);
  if (!parsed.success) return firstIssue('detail', parsed.error);
  const canary = parsed.data['canary-name'];
  for (const rule of plan.signals.canaries) {
    const observer = compiled(rule.match).exec(canary)?.groups?.['observer'];
    if (observer === undefined || !isObserver(observer, plan)) continue;
    if (observer !== common.region) return `canary ${canary} runs in ${common.region}, and speaks for ${observer}`;
    const passed = parsed.data['test-run-status'] === 'PASSED';
    return {
      ...common,
      kind: 'canary-run',
      region: plan.roles.primary,
      observer,
      key: `run:${observer}:${passed}`,
      passed,
    };
  }
  return `no rule knows canary ${canary}`;
};

const healthDetail = z.object({
  eventArn: arn,
  service: name,
  eventTypeCategory: name,
  statusCode: z.string().optional(),
  eventRegion: name.optional(),
  endTime: z.string().optional(),
  page: z.coerce.string().pipe(name).optional(),
  eventDescription: z.array(z.object({ latestDescription: z.string() })).optional(),
});

const readHealth: SignalReader = (detail, event, common, plan) => {
  const parsed = healthDetail.safeParse(detail);
  if (!parsed.success) return firstIssue('detail', parsed.error);
  const { eventArn, service, eventTypeCategory, statusCode, eventRegion, endTime, page = '1' } = parsed.data;
  // The copy in the backup region speaks of the region in the ARN; same ARN, same page: it counts once.
  const region = eventRegion ?? (eventArn.split(':')[3] || event.region);
  // Bulletins write zone ids in capitals as well.
  const text =
    parsed.data.eventDescription
      ?.map((one) => one.latestDescription)
      .join(' ')
      .toLowerCase() ?? '';
  const zones = Object.keys(plan.regions[region]?.zones ?? {}).filter((zone) => text.includes(zone));
  const open = statusCode === 'open' && endTime === undefined;
  return {
    ...common,
    kind: 'health',
    region,
    observer: 'aws-health',
    key: `health:${slotOf(`${eventArn}:${page}`)}`,
    service: service.toLowerCase(),
    open,
    category: eventTypeCategory,
    zones,
  };
};

const shiftDetail = z.object({ metadata: z.object({ awayFrom: name }) });

const readShift: SignalReader = (detail, event, common, plan) => {
  const parsed = shiftDetail.safeParse(detail);
  if (!parsed.success) return firstIssue('detail', parsed.error);
  const zone = zoneId(parsed.data.metadata.awayFrom, common.region, plan);
  if (zone === null)
    return `zonal shift away from ${parsed.data.metadata.awayFrom}, which is no zone of ${common.region} in the plan`;
  const type = event['detail-type'];
  const cause = shiftCause(type);
  // One that was updated goes on, for longer or shorter.
  const active = /in progress|started|updated/i.test(type);
  return { ...common, kind: 'shift', observer: 'aws-zonal-shift', key: `shift:${cause}:${zone}`, zone, cause, active };
};

function shiftCause(type: string): 'practice' | 'experiment' | 'autoshift' | 'manual' {
  if (/practice/i.test(type)) return 'practice';
  if (/fis/i.test(type)) return 'experiment';
  return /autoshift/i.test(type) ? 'autoshift' : 'manual';
}
