// AWS FIS: starts, shows and stops experiments.
import * as z from 'zod';
import type { Experiment } from '../services/experiments.ts';
import { type Answers, noteMutation, read } from './answer.ts';

const start = z.looseObject({ clientToken: z.string().min(1), experimentTemplateId: z.string() });
const one = z.looseObject({ id: z.string() });

export const fis: Answers = {
  StartExperiment(call, parts) {
    const { clientToken, experimentTemplateId } = read(start, call);
    const { experiment, fresh } = parts.experiments.start(call.region, experimentTemplateId, clientToken);
    if (fresh) noteMutation(call, parts, parts.experiments.targetOf(experiment), null);
    return { experiment: shown(experiment) };
  },
  GetExperiment: (call, parts) => ({
    experiment: shown(parts.experiments.find(call.region, read(one, call).id)),
  }),
  StopExperiment(call, parts) {
    const { id } = read(one, call);
    const stopped = parts.experiments.stop(call.region, id);
    noteMutation(call, parts, id, null);
    return { experiment: shown(stopped) };
  },
};

function shown({ id, status, reason }: Experiment) {
  return { id, state: { status, reason } };
}
