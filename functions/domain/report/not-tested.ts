// What an incident or a drill did not show, and why: a report that names only what went well is believed too far. Pure.
import type { Plan } from '../plan/plan.ts';
import type { Report } from './facts.ts';
import type { IncidentRecord } from './record.ts';
import { notTestedByRun } from './run.ts';
import type { Seen } from './seen.ts';

type NotTested = Report['notTested'];

export function notTestedOf(record: IncidentRecord | null, { source, steps, run }: Seen, plan: Plan): NotTested {
  const { primary, standby } = plan.roles;
  const actions = new Set((record?.incident.decisions ?? []).map(({ action }) => action));
  const touched = new Set([
    ...(steps ?? []).flatMap(({ asset }) => asset ?? []),
    ...(record?.steps ?? []).flatMap(({ step }) => step.split('/')[1] ?? []),
  ]);
  const idle = plan.assets.filter(({ name }) => !touched.has(name)).map(({ name }) => name);
  const asked = (record?.asked ?? []).length > 0;
  const restores = run?.kind === 'restore' || (record?.calls ?? []).some(({ call }) => call.startsWith('rds:Restore'));
  const said = (what: string, why: string) => ({ what, why });
  return [
    ...(run === null ? [] : notTestedByRun(run)),
    ...(source === 'simulator'
      ? [
          said(
            'AWS itself',
            'the simulator is a model: it refuses, throttles and fails as AWS is known to, and AWS may do otherwise',
          ),
          said('The application and its data', 'the twin counts writes, and has no tables'),
          ...(asked
            ? [said('People under stress', 'the drill plays the approvers: they find the page and read nothing')]
            : []),
        ]
      : []),
    ...(idle.length === 0
      ? []
      : [said(`The recovery of ${idle.join(', ')}`, 'nothing was asked of it: it was not in the way, or was well')]),
    ...(actions.has('az-failover')
      ? []
      : [said('Leaving a zone', 'this was no zone failure, or nothing was moved for it')]),
    ...(actions.has('request-approval') || asked
      ? []
      : [
          said(
            `Giving ${primary} up: approval, fence, promotion, redirection`,
            'this was no region disaster, or nobody was asked for it',
          ),
        ]),
    ...(asked ? [] : [said('Whether enough approvers can be reached', 'nobody had to be asked')]),
    said(`Staying in ${standby} for days, under the load of a whole week`, 'the report ends with the incident'),
    said(`Going home to ${primary}`, 'a failback is a flow of its own, started by a person'),
    ...(restores ? [] : [said('Restoring from a backup', 'nothing had to be restored')]),
    said('Telling customers', 'a status page is not part of the plan'),
  ];
}
