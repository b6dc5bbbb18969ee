// What an incident or a drill did not show, and why. A report that names only what went well is trusted too much. Pure.
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
            'the simulator is a model: it refuses, throttles and fails as AWS is known to do; real AWS may behave differently',
          ),
          said('The application and its data', 'the simulator counts writes, but has no tables'),
          ...(asked
            ? [said('People under stress', 'the drill plays the approvers: they find the page, but read nothing')]
            : []),
        ]
      : []),
    ...(idle.length === 0
      ? []
      : [said(`The recovery of ${idle.join(', ')}`, 'no step was about it: it was not affected, or it was healthy')]),
    ...(actions.has('az-failover')
      ? []
      : [said('Leaving a zone', 'this was not a zone failure, or nothing was moved')]),
    ...(actions.has('request-approval') || asked
      ? []
      : [
          said(
            `Giving up ${primary}: approval, fencing, promotion, redirection`,
            'this was not a region disaster, or no approval was requested',
          ),
        ]),
    ...(asked ? [] : [said('Whether enough approvers can be reached', 'no approval was requested')]),
    said(`Running in ${standby} for days, with the load of a whole week`, 'the report ends with the incident'),
    said(`Failback to ${primary}`, 'a failback is a separate flow that a person starts'),
    ...(restores ? [] : [said('Restoring from a backup', 'no backup was restored')]),
    said('Telling customers', 'a status page is not part of the plan'),
  ];
}
