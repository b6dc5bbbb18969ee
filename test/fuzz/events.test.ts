// What reaches the stacks from outside: events of any sender, messages of topics, changes of executions, requests at the door. One that is
// rubbish costs only itself.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkFor } from '../../functions/shared/approval/links.ts';
import { start } from '../functions/setting.ts';
import { request as sample } from '../store/samples.ts';
import { ofEvents, type Seen, seen } from './edges.ts';
import { broken, type Json, rubbish, runs, text, value } from './rubbish.ts';

const folder = join(import.meta.dirname, '../../events');
const real = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Json);
const anEvent = fc.oneof(
  ...real.map((one) => broken(one)),
  // Of our account and region, as a sender of the plan could put them on the application's bus.
  fc.record({ source: text, 'detail-type': text, detail: value, region: text, account: text, time: text, id: text }),
);

test.for(ofEvents)('%s refuses what is no event at all, and does nothing', async (file) => {
  await fc.assert(
    fc.asyncProperty(rubbish, async (event) => {
      const { run, written, asked } = seen();
      expect(await run(file, event)).toBe(null);
      expect([...written, ...asked]).toEqual([]);
    }),
    runs(50),
  );
});

test('no single event starts a flow, and one among good ones keeps none of them from being read', async () => {
  const body = fc.oneof(
    anEvent.map((event) => JSON.stringify(event)),
    rubbish.map((one) => JSON.stringify(one)),
    text,
  );
  const beat = JSON.stringify(real.find(({ source }) => source === 'chatops.heartbeat'));
  await fc.assert(
    fc.asyncProperty(body, async (bad) => {
      const { run, asked, written, shell } = seen();
      const Records = [bad, beat].map((one, index) => ({ messageId: `m-${index}`, body: one }));
      expect(await run('classify', { Records })).toBe(null);
      expect(asked.filter((one) => one.endsWith('StartExecution'))).toEqual([]);
      expect(written.filter((one) => /^(standing|fences|requests|token|link)/.test(one))).toEqual([]);
      const signals = await Promise.all(Object.keys(shell.plan.regions).map((one) => shell.store.readSignals(one, 0)));
      expect(signals.flat().filter(({ kind }) => kind === 'beat').length).toBeGreaterThan(0);
    }),
    runs(150),
  );
});

test('what a cache tells its topic is forwarded or refused, and nothing else is done', async () => {
  const Sns = fc.record({
    MessageId: text,
    Message: fc.oneof(
      text,
      value.map((one) => JSON.stringify(one)),
    ),
  });
  const time = fc.oneof(fc.constant('2026-11-23T03:00:00.000Z'), text);
  await fc.assert(
    fc.asyncProperty(Sns, time, async (message, Timestamp) => {
      const { run, asked, written } = seen(() => ({ FailedEntryCount: 0 }));
      expect(await run('forward-cache-events', { Records: [{ Sns: { ...message, Timestamp } }] })).toBe(null);
      expect(asked.filter((one) => one !== 'eventbridge PutEvents')).toEqual([]);
      expect(written).toEqual([]);
    }),
    runs(60),
  );
});

test('what is said of an execution that stopped is told or left, and moves nothing', async () => {
  const arn = 'arn:aws:states:us-east-1:111122223333';
  const detail = fc.record(
    {
      executionArn: fc.oneof(fc.constant(`${arn}:execution:breakwater-test-az-failover:x`), text),
      stateMachineArn: fc.oneof(
        ...['az-failover', 'region-failover', 'drill'].map((flow) =>
          fc.constant(`${arn}:stateMachine:breakwater-test-${flow}`),
        ),
        text,
      ),
      name: text,
      status: fc.constantFrom('FAILED', 'TIMED_OUT', 'ABORTED', 'SUCCEEDED', 'RUNNING'),
      stopDate: fc.oneof(fc.integer(), fc.constantFrom(null, 8.7e15, -1)),
      input: fc.oneof(
        text,
        value.map((one) => JSON.stringify(one)),
        fc.constant(null),
      ),
      error: fc.oneof(text, fc.constant(null)),
      cause: fc.oneof(
        text,
        value.map((one) => JSON.stringify(one)),
        fc.constant(null),
      ),
    },
    { noNullPrototype: true },
  );
  const quiet = /^(sns Publish|sqs SendMessage|\S+ (Describe|Get|List)\w*)$/;
  await fc.assert(
    fc.asyncProperty(detail, async (said) => {
      const { run, asked, written } = seen();
      expect(await run('report-failure', { detail: said })).toBe(null);
      expect(asked.filter((one) => !quiet.test(one))).toEqual([]);
      expect(written.filter((one) => /^(standing|fences|requests|token|holders)/.test(one))).toEqual([]);
    }),
    runs(100),
  );
});

