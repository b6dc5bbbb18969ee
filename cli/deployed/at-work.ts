// What a deployment should not come in between: executions that run or wait for people, and incidents that are open.
import { reasonWords } from '../../functions/domain/words/decision-words.ts';
import { stateWords } from '../../functions/domain/words/words.ts';
import { type Deployment, open } from './deployment.ts';
import { overviewOf } from './overview.ts';

/** A line for each; none where all is quiet. What is not known counts. @throws NotDone where no region answers. */
export async function atWork(deployment: Deployment): Promise<string[]> {
  const opened = await open(deployment);
  const { flows, unseen, requests, beliefs, regions, drills } = await overviewOf(deployment, opened);
  const known = new Set(flows.map(({ name }) => name));
  return [
    ...flows.map(({ flow, name, region, status, states }) => {
      const at = states.map(stateWords).join(', ');
      return `${flow} ${name} in ${region} ${status === 'RUNNING' ? 'runs' : `is paused (${status})`}${at === '' ? '' : `, at ${at}`}`;
    }),
    ...drills.running
      .filter(({ execution }) => !known.has(execution))
      .map(({ name, region }) => `drill ${name} runs in ${region}`),
    ...unseen.map(({ held }) => `whether it runs is not known: ${held}`),
    ...requests.map(({ request }) => `request ${request.id} about ${request.target} waits for people`),
    ...beliefs.flatMap(({ incident, region }) => {
      if (incident === null) return [];
      const last = incident.decisions.at(-1);
      return [`incident ${incident.id} of ${region} is open${last === undefined ? '' : `: ${reasonWords(last)}`}`];
    }),
    ...regions.flatMap(({ region, executionsUnknown, silent }) =>
      executionsUnknown === null && silent === null
        ? []
        : [`what runs in ${region} is not known: ${executionsUnknown ?? silent}`],
    ),
  ];
}
