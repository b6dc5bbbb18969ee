// The build projects of a main stack: what they run, with what, and what their roles may do.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { longNames } from '../../../infrastructure/names.ts';
import { buildSpec, projects, projectsOf } from '../../../infrastructure/runs/projects.ts';
import { stackOf } from '../../../infrastructure/values.ts';
import { withRebuild } from '../../assets.ts';
import { resolver } from '../../permissions/resolve.ts';
import { plan } from '../../plan.ts';

const prefix = 'breakwater-rehearsal';
const { primary, standby } = plan.roles;
const rebuilt = withRebuild(plan);
const stack = (region: string, of = rebuilt) => stackOf(of, region, prefix);
const made = (region: string) => {
  const resources = projects(stack(region));
  const resolve = resolver(
    { ...resources, DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'd' } } },
    region,
  );
  return { resources, resolve };
};

test('a plan that rebuilds nothing has none', () => {
  expect(projects(stack(standby, plan))).toEqual({});
});

test('each main region has one that recovers its cluster, and one that copies it for the other region', () => {
  for (const region of [primary, standby])
    expect(projectsOf(stack(region)).map(({ name, daily }) => ({ name, daily }))).toEqual([
      { name: `${prefix}-recover-cluster`, daily: true },
      { name: `${prefix}-back-up-cluster`, daily: true },
    ]);
});

test('a build that somebody starts by hand without a word changes nothing', () => {
  const [recover, backUp] = projectsOf(stack(standby));
  expect(recover?.variables).toMatchObject({
    TASK: 'dry-run',
    CLUSTER: 'chatops-dr',
    REGION: standby,
    BUCKET: 'chatops-recovery-us-west-2',
    STATE_REGION: standby,
    DIRECTORY: 'deploy/terraform/environments/dr',
    DEPLOYMENTS: 'chatops chatops-api 18;chatops chatops-worker 9',
  });
  expect(recover?.variables['TOOLS']).toMatch(
    /^terraform tools\/terraform_1\.11\.4_linux_amd64\.zip [0-9a-f]{64};kubectl tools\/kubectl-v[\d.]+-linux-amd64 [0-9a-f]{64};helm tools\/helm-v[\d.]+-linux-amd64\.tar\.gz [0-9a-f]{64}$/,
  );
  expect(backUp?.variables).toMatchObject({
    TASK: 'back-up',
    CLUSTER: 'chatops-dr',
    BUCKET: 'chatops-recovery-us-east-1',
    LOST_REGION: standby,
    OTHER_REGION: primary,
    NAMESPACES: 'chatops',
  });
});

