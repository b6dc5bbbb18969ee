// What CloudTrail, RDS, ElastiCache and Auto Scaling answer in tests: each by its operation, empty where nothing is said; an error is thrown.
import { vi } from 'vitest';
import { ChangesClient, type ChangesCommand } from '../../functions/aws/looking/changes.ts';

type Answer = (input: ChangesCommand['input']) => unknown;

/** Gives the commands that were asked. */
export function changesAnswer(answers: Partial<Record<ChangesCommand['operation'], Answer>> = {}): ChangesCommand[] {
  const asked: ChangesCommand[] = [];
  vi.spyOn(ChangesClient.prototype, 'send').mockImplementation(async (command) => {
    asked.push(command);
    return answers[command.operation]?.(command.input) ?? {};
  });
  return asked;
}

/** A refusal, as an SDK client throws it. */
export function refused(name: string, httpStatusCode = 400): Error {
  return Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });
}

type Called = {
  readonly at: number;
  readonly call?: string;
  readonly service?: string;
  readonly role?: string;
  readonly session?: string;
  readonly on?: object;
  readonly more?: object;
};

/** An event as CloudTrail gives it: of a person with a role who changed the database, where nothing else is said. */
export function called(said: Called) {
  const { at, call = 'ModifyDBInstance', service = 'rds', role = 'database-admin', session = 'anna', more = {} } = said;
  const { on = { dBInstanceIdentifier: 'chatops-prod', applyImmediately: true } } = said;
  const record = {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROAEXAMPLE:${session}`,
      arn: `arn:aws:sts::111122223333:assumed-role/${role}/${session}`,
      sessionContext: { sessionIssuer: { type: 'Role', userName: role } },
    },
    eventTime: `${new Date(at).toISOString().slice(0, 19)}Z`,
    eventSource: `${service}.amazonaws.com`,
    eventName: call,
    requestParameters: on,
    readOnly: false,
    ...more,
  };
  return { EventTime: Math.floor(at / 1000), EventName: call, CloudTrailEvent: JSON.stringify(record) };
}
