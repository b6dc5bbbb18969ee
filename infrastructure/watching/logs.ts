// How long logs are kept. Every function's log group is made with it by the framework, with the retention of serverless.yml.
import type { Resource } from '../template.ts';

/** Also in serverless.yml, for the functions' own; a test compares. */
export const retentionDays = 90;

/** A name below /aws/vendedlogs needs no policy of the log group's. */
export function logGroup(name: string): Resource {
  return { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: name, RetentionInDays: retentionDays } };
}
