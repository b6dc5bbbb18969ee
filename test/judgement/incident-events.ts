// Events of composed incidents, as EventBridge delivers them: what happened, at which second, in or about us-east-1.
import { type Line, toLine } from './expectations.ts';

export const start = Date.parse('2026-11-23T03:00:00Z');
export const zones = ['use1-az1', 'use1-az2', 'use1-az4'] as const;
export const [az1, az2, az4] = zones;
export const outside = ['us-west-2', 'eu-west-1', 'ap-southeast-1'] as const;

let count = 0;

function event(source: string, type: string, seconds: number, region: string, detail: unknown): Line {
  count += 1;
  const time = new Date(start + seconds * 1000).toISOString();
  return toLine(JSON.stringify({ id: `event-${count}`, source, 'detail-type': type, time, region, detail }));
}

export function alarm(name: string, seconds: number, value = 'ALARM', region = 'us-east-1', state: object = {}): Line {
  const detail = { alarmName: `chatops-${name}`, state: { value, ...state } };
  return event('aws.cloudwatch', 'CloudWatch Alarm State Change', seconds, region, detail);
}

/** Alarms of one zone, a few seconds apart. */
export function zoneAlarms(
  names: readonly string[],
  zone: string,
  seconds: number,
  value = 'ALARM',
  region = 'us-east-1',
): Line[] {
  return names.map((name, index) => alarm(`${name}-${zone}`, seconds + 4 * index, value, region));
}

/** A change of an alarm's state at a millisecond, in an envelope that has whole seconds. */
export function change(name: string, seconds: number, value: string, previous: string, previousSeconds: number): Line {
  const at = (second: number) => new Date(start + second * 1000).toISOString().replace('Z', '+0000');
  const detail = {
    alarmName: `chatops-${name}`,
    state: { value, timestamp: at(seconds) },
    previousState: { value: previous, timestamp: at(previousSeconds) },
  };
  return event('aws.cloudwatch', 'CloudWatch Alarm State Change', Math.floor(seconds), 'us-east-1', detail);
}

/** An alarm was deleted: its last state goes with it, and no other one comes. */
export function deleted(name: string, seconds: number, value = 'ALARM'): Line {
  return event('aws.cloudwatch', 'CloudWatch Alarm Configuration Change', seconds, 'us-east-1', {
    alarmName: `chatops-${name}`,
    operation: 'delete',
    state: { value },
  });
}

export function canary(observer: string, seconds: number, value = 'ALARM'): Line {
  return alarm(`canary-${observer}`, seconds, value, observer);
}

export function canaries(seconds: number, value = 'ALARM'): Line[] {
  return outside.map((observer, index) => canary(observer, seconds + 10 * index, value));
}

export function run(observer: string, seconds: number, passed: boolean): Line {
  const detail = { 'canary-name': `chatops-${observer}`, 'test-run-status': passed ? 'PASSED' : 'FAILED' };
  const type = `Synthetics Canary TestRun ${passed ? 'Successful' : 'Failure'}`;
  return event('aws.synthetics', type, seconds, observer, detail);
}

/** All observers pass every minute in a span of seconds. */
export function passing(from: number, to: number): Line[] {
  const minutes = Array.from({ length: Math.floor((to - from) / 60) + 1 }, (_, index) => from + 60 * index);
  return minutes.flatMap((second) => outside.map((observer) => run(observer, second, true)));
}

export function probe(service: string, seconds: number, value = 'ALARM'): Line {
  return alarm(`probe-${service}-us-east-1`, seconds, value, 'us-west-2');
}

export function heartbeat(seconds: number, value = 'ALARM'): Line {
  return alarm('heartbeat-us-east-1', seconds, value, 'us-west-2');
}

export function health(seconds: number, text: string, service = 'EC2', statusCode = 'open'): Line {
  return event('aws.health', 'AWS Health Event', seconds, 'us-east-1', {
    eventArn: `arn:aws:health:us-east-1::event/${service}/AWS_${service}_OPERATIONAL_ISSUE/1`,
    service,
    eventTypeCategory: 'issue',
    statusCode,
    eventRegion: 'us-east-1',
    eventDescription: [{ language: 'en_US', latestDescription: text }],
  });
}

export function shift(type: string, zone: string, seconds: number): Line {
  return event('aws.arc-zonal-shift', type, seconds, 'us-east-1', { metadata: { awayFrom: zone, notes: '' } });
}

export function release(phase: string, seconds: number): Line {
  return event('chatops.deploy', 'Chatops Deployment', seconds, 'us-east-1', {
    phase,
    deploymentId: 'd-1',
    targetRegion: 'us-east-1',
  });
}

export function maintenance(phase: string, targets: string[], seconds: number): Line {
  return event('chatops.maintenance', 'Chatops Maintenance Window', seconds, 'us-east-1', {
    phase,
    windowId: 'mw-1',
    targets,
    plannedMinutes: 30,
  });
}