/** A request that waits, the link of who may answer it, and a key of links. */
async function waiting(): Promise<Seen & { readonly link: string }> {
  const key = Buffer.alloc(32, 'k').toString('base64');
  const secret = { SecretString: JSON.stringify({ keys: [{ id: 'k1', key }] }) };
  const stack = seen(({ operation }) => (operation === 'GetSecretValue' ? secret : {}), { region: 'us-west-2' });
  const request = { ...sample, askedAt: start, expiresAt: start + 3_600_000 };
  await stack.shell.store.openRequest(request, 'the-task-token');
  const link = await stack.within(() => linkFor(request, 'dba', stack.shell));
  stack.written.length = 0;
  stack.asked.length = 0;
  return { ...stack, link: new URL(link).pathname };
}

test('whatever is sent to the door, without the words of a person nothing is answered, and the door does not fall over', async () => {
  const method = fc.oneof(fc.constantFrom('GET', 'POST', 'HEAD'), text);
  const field = fc.oneof(fc.constantFrom('approve', 'reject', 'us-east-1', 'us-east-1 stays unfenced', 'true'), text);
  const names = fc.constantFrom('answer', 'region', 'unfenced', 'reason', 'token', 'action', 'confirm');
  const form = fc.dictionary(fc.oneof(names, text), field, { maxKeys: 7, noNullPrototype: true });
  const body = fc.oneof(
    text,
    value.map((one) => JSON.stringify(one)),
    form.map((fields) => JSON.stringify(fields)),
    fc
      .array(fc.tuple(fc.oneof(names, text), field), { maxLength: 7 })
      .map((all) =>
        all
          .map(([name, one]) => [name, one].map((part) => encodeURIComponent(part.toWellFormed())).join('='))
          .join('&'),
      ),
  );
  const headers = fc.dictionary(fc.oneof(fc.constantFrom('content-type', 'origin', 'Sec-Fetch-Site'), text), text, {
    maxKeys: 3,
    noNullPrototype: true,
  });
  const where = fc.oneof(
    fc.constant('link'),
    fc.constant(`/requests/${encodeURIComponent(sample.id)}`),
    text.map((one) => `/r/${one}`),
    text.map((one) => `/requests/${one}`),
    text,
  );
  const caller = fc.oneof(
    fc.constant(undefined),
    text.map((userArn) => ({ iam: { userArn } })),
  );
  const asked = fc.record({ method, body, headers, where, caller });
  await fc.assert(
    fc.asyncProperty(asked, async ({ method, body, headers, where, caller }) => {
      const errors: string[] = [];
      const { run, written, asked, shell, link } = await waiting();
      shell.log.error = (message, details) => void errors.push(`${message} ${JSON.stringify(details)}`);
      const event = {
        ...{ rawPath: where === 'link' ? link : where, headers, body, isBase64Encoded: false },
        requestContext: { http: { method, sourceIp: '192.0.2.1' }, ...(caller && { authorizer: caller }) },
      };
      expect(await run('serve-approval', event)).toBe(null);
      expect(errors).toEqual([]);
      expect(await shell.store.readAnswers(sample.id)).toEqual([]);
      // What a stranger tries is counted.
      expect(written.filter((one) => !one.startsWith('hits#'))).toEqual([]);
      expect(asked.filter((one) => !/GetSecretValue|DescribeExecution/.test(one))).toEqual([]);
    }),
    runs(100),
  );
});
