// Events as EventBridge delivers them, for tests of reading: one maker for each kind, with its values to change.

export const time = '2026-11-23T03:00:00Z';

export type Json = { readonly [key: string]: unknown };

export function event(source: string, type: string, detail: unknown, change: Json = {}): Json {
  return { id: 'e-1', source, 'detail-type': type, time, region: 'us-east-1', detail, ...change };
}

export function alarm(alarmName: unknown, value: unknown = 'ALARM', change: Json = {}, state: Json = {}): Json {
  return event('aws.cloudwatch', 'CloudWatch Alarm State Change', { alarmName, state: { value, ...state } }, change);
}

export function health(detail: Json, change: Json = {}): Json {
  return event(
    'aws.health',
    'AWS Health Event',
    {
      eventArn: 'arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/1',
      service: 'EC2',
      eventTypeCategory: 'issue',
      statusCode: 'open',
      ...detail,
    },
    change,
  );
}

export function database(EventID: string, SourceIdentifier = 'chatops-prod', change: Json = {}): Json {
  return event('aws.rds', 'RDS DB Instance Event', { EventID, SourceIdentifier }, change);
}

export function shift(type: string, awayFrom: unknown): Json {
  return event('aws.arc-zonal-shift', type, { metadata: { awayFrom } });
}

export const run = (name: string, status: string, region = 'eu-west-1') =>
  event(
    'aws.synthetics',
    'Synthetics Canary TestRun Successful',
    { 'canary-name': name, 'test-run-status': status },
    { region },
  );
export const beat = event(
  'chatops.heartbeat',
  'Chatops Heartbeat',
  { sourceRegion: 'us-east-1' },
  { region: 'us-west-2' },
);
export const release = (phase: string, detail: Json = {}, change: Json = {}) => {
  const whole = { phase, deploymentId: 'd-1', targetRegion: 'us-east-1', ...detail };
  return event('chatops.deploy', 'Chatops Deployment', whole, change);
};
export const maintenance = (detail: Json) =>
  event('chatops.maintenance', 'Chatops Maintenance Window', {
    phase: 'STARTED',
    windowId: 'mw-1',
    targets: ['database'],
    ...detail,
  });
export const cache = (detail: Json) => event('chatops.elasticache', 'ElastiCache Notification', detail);

export const west = { region: 'us-west-2' };
