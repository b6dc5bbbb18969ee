// The build projects of a main stack, as the kinds of the plan say them: what takes longer than a function may, or needs tools. Their
// scripts are in scripts/ and are part of the project itself: there is nothing to fetch, and what was tested is what runs.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import type { KindProject } from '../../functions/domain/kind/projects.ts';
import { assetsOf, saidOf } from '../../functions/domain/plan/assets.ts';
import { peerOf } from '../../functions/shared/estate.ts';
import { ofKind } from '../rights/rights.ts';
import { serviceRole } from '../rights/service-role.ts';
import { arnHere, arnOf, pascal, type Resources, ref, sub, type Value } from '../template.ts';
import type { Stack } from '../values.ts';
import { logGroup } from '../watching/logs.ts';

/** A curated image of AWS, which has bash, jq, unzip and the AWS CLI; the other tools come with the plan's checksums. */
const image = 'aws/codebuild/amazonlinux-x86_64-standard:5.0';
/** How long a build may wait for a place to run. */
const queuedMinutes = 30;

export function projectsOf({ plan, region: here, prefix }: Pick<Stack, 'plan' | 'region' | 'prefix'>): KindProject[] {
  const there = peerOf(here, plan) ?? here;
  const consuming = assetsOf('consumers', plan).flatMap(({ regions }) => {
    const { cronJobs, deployments } = regions[here] ?? { cronJobs: [], deployments: [] };
    return [
      ...cronJobs.map((one) => ({ kind: 'CronJob' as const, ...one })),
      ...deployments.map((one) => ({ kind: 'Deployment' as const, ...one })),
    ];
  });
  return plan.assets.flatMap((asset) => saidOf(asset).projectsIn?.(asset, { here, there, prefix, consuming }) ?? []);
}

export function projects(stack: Stack): Resources {
  return Object.assign({}, ...projectsOf(stack).map((one) => project(one, stack)));
}

function project(
  { name, description, variables, may, minutes, daily }: KindProject,
  { prefix, region }: Stack,
): Resources {
  const id = pascal(name.slice(prefix.length + 1));
  const logs = `/aws/vendedlogs/codebuild/${name}`;
  const arn = arnHere('codebuild', `project/${name}`);
  const log = {
    sid: 'Log',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    on: [arnHere('logs', `log-group:${logs}:*`)],
  };
  const role = serviceRole(name, 'codebuild.amazonaws.com', arn, [log, ...may.map(ofKind)]);
  return {
    [`${id}Logs`]: logGroup(logs),
    [`${id}ProjectRole`]: {
      ...role,
      // The access entry of a cluster names it, also in the Terraform that makes the cluster again.
      Properties: { RoleName: `${prefix}-${region}-${name.slice(prefix.length + 1)}`, ...role.Properties },
    },
    [`${id}Project`]: {
      Type: 'AWS::CodeBuild::Project',
      Properties: {
        Name: name,
        Description: description,
        ServiceRole: arnOf(`${id}ProjectRole`),
        Artifacts: { Type: 'NO_ARTIFACTS' },
        Source: { Type: 'NO_SOURCE', BuildSpec: buildSpec() },
        Environment: {
          Type: 'LINUX_CONTAINER',
          ComputeType: 'BUILD_GENERAL1_SMALL',
          Image: image,
          EnvironmentVariables: Object.entries(variables)
            // CodeBuild takes no variable that is empty, and the scripts take what is missing for empty.
            .filter(([, value]) => value !== '')
            .map(([key, value]) => ({ Name: key, Value: sub(value) })),
        },
        LogsConfig: { CloudWatchLogs: { Status: 'ENABLED', GroupName: ref(`${id}Logs`) } },
        TimeoutInMinutes: minutes,
        QueuedTimeoutInMinutes: queuedMinutes,
      },
    },
    ...(daily ? everyDay(id, name, prefix, arn) : {}),
  };
}

/** A rule starts a build with a role of its own. */
function everyDay(id: string, name: string, prefix: string, project: Value): Resources {
  const rule = `${name}-daily`;
  const start = { sid: 'Start', actions: ['codebuild:StartBuild'], on: [project] };
  const source = arnHere('events', `rule/${rule}`);
  return {
    [`${id}Daily`]: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: rule,
        ScheduleExpression: 'rate(1 day)',
        Targets: [
          {
            Id: name.slice(prefix.length + 1),
            Arn: project,
            RoleArn: arnOf(`${id}DailyRole`),
            DeadLetterConfig: { Arn: arnOf('DeadLetters') },
          },
        ],
      },
    },
    [`${id}DailyRole`]: serviceRole(rule, 'events.amazonaws.com', source, [start]),
  };
}

/** CodeBuild's own phases are the steps that people see: tools, terraform, application, scale. */
export function buildSpec(): string {
  const folder = join(import.meta.dirname, '../scripts');
  const written = readdirSync(folder)
    .filter((name) => name.endsWith('.sh'))
    .toSorted()
    // Encoded: the framework would take what bash writes as ${name:…} for variables of its own. Packed: a template has a limit.
    .map((name) => {
      const packed = gzipSync(readFileSync(join(folder, name)), { level: 9 }).toString('base64');
      return `base64 -d <<<${packed} | gzip -d >scripts/${name}`;
    });
  const told = ['bash scripts/tell.sh'];
  const part = (name: string) => ({ commands: [`bash scripts/recover.sh ${name}`], finally: told });
  return stringify(
    {
      version: 0.2,
      env: { shell: 'bash', variables: { BIN: '/opt/breakwater' } },
      phases: {
        install: {
          commands: [
            'mkdir -p scripts',
            ...written,
            'chmod +x scripts/*.sh',
            'export PATH="$BIN:$PATH"',
            'bash scripts/install-tools.sh',
          ],
          finally: told,
        },
        pre_build: part('terraform'),
        build: part('application'),
        post_build: part('scale'),
      },
    },
    { lineWidth: 0 },
  );
}
