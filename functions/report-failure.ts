// Desired state: a person knows that a flow stopped, where, and how it goes on, or that a daily build failed; a drill that stopped is concluded. Called
// when the status of an execution or of a build changes.
import * as z from 'zod';
import { machineIn } from './domain/flows.ts';
import { concludeGone } from './shared/drills/conclude-drill.ts';
import { BuildChange, tellFailedBuild } from './shared/failed-build.ts';
import { tellStop } from './shared/messages/stopped.ts';
import { onEvent, parsed, type Shell } from './shared/shell.ts';

/** The parts of 'Step Functions Execution Status Change' that are read here. */
const StatusChange = z.object({
  detail: z.object({
    executionArn: z.string(),
    stateMachineArn: z.string(),
    name: z.string(),
    status: z.string(),
    /** Milliseconds since 1970. */
    stopDate: z.number().nullish(),
    redriveCount: z.int().nonnegative().default(0),
    input: z.string().nullish(),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});

const stopped = z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']);

/** What is no flow or project of this stack, or did not stop, is not reported. */
export const handler = onEvent(async (event: unknown, shell: Shell): Promise<void> => {
  const built = BuildChange.safeParse(event);
  if (built.success) return tellFailedBuild(built.data, shell);
  const { detail } = parsed(StatusChange, event);
  const flow = machineIn(detail.stateMachineArn, shell.prefix);
  const status = stopped.safeParse(detail.status);
  if (flow === null || !status.success) return;
  const { name: execution, executionArn, stopDate, redriveCount, input, error, cause } = detail;
  if (flow === 'drill' && (await concludeGone(execution, status.data, shell))) return;
  const how = { error: error ?? null, cause: cause ?? null, stoppedAt: stopDate ?? null, redriven: redriveCount };
  const stop = { flow, execution, executionArn, status: status.data, input: input ?? '', ...how };
  await tellStop(stop, shell, { isNews: true });
});
