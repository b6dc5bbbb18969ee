// What people may do, by the policies of docs/permissions.md with their gaps filled in.
import type { Statement } from '../../simulator/iam/evaluate.ts';
import { account } from './resolve.ts';
import { sectionOf } from './reviewed.ts';

const headings = {
  looks: 'Who looks',
  answers: 'Who answers',
  operates: 'Who operates',
  'acts by hand': 'Who acts by hand',
  'is told': 'Who is told',
} as const;
export type Person = keyof typeof headings;

/** The policy of each person, for a stage, and for the two APIs. */
export function policiesOf(stage: string): Readonly<Record<Person, readonly Statement[]>> {
  const read = (person: Person): readonly Statement[] => {
    const [, json = ''] = /```json\n(.*?)```/s.exec(sectionOf(headings[person])) ?? [];
    const filled = json
      .replaceAll('<account>', account)
      .replaceAll('<stage>', stage)
      .replaceAll(/<api in ([a-z0-9-]+)>/g, 'api-$1');
    return (JSON.parse(filled) as { readonly Statement: readonly Statement[] }).Statement;
  };
  const [looks, operates] = [read('looks'), read('operates')];
  return {
    looks,
    answers: read('answers'),
    operates: [...looks, ...operates],
    'acts by hand': [...looks, ...operates, ...read('acts by hand')],
    'is told': read('is told'),
  };
}
