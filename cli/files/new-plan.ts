// The text of a plan for an application that has none yet: every key that a plan must have, each with a comment that says what it
// means: `yours` where nobody was asked, and the value is invented. Levels 2 and 3 observe: people hear what would have been done, and nothing is done.

/** What a person says of their application. Of what it does not have, nothing is written; one of them there must be. */
export type Application = {
  readonly application: string;
  readonly primary: string;
  readonly standby: string;
  readonly witness: string;
  readonly observers: readonly [string, string];
  readonly domain: string;
  readonly hostedZone: string;
  /** The instance in the primary region, and its replica in the standby. */
  readonly database: readonly [string, string] | null;
  readonly engine: 'postgres' | 'mysql' | 'mariadb';
  /** The end of the ARN, in each region. */
  readonly balancer: readonly [string, string] | null;
};

/** How the ids of a region's zones begin, in every account: us-east-1 is use1, ap-southeast-2 is apse2. */
function zonePrefix(region: string): string {
  const [area = '', ...rest] = region.split('-');
  const number = rest.pop() ?? '';
  const words = rest.map((word) =>
    word.replace(/^(north|south)(east|west)$/, (_, a: string, b: string) => `${a.charAt(0)}${b.charAt(0)}`),
  );
  return `${area}${words.map((word) => (word.length === 2 ? word : word.charAt(0))).join('')}${number}`;
}

function zonesOf(region: string): string {
  const [one, two, three] = ['a', 'b', 'c'].map(
    (letter, index) => `${zonePrefix(region)}-az${index + 1}: ${region}${letter}`,
  );
  return `{ ${one}, ${two}, ${three} }`;
}

