// The shapes of what the store keeps of drills, checked when it is written and when it is read back.
import * as z from 'zod';
import { number, type Reader, reader, text, time } from '../record/recorded.ts';
import { drillKinds } from './plan.ts';
import { type DrillRecord, drillOutcomes, type Lever, legs } from './record.ts';

const asked = z.object({ asked: number, failed: number, slowestMs: number.nullable() });

export const drillRecord: Reader<DrillRecord> = reader(
  z.object({
    name: text,
    kind: z.enum(drillKinds),
    execution: text,
    leg: z.enum(legs).nullable(),
    by: text,
    region: text,
    zone: text.nullable(),
    asset: text.nullable(),
    withinSeconds: number,
    startedAt: time,
    before: z.array(text),
    faultAt: time.nullable(),
    struck: text.nullable(),
    experiment: text.nullable(),
    incident: text.nullable(),
    answers: z.array(z.object({ approver: text, answer: z.enum(['approve', 'reject']), at: time })),
    recoveredAt: time.nullable(),
    asked: z.object({ before: asked, during: asked, after: asked }),
    endedAt: time.nullable(),
    outcome: z.enum(drillOutcomes).nullable(),
    why: z.array(text),
  }),
);
export const leverRecord: Reader<Lever> = reader(z.object({ by: text, reason: text, at: time }));