test('with a chart there is nothing to copy, and the chart is what is installed', () => {
  const sha256 = 'a'.repeat(64);
  const chart = {
    from: 'chart' as const,
    ...{ chart: { key: 'charts/a.tgz', sha256 }, values: { key: 'charts/v.yaml', sha256 } },
    ...{ release: 'r', namespace: 'n' },
  };
  const charted = withRebuild(plan, (place) => ({
    ...place,
    ...(place.rebuild && { rebuild: { ...place.rebuild, application: chart } }),
  }));
  const all = projectsOf(stack(standby, charted));
  expect(all.map(({ name, daily }) => [name, daily])).toEqual([[`${prefix}-recover-cluster`, true]]);
  expect(all[0]?.variables).toMatchObject({
    ...{ CHART_KEY: 'charts/a.tgz', CHART_SHA256: sha256, VALUES_KEY: 'charts/v.yaml', VALUES_SHA256: sha256 },
    ...{ RELEASE: 'r', NAMESPACE: 'n', SOURCE_SHA256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
});

describe('the build', () => {
  type Part = { commands: string[]; finally: string[] };
  const spec = parse(buildSpec()) as { env: object; phases: Record<string, Part> };

  test('has a phase for each step that people see, and tells at the end of each, also of one that failed', () => {
    const last = Object.entries(spec.phases).map(([name, { commands }]) => [name, commands.at(-1)]);
    expect(last).toEqual([
      ['install', 'bash scripts/install-tools.sh'],
      ['pre_build', 'bash scripts/recover.sh terraform'],
      ['build', 'bash scripts/recover.sh application'],
      ['post_build', 'bash scripts/recover.sh scale'],
    ]);
    for (const part of Object.values(spec.phases)) expect(part.finally).toEqual(['bash scripts/tell.sh']);
  });

  test('brings its scripts along as they are, in words that the framework leaves alone, and is small enough', () => {
    const folder = mkdtempSync(join(tmpdir(), 'breakwater-spec-'));
    const commands = spec.phases['install']?.commands.slice(0, -2) ?? [];
    execFileSync('bash', ['-c', commands.join('\n')], { cwd: folder });
    const source = join(import.meta.dirname, '../../../infrastructure/scripts');
    expect(readdirSync(join(folder, 'scripts'))).toEqual(readdirSync(source));
    for (const name of readdirSync(source))
      expect(readFileSync(join(folder, 'scripts', name), 'utf8')).toBe(readFileSync(join(source, name), 'utf8'));
    rmSync(folder, { recursive: true });
    expect(buildSpec()).not.toContain('${');
    expect(buildSpec().length).toBeLessThan(50_000);
  });
});

describe('the roles', () => {
  type Statement = { Sid: string; Action: string[]; Resource: unknown };
  const statementsOf = (region: string, role: string): Record<string, [string[], unknown]> => {
    const { resources, resolve } = made(region);
    const policies = resources[role]?.Properties['Policies'] as unknown as {
      PolicyDocument: { Statement: Statement[] };
    }[];
    return Object.fromEntries(
      (policies[0]?.PolicyDocument.Statement ?? []).map(({ Sid, Action, Resource }) => [
        Sid,
        [Action, (Resource as unknown[]).map((one) => resolve(one as never))],
      ]),
    );
  };
  const s3 = (path: string) => `arn:aws:s3:::chatops-recovery-us-west-2/${path}`;

  test('of a recovery may read what the plan names, tell, and act as Terraform does, and nothing else', () => {
    const all = statementsOf(standby, 'RecoverClusterProjectRole');
    expect(Object.keys(all)).toEqual(['Log', 'SeeCluster', 'Read', 'SeeBucket', 'Write', 'RunTerraform']);
    expect(all['RunTerraform']).toEqual([['sts:AssumeRole'], ['arn:aws:iam::111122223333:role/chatops-terraform']]);
    expect(all['Write']).toEqual([
      ['s3:PutObject'],
      [s3('builds/*'), s3('backups/chatops-resources-latest.yaml.dry-run')],
    ]);
    expect(all['Read']?.[1]).toContain(s3('terraform/providers/*'));
    expect(all['SeeCluster']?.[1]).toEqual(['arn:aws:eks:us-west-2:111122223333:cluster/chatops-dr']);
  });

  test('of a copy may write the backup in the other region, and nothing else there', () => {
    const all = statementsOf(primary, 'BackUpClusterProjectRole');
    expect(Object.keys(all)).toEqual(['Log', 'SeeCluster', 'Read', 'Write']);
    expect(all['Write']?.[1]).toEqual([
      s3('builds/*'),
      s3('backups/chatops-resources-latest.yaml'),
      s3('backups/chatops-resources-latest.yaml.images'),
    ]);
    expect(all['SeeCluster']?.[1]).toEqual(['arn:aws:eks:us-east-1:111122223333:cluster/chatops-prod']);
  });

  test('are used by their project alone, and the daily one may start that project alone', () => {
    const { resources } = made(standby);
    const trusts = Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
      Type === 'AWS::IAM::Role' ? [[id, JSON.stringify(Properties['AssumeRolePolicyDocument'])] as const] : [],
    );
    expect(trusts).toHaveLength(4);
    for (const [id, trust] of trusts) {
      expect(trust, id).toContain('aws:SourceArn');
      expect(trust, id).toContain(id.includes('Daily') ? 'events.amazonaws.com' : 'codebuild.amazonaws.com');
    }
    expect(statementsOf(standby, 'RecoverClusterDailyRole')['Start']).toEqual([
      ['codebuild:StartBuild'],
      [`arn:aws:codebuild:us-west-2:111122223333:project/${prefix}-recover-cluster`],
    ]);
  });
});

test('a name that CodeBuild would refuse for its length is found', () => {
  const long = `${prefix}-${'x'.repeat(150)}`;
  const Resources = { P: { Type: 'AWS::CodeBuild::Project', Properties: { Name: long } } };
  expect(longNames({ functions: {}, stepFunctions: {}, Resources })).toEqual([
    `${long} has ${long.length} characters, expected at most 150 for AWS::CodeBuild::Project`,
  ]);
});