/** The text of plan.yml. `schema`: the path or address of plan.schema.json, for editors. */
export function newPlan(app: Application, schema: string): string {
  const { application, primary, standby, witness, observers, domain, hostedZone, database, engine, balancer } = app;
  const zones = `(?:-(?<zone>(?:${zonePrefix(primary)}|${zonePrefix(standby)})-az\\d))?`;
  const shared = [...(database === null ? [] : ['database']), ...(balancer === null ? [] : ['ingress'])];
  const components = ['api', ...shared];
  /** What fails by its requests: a release can break it, and so can the database. */
  const requests = ['api', ...(balancer === null ? [] : ['ingress'])];
  const assets = [
    ...(database === null
      ? []
      : [
          `  - name: database # what this plan and messages call it
    kind: rds-instance # a folder in functions/kinds
    engine: ${engine} # postgres, mysql or mariadb
    instanceClass: db.r6g.large # yours: as it is now: a restore is made as large
    multiAz: true # whether RDS itself keeps a standby in another zone
    regions: # where it stands
      ${primary}: # the writer
        instance: ${database[0]} # its DB instance identifier
        securityGroups: # a fence exchanges the open ones for the closed one
          open: [sg-0changeme] # yours: let the application in
          closed: sg-0closedprimary # yours: lets nobody in; make it, and write its id here
      ${standby}: # the replica that takes over
        instance: ${database[1]} # its DB instance identifier
        securityGroups: # as above, in this region
          open: [sg-0changeme] # yours: let the application in
          closed: sg-0closedstandby # yours: lets nobody in
`,
        ]),
    ...(balancer === null
      ? []
      : [
          `  - name: front # what this plan and messages call it
    kind: load-balancer # its traffic leaves a zone by a zonal shift
    regions: # the ends of their ARNs
      ${primary}: [${balancer[0]}] # where users are
      ${standby}: [${balancer[1]}] # where they are sent
`,
        ]),
  ].join('\n');
  const prefix = application;
  const title = application
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
  return `# yaml-language-server: $schema=${schema}
# The disaster-recovery plan of ${application}. npm run check says what is wrong with it, and npm run drill rehearses it.

application: ${application} # how everything that belongs to it begins

objectives: # what a recovery must achieve; the clock starts when something fails
  rtoSeconds: 14400 # users are served again within this time
  rpoSeconds: 3600 # at most what was written in this time is lost
  mttrSeconds: 7200 # the mean of all recoveries

regions: # zone ids by the names that your account gives them: aws ec2 describe-availability-zones --region ...
  ${primary}: # where users are served
    zones: ${zonesOf(primary)} # yours: compare with your account
  ${standby}: # what takes over
    zones: ${zonesOf(standby)} # yours: compare with your account

roles: # that regions begin with; a failover moves them
  primary: ${primary} # serves users
  standby: ${standby} # takes over
  witness: ${witness} # the third place of the state table
  observers: [${observers.join(', ')}] # look at the service from outside

assets: # what is protected; more kinds: functions/kinds
${assets}
service: # how it is known whether users are served
  healthUrl: https://${domain}/health # yours: answers with 2xx where the service works
  healthTimeoutSeconds: 5 # a page that takes longer has failed
  regionalHealthUrls: # the same page of each region, whatever DNS says
    ${primary}: https://${primary}.${domain}/health # yours: of the primary
    ${standby}: https://${standby}.${domain}/health # yours: of the standby
  regionHeader: null # the header in which a page names its region, such as x-served-by; null: none
  healthPassesNeeded: 3 # so often in a row it must pass

redirection: # how users are sent to the other region
  mode: latch # an object in a bucket closes a region; record-change: the record is changed, which needs us-east-1
  record: ${domain} # the name that users type
  ttlSeconds: 60 # how long clients keep an answer
  hostedZone: ${hostedZone} # the public zone in Route 53
  latchBuckets: # of each region that can be given up: buckets in two other regions, which the stacks make
    ${primary}: { ${standby}: ${prefix}-latch-${standby}, ${witness}: ${prefix}-latch-${witness} } # names are yours to choose
    ${standby}: { ${primary}: ${prefix}-latch-${primary}, ${witness}: ${prefix}-latch-${witness} } # names are yours to choose

zonalShift: # how long traffic stays away from a zone
  expirySeconds: 3600 # a shift ends by itself after this time
  extendBeforeSeconds: 900 # and is extended this long before
  maximumSeconds: 86400 # then a person decides

contacts: # roles, and how each is reached; addresses are asked by npm run deploy
  owner: # an approver
    handle: '@owner' # yours: the person, best with a telephone number: one handle is one person
    channel: email # email, page, sms, amazon-q, slack, teams or pagerduty
    duty: owns the service # what this role is for
    iam: [role/${prefix}-owner] # yours: may answer on the command line
  operations: # an approver
    handle: '@operations' # yours: another person
    channel: email # as above
    duty: runs the service # what this role is for
    iam: [role/${prefix}-operations] # yours: may answer on the command line
  lead: # an approver
    handle: '@lead' # yours: a third person
    channel: email # as above
    duty: decides when others are away # what this role is for
    iam: [role/${prefix}-lead] # yours: may answer on the command line
  on-call: # hears of everything first, and is an approver
    handle: '@on-call' # yours: the person, or the rota
    channel: page # as above
    duty: responds first # what this role is for
    iam: [role/${prefix}-on-call] # yours: may answer on the command line

notifications: # who is told of what
  level1: [on-call] # part of the service fails
  level2: [on-call, operations] # a zone fails
  level3: [on-call, owner, operations] # a region fails
  unknown: [on-call, operations] # the evidence does not say
  failure: [on-call, operations] # a recovery stopped and waits for a person
  # runbookUrl: https://git.example.com/OWNER/breakwater/blob/main/docs/runbook.md # where you read it: messages link its sections

approval: # of a region failover; nothing is changed before it
  required: 2 # so many persons; a start by hand needs one more, and who starts it does not count
  roles: [owner, operations, lead, on-call] # who may approve; with one fewer, none of them could start a flow by hand
  expirySeconds: 3600 # no answer after this time means no
  reminderSeconds: 900 # who has not answered is asked again
  escalation: [on-call] # is called when nobody answers
  lossMarginSeconds: 60 # so much more data may be lost than was approved
  freshSeconds: 900 # what was approved is looked at again after this time

levels: # act: does it; observe: tells people what it would have done
  level1: { mode: act, cooldownSeconds: 3600 } # tells people and looks for a cause
  level2: { mode: observe, cooldownSeconds: 3600 } # leaves a zone
  level3: { mode: observe, cooldownSeconds: 14400 } # asks people about a region

predictions: # of the approval page, until drills have measured
  takeOverSeconds: {${database === null ? '' : ' rds-instance: 600 '}} # by kind of asset
  redirectionSeconds: 120 # until users are sent to the other region
  otherSeconds: 30 # everything else

dependencies: # services of AWS without which it cannot work
  hard: [${['ec2', 'elb', ...(database === null ? [] : ['rds']), 'sts', 'dynamodb'].join(', ')}] # probed from the other region

evidence: # what counts as proof; docs/decisions/0005-evidence.md explains each
  degradation: { components: 2, confirmSeconds: 60, aloneSeconds: 300, againSeconds: 600 } # part of the service fails
  zone: # a zone fails
    components: 2 # so many fail in it
    causes: 2 # of so many causes that do not explain each other
    componentsWithAwsNotice: 2 # the same, when AWS says that the zone is bad
    strayComponentsElsewhere: 1 # at most so many fail in other zones
    confirmSeconds: { traffic: 10, costly: 75 } # so long it must hold: before traffic leaves, and before a database does
  region: # a region fails
    observers: 2 # so many outside see it
    zones: 2 # in so many zones
    hardDependencies: 2 # so many services of AWS do not answer
    sharedInfrastructure: ${Math.min(2, shared.length)} # so much fails that all share
    confirmSeconds: 75 # so long it must hold
    overwhelmingSeconds: 30 # the same, when everything says so
    unconfirmedSeconds: 180 # how long less is waited for more
  telemetryLoss: { components: 3, zones: 2 } # data is missing, which proves nothing
  lateSeconds: 120 # an event that is older came late
  recoverySeconds: 300 # so long all must be well before it is over
  retentionSeconds: 21600 # so long events are kept

explanations: # what is no disaster, because people did it
  release: { components: [${requests.join(', ')}], measures: [connections], afterSeconds: 1800, longestSeconds: 3600 } # a deployment
  maintenance: { afterSeconds: 900 } # announced work

sharedCauses: {} # what fails together because of one cause
dependents: {${database === null ? '' : ` database: [${requests.join(', ')}] `}} # who fails when this fails
infrastructureComponents: [${shared.join(', ')}] # what all share

signals: # how alarms and events are read; names that match no line are ignored
  alarms: # by the name of the CloudWatch alarm
    - { match: '^${prefix}-canary-(?<observer>[a-z0-9-]+)$', kind: canary } # a canary failed
    - { match: '^${prefix}-probe-(?<service>[a-z0-9]+)-(?<region>[a-z]{2}-[a-z]+-\\d)$', kind: probe } # a service of AWS
    - { match: '^${prefix}-heartbeat-(?<region>[a-z]{2}-[a-z]+-\\d)$', kind: heartbeat } # the region is silent
${database === null ? '' : `    - { match: '^${prefix}-database-replica-lag$', kind: replica } # the replica is behind\n`}    - match: '^${prefix}-(?<component>${components.join('|')})-(?<measure>[a-z0-9-]+?)${zones}$' # your own alarms, such as ${prefix}-api-5xx
      kind: component # a part of the service
  events: # by source and detail type, on the bus of the application
    - { source: ${prefix}.heartbeat, detailType: ${title} Heartbeat, kind: beat } # sent by the stacks
    - { source: ${prefix}.canary, detailType: ${title} Canary Run, kind: canary-run } # sent by the stacks
    - { source: ${prefix}.probe, detailType: ${title} Probe Run, kind: probe-run } # sent by the stacks
    - { source: ${prefix}.deploy, detailType: ${title} Deployment, kind: release } # sent by your pipeline
    - { source: ${prefix}.maintenance, detailType: ${title} Maintenance Window, kind: maintenance } # sent by whoever plans work
  canaries: # by the name of the canary
    - { match: '^${prefix}-(?<observer>[a-z]{2}-[a-z]+-\\d)$' } # one in each observer
  senders: [role/${prefix}-deploy] # yours: who may put events on the bus

remediation: { afterRelease: null } # a build project that rolls a release back, or null

drills: # what is rehearsed, and how often
  - { name: whole region fails, scenario: region-outage, every: year, withinSeconds: 14400 } # npm run drill -- region-outage
`;
}

/** Ids that AWS never gives, as theirs are hexadecimal: whatever stands beside them, nothing has them. */
const invented = /\bsg-0(?:changeme|closedprimary|closedstandby)\b/;

/** The lines of a plan that still hold what nobody was asked: an invented name is valid, and nothing of it is there. Lines count from 1. */
export function toFillIn(text: string): { readonly line: number; readonly text: string }[] {
  const mark = '# yours: ';
  return text
    .split('\n')
    .map((one, index) => ({ line: index + 1, text: one.trim() }))
    .filter((one) => one.text.includes(mark) || invented.test(one.text))
    .map((one) => ({ ...one, text: one.text.replace(mark, '# ') }));
}
