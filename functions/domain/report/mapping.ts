// Which part of a report speaks to which control of DORA, SOC 2 and ISO 22301, and what the control asks for that no report can
// show. Sources: (EU) 2022/2554 Articles 11, 12 and 25; (EU) 2024/1774 Article 25; the points of focus of TSC A1.2 and A1.3;
// ISO 22301 clause 8.5.

export type Control = {
  readonly name: string;
  readonly asks: string;
  /** Ids of the sections, in the order of the page. */
  readonly sections: readonly string[];
  readonly elsewhere: string;
};

export const controls: readonly Control[] = [
  {
    name: 'DORA Article 11, response and recovery',
    asks: 'Plans are tested at least once a year and after substantive changes; what was decided, and its effects, are kept.',
    sections: ['verdict', 'why', 'timeline', 'evidence', 'approvals', 'calls', 'messages'],
    elsewhere: 'The business impact analysis, crisis communication to the outside, and estimated losses in money.',
  },
  {
    name: 'DORA Article 12, backup, restoration and recovery',
    asks: 'Recovery time and data loss objectives per function; the integrity of data is checked after a recovery.',
    sections: ['verdict', 'data', 'not-tested'],
    elsewhere:
      'The backup policy. Whether a backup was restored stands among the data checks; drills of the kind restore show it.',
  },
  {
    name: 'DORA Article 25, and (EU) 2024/1774 Article 25, testing',
    asks: 'Severe but plausible scenarios that challenge the assumptions of the plan; switchover to redundant capacity; staff are tested too; deficiencies are analysed and reported to the management body.',
    sections: ['why', 'not-tested', 'people', 'timeline', 'findings', 'comparison'],
    elsewhere: 'The report to the management body, and that what was found was put right.',
  },
  {
    name: 'SOC 2 A1.2, recovery infrastructure',
    asks: 'Recovery infrastructure is there, is watched, and works as designed.',
    sections: ['calls', 'users', 'data', 'safety'],
    elsewhere: 'How the infrastructure is run between incidents: `npm run check`, and the readiness of the regions.',
  },
  {
    name: 'SOC 2 A1.3, recovery tests',
    asks: 'Scenarios by likelihood and magnitude; key people absent; results lead to changes of the plan; backup data is whole.',
    sections: ['why', 'people', 'not-tested', 'findings', 'comparison'],
    elsewhere:
      'The changed plan, and how often backup data is tested: drills of the kind restore have reports of their own.',
  },
  {
    name: 'ISO 22301 clause 8.5, exercise programme',
    asks: 'Exercises with a purpose, a report with outcomes, recommendations and actions, and a look at trends.',
    sections: ['verdict', 'why', 'findings', 'comparison', 'gaps'],
    elsewhere: 'The programme over the years, and who follows the actions up.',
  },
];
