// The shell's log: what an operator asks about is in the line, and no field is lost to the logger's own.
import { Logger } from '@aws-lambda-powertools/logger';
import { afterEach, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { signAbort } from '../../../functions/shared/recovery/waivers.ts';
import { type Details, type Log, type OwnField, step } from '../../../functions/shared/shell.ts';
import { setting } from '../setting.ts';

/** Every name that the type refuses: one that is missing here, or too many, does not compile. */
const refused: Readonly<Record<OwnField, true>> = {
  level: true,
  message: true,
  sampling_rate: true,
  service: true,
  timestamp: true,
  cold_start: true,
  function_arn: true,
  function_memory_size: true,
  function_name: true,
  function_request_id: true,
  tenant_id: true,
  xray_trace_id: true,
};

afterEach(() => vi.restoreAllMocks());

/** The lines that the real logger writes. */
function linesOf(details: Record<string, unknown>): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const logger = new Logger({ serviceName: 'breakwater' });
  const keep = (line: string) => lines.push(JSON.parse(line));
  for (const way of ['info', 'warn'] as const)
    vi.spyOn((logger as unknown as { console: Console }).console, way).mockImplementation(keep);
  logger.info('told', details);
  return lines;
}

test('the names that are refused are those that the logger drops or writes itself', async () => {
  const installed = new URL('../../../node_modules/@aws-lambda-powertools/logger/lib/esm/', import.meta.url);
  const { ReservedKeys } = await import(`${installed}constants.js`);
  const { PowertoolsLogFormatter } = await import(`${installed}formatter/PowertoolsLogFormatter.js`);
  const written = new PowertoolsLogFormatter().formatAttributes({ timestamp: new Date() }, {}).getAttributes();
  const own = new Set([...ReservedKeys, ...Object.keys(written)]);
  expect(Object.keys(refused).sort()).toEqual([...own].sort());
});

test.for(['level', 'message', 'sampling_rate', 'service', 'timestamp'])(
  'a field called %s would be lost, and a warning written in its place',
  (field) => {
    const [warning, line] = linesOf({ [field]: 'ours', kept: 1 });
    expect(warning).toMatchObject({ level: 'WARN', message: expect.stringContaining(`"${field}"`) });
    expect(line).toMatchObject({ kept: 1 });
    expect(line?.[field]).not.toBe('ours');
  },
);

test('within a field, and in another case, every name is kept', () => {
  const details: Details = { decision: { level: 3, service: 'rds', message: 'm' }, Level: 3 };
  expect(linesOf(details)).toEqual([expect.objectContaining(details)]);
});

test('a field of the logger does not compile, nor does a record that could hold one', () => {
  const told: string[] = [];
  const tell = (message: string) => void told.push(message);
  const log: Log = { info: tell, warn: tell, error: tell };
  const decision = { level: 3, action: 'hold' };
  const anything: Record<string, unknown> = decision;
  log.info('1', { action: decision.action, decided: decision });
  // @ts-expect-error a name of the logger's own
  log.info('2', { service: 'rds' });
  // @ts-expect-error the same, spread
  log.warn('3', { ...decision });
  // @ts-expect-error the same, in a variable
  log.error('4', decision);
  // @ts-expect-error who knows what it holds
  log.error('5', anything);
  expect(told).toHaveLength(5);
});

test('a step that a schedule calls is awake, and does nothing', async () => {
  const run = vi.fn();
  const handler = step(z.strictObject({ execution: z.string() }), run);
  const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event', resources: [], detail: {} };
  expect(await handler.on(setting())(scheduled)).toEqual({ awake: true });
  expect(run).not.toHaveBeenCalled();
  await expect(handler.on(setting())({ source: 'chatops' })).rejects.toThrow('execution: ');
});

test.for([
  ['of an incident', { incident: { execution: 'one' } }, { incident: { execution: 'two' } }],
  ['that begins', { execution: 'one' }, { execution: 'two' }],
] as const)(
  'a step %s whose execution a person has aborted does nothing; one of another execution goes on',
  async ([, aborted, other]) => {
    const run = vi.fn(async () => 'done');
    const of = z.object({ execution: z.string() });
    const handler = step(z.union([of, z.object({ incident: of })]), run);
    const shell = setting();
    await signAbort('one', 'ana', shell);
    await expect(handler.on(shell)(aborted)).rejects.toMatchObject({
      name: 'Aborted',
      message: 'one was aborted by ana at 23 Nov 2026, 03:00 UTC: nothing of it goes on',
    });
    expect(run).not.toHaveBeenCalled();
    expect(await handler.on(shell)(other)).toBe('done');
  },
);
