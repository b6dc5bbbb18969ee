// The scripts that rebuild a cluster, run by bash: against stand-ins that write down what they are asked, and against the real terraform
// and kubectl where they are installed.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const scripts = join(import.meta.dirname, '../../infrastructure/scripts');
const isInstalled = (tool: string) => spawnSync('bash', ['-c', `command -v ${tool}`]).status === 0;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-scripts-'));
  mkdirSync(join(folder, 'bin'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A binary that writes down what it is asked, and answers as its text does. */
function standIn(name: string, answers = ''): void {
  const file = join(folder, 'bin', name);
  writeFileSync(file, `#!/usr/bin/env bash\nprintf '%s\\n' "${name} $*" >>"$CALLS"\n${answers}\n`);
  chmodSync(file, 0o755);
}

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const lines = (name: string): string[] =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trimEnd().split('\n') : [];

function run(script: string, variables: Readonly<Record<string, string>>, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync('bash', [join(scripts, script), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${folder}/bin:${process.env['PATH']}`,
      HOME: folder,
      CALLS: join(folder, 'calls'),
      PATIENCE_SECONDS: '0',
      ...variables,
    },
    timeout: 60_000,
  });
  return { status, out: stdout, err: stderr, told: lines('told.txt'), calls: lines('calls') };
}

describe.skipIf(!isInstalled('shellcheck'))('shellcheck', () => {
  test.for(readdirSync(scripts))('finds nothing in %s', (name) => {
    const { status, stdout } = spawnSync('shellcheck', ['-x', join(scripts, name)], {
      cwd: join(scripts, '../..'),
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});

test.for([
  ['rebuild-cluster.sh', 'DIRECTORY'],
  ['apply-resources.sh', 'RESOURCES'],
  ['install-chart.sh', 'CHART'],
  ['scale-application.sh', 'DEPLOYMENTS'],
  ['back-up-resources.sh', 'NAMESPACES'],
  ['install-tools.sh', 'BUCKET'],
  ['recover.sh', 'TASK'],
] as const)('%s says what it needs', ([script, variable]) => {
  const { status, told } = run(script, {});
  expect({ status, told }).toEqual({
    status: 64,
    told: [`${script}: ${variable} is missing, expected in the environment`],
  });
});

describe('a rebuild with terraform', () => {
  const variables = { DIRECTORY: '.', STATE_BUCKET: 'states', STATE_KEY: 'dr.tfstate', STATE_REGION: 'us-west-2' };
  /** What `show -json` says of every plan; of one that was made with a state. */
  const whole = (plan: object) => ({
    format_version: '1.2',
    prior_state: { values: { root_module: { resources: [] } } },
    ...plan,
  });
  const planning = (plan: object | string) => {
    file('plan.json', typeof plan === 'string' ? plan : JSON.stringify(whole(plan)));
    standIn('terraform', `case "$2" in show) cat "${folder}/plan.json" ;; esac`);
    return run('rebuild-cluster.sh', variables);
  };
  const change = (address: string, actions: string[], more = {}) => ({ address, change: { actions, ...more } });

  test('creates, and applies the very plan that was read', () => {
    const { status, told, calls } = planning({
      resource_changes: [
        change('aws_eks_cluster.this', ['create']),
        change('aws_vpc.this', ['no-op']),
        change('data.aws_ami.node', ['read']),
      ],
    });
    expect({ status, told }).toEqual({ status: 0, told: ['terraform created 1 resources'] });
    const planned = /-out=(\S+)/.exec(calls[1] ?? '')?.[1] ?? 'none';
    expect(calls).toEqual([
      'terraform -chdir=. init -no-color -reconfigure -backend-config=bucket=states -backend-config=key=dr.tfstate -backend-config=region=us-west-2 -backend-config=use_lockfile=true',
      `terraform -chdir=. plan -no-color -lock-timeout=60s -out=${planned}`,
      `terraform -chdir=. show -json ${planned}`,
      `terraform -chdir=. apply -no-color -lock-timeout=60s ${planned}`,
    ]);
    expect(existsSync(planned)).toBe(false);
  });

  test('takes providers of a mirror by the lock file of the source alone', () => {
    const mirrored = { ...variables, PROVIDERS: '/mirror' };
    standIn('terraform', `case "$2" in show) echo '{"format_version": "1.2"}' ;; esac`);
    expect(run('rebuild-cluster.sh', mirrored)).toMatchObject({
      status: 64,
      told: [
        expect.stringMatching(
          /^\.\/\.terraform\.lock\.hcl is not in the source, expected what terraform providers lock/,
        ),
      ],
      calls: [],
    });
    file('.terraform.lock.hcl', '');
    expect(run('rebuild-cluster.sh', mirrored).calls[0]).toMatch(/ -plugin-dir=\/mirror -lockfile=readonly$/);
  });

  test.for([
    [
      'Error: Failed to install provider: the local package for x does not match any of the checksums previously recorded in the dependency lock file',
      'a provider of the mirror is not what .terraform.lock.hcl says, and nothing was planned: the log names it',
    ],
    [
      'Error: Provider dependency changes detected, but the lock file is read-only',
      'a provider of the mirror is not what .terraform.lock.hcl says, and nothing was planned: the log names it',
    ],
    ['Error: Failed to get existing workspaces', 'terraform could not begin: Error: Failed to get existing workspaces'],
  ] as const)('ends before a plan where terraform says: %s', ([said, line]) => {
    file('.terraform.lock.hcl', '');
    standIn('terraform', `case "$2" in init) printf '${said}\\n' >&2; exit 1 ;; esac`);
    const { status, told, calls } = run('rebuild-cluster.sh', { ...variables, PROVIDERS: '/mirror' });
    expect({ status, told }).toEqual({ status: 1, told: expect.arrayContaining([line]) });
    expect(calls).toHaveLength(1);
  });

  const refusals: [string, object, string[]][] = [
    ['deletes', { resource_changes: [change('aws_db_instance.main', ['delete'])] }, ['delete aws_db_instance.main']],
    [
      'replaces',
      { resource_changes: [change('aws_eks_cluster.this', ['delete', 'create'])] },
      ['delete and create aws_eks_cluster.this'],
    ],
    ['changes', { resource_changes: [change('aws_vpc.this', ['update'])] }, ['update aws_vpc.this']],
    ['forgets', { resource_changes: [change('aws_vpc.this', ['forget'])] }, ['forget aws_vpc.this']],
    [
      'imports',
      { resource_changes: [change('aws_vpc.this', ['no-op'], { importing: { id: 'vpc-1' } })] },
      ['import aws_vpc.this'],
    ],
    [
      'makes a store again that was lost',
      { resource_drift: [{ ...change('aws_s3_bucket.files', ['delete']), type: 'aws_s3_bucket' }] },
      ['changed outside of Terraform: delete aws_s3_bucket.files'],
    ],
    [
      'makes a key again with which data was encrypted',
      { resource_drift: [{ ...change('aws_kms_key.data', ['delete']), type: 'aws_kms_key' }] },
      ['changed outside of Terraform: delete aws_kms_key.data'],
    ],
    [
      'removes what an apply that failed has left',
      { resource_changes: [{ ...change('aws_lb.x', ['delete']), deposed: 'b1c2' }] },
      ['delete aws_lb.x'],
    ],
    [
      'calls an action of a provider',
      { action_invocations: [{ address: 'action.aws_ec2_stop_instance.x' }] },
      ['invoke action.aws_ec2_stop_instance.x'],
    ],
    ['is not whole', { complete: false }, ['the plan is not complete']],
    [
      'ended with an error',
      { errored: true, complete: false },
      ['the plan ended with an error', 'the plan is not complete'],
    ],
    [
      'moves',
      { resource_changes: [{ ...change('aws_vpc.new', ['no-op']), previous_address: 'aws_vpc.old' }] },
      ['move aws_vpc.new from aws_vpc.old'],
    ],
    [
      'puts off',
      {
        deferred_changes: [
          { reason: 'provider_config_unknown', resource_change: change('aws_eks_addon.cni', ['create']) },
        ],
      },
      ['put off (provider_config_unknown) create aws_eks_addon.cni'],
    ],
    [
      'changes what others read',
      { output_changes: { url: { actions: ['update'], after_unknown: false }, zone: { actions: ['delete'] } } },
      ['update output.url', 'delete output.zone'],
    ],
    [
      'has a check that failed',
      {
        checks: [
          {
            ...{ address: { to_display: 'check.health' }, status: 'fail' },
            instances: [{ problems: [{ message: 'the page\nis not there' }] }],
          },
          { address: { to_display: 'aws_vpc.this' }, status: 'unknown' },
          { address: { to_display: 'check.other' }, status: 'error' },
        ],
      },
      ['check fail check.health: the page is not there', 'check error check.other'],
    ],
    [
      'finds a database that was changed outside of it',
      { resource_drift: [{ ...change('aws_db_instance.main', ['update']), type: 'aws_db_instance' }] },
      ['changed outside of Terraform: update aws_db_instance.main'],
    ],
    [
      'finds gone what it does not make again',
      { resource_drift: [{ ...change('aws_lb.x', ['delete']), type: 'aws_lb' }] },
      ['changed outside of Terraform: delete aws_lb.x'],
    ],
    [
      'finds moved what it knew by another name',
      { resource_drift: [{ ...change('aws_lb.x', ['no-op']), type: 'aws_lb', previous_address: 'aws_lb.y' }] },
      ['move aws_lb.x from aws_lb.y'],
    ],
    [
      'says what this script does not know',
      { resource_undoings: [{}] },
      ['not known to this script: resource_undoings'],
    ],
  ];
  test.for(refusals)('never applies a plan that %s', ([, plan, addresses]) => {
    const { status, told, calls } = planning(plan);
    const head = 'terraform would do more than create, and nothing was applied:';
    expect({ status, told }).toEqual({ status: 20, told: [head, ...addresses] });
    expect(calls.filter((call) => call.includes(' apply'))).toEqual([]);
  });

  test.for([
    ['nothing', ''],
    ['no object', 'null'],
    ['an object that is none of a plan', '{}'],
    [
      'a change that does not say what it does',
      '{"format_version": "1.2", "resource_changes": [{"address": "a.b", "change": {}}]}',
    ],
    ['half a file', '{"format_version": "1.2", "resource_changes": ['],
    ['a plan of another format', '{"format_version": "2.0"}'],
  ] as const)('never applies a plan that is shown as %s', ([, shown]) => {
    const { status, told, calls } = planning(shown);
    expect({ status, told }).toEqual({
      status: 20,
      told: [
        'terraform shows no whole plan, and nothing was applied: expected format_version 1, and actions of each change',
      ],
    });
    expect(calls.filter((call) => call.includes(' apply'))).toEqual([]);
  });

  test('lets settings of a bucket change, and says of a state that knows nothing that all is new', () => {
    const drifted = { resource_drift: [{ ...change('aws_s3_bucket.files', ['update']), type: 'aws_s3_bucket' }] };
    expect(planning({ ...drifted, prior_state: undefined })).toMatchObject({
      status: 0,
      told: [
        'changed outside of Terraform, and left so: aws_s3_bucket.files',
        'the state s3://states/dr.tfstate knows nothing yet: all that is made is new',
        'terraform created 0 resources',
      ],
    });
  });

  test('makes again what is gone, with outputs that are known then, and says what else was changed', () => {
    const { status, told } = planning({
      resource_changes: [{ ...change('aws_eks_cluster.this', ['create']), type: 'aws_eks_cluster' }],
      resource_drift: [
        { ...change('aws_eks_cluster.this', ['delete']), type: 'aws_eks_cluster' },
        { ...change('aws_vpc.this', ['update']), type: 'aws_vpc' },
      ],
      output_changes: {
        endpoint: { actions: ['update'], after_unknown: true },
        all: { actions: ['update'], after_unknown: { endpoint: true, region: false } },
        region: { actions: ['no-op'] },
        added: { actions: ['create'] },
      },
    });
    expect({ status, told }).toEqual({
      status: 0,
      told: ['changed outside of Terraform, and left so: aws_vpc.this', 'terraform created 1 resources'],
    });
  });

  test('says why an apply ended before all was made', () => {
    standIn(
      'terraform',
      `case "$2" in show) echo '{"format_version": "1.2", "prior_state": {"values": {"root_module": {"resources": []}}}}' ;; apply) echo 'Error: creating EKS Cluster: LimitExceeded' >&2; exit 1 ;; esac`,
    );
    expect(run('rebuild-cluster.sh', variables)).toMatchObject({
      status: 1,
      told: [
        'terraform ended before all was made, and what was made stays: Error: creating EKS Cluster: LimitExceeded',
      ],
    });
  });

  test('says of a state that is locked how it is unlocked', () => {
    const error =
      'Error: Error acquiring the state lock\nLock Info:\n  ID:        0f1e2d3c-aaaa-bbbb-cccc-000011112222\n  Path: x';
    standIn('terraform', `if [[ "$2" == plan ]]; then printf '%s\\n' '${error}' >&2; exit 1; fi`);
    const { status, told } = run('rebuild-cluster.sh', variables);
    expect({ status, told }).toEqual({
      status: 24,
      told: [
        'the state in states is locked: where nobody works on it any more, terraform force-unlock 0f1e2d3c-aaaa-bbbb-cccc-000011112222',
      ],
    });
  });

  describe.skipIf(!isInstalled('terraform'))('the real one', () => {
    const real = () =>
      run('rebuild-cluster.sh', { ...variables, DIRECTORY: folder, BACKEND_CONFIG: 'path=state.tfstate' });
    const module = (input: string) =>
      file(
        'main.tf',
        `terraform {\n  backend "local" {}\n}\nresource "terraform_data" "cluster" {\n  input            = "${input}"\n  triggers_replace = "${input}"\n}\n`,
      );

    test('makes what is missing, finds that nothing is, and refuses to replace', { timeout: 60_000 }, () => {
      module('a');
      expect(real()).toMatchObject({
        status: 0,
        told: [
          'the state s3://states/dr.tfstate knows nothing yet: all that is made is new',
          'terraform created 1 resources',
        ],
      });
      rmSync(join(folder, 'told.txt'));
      expect(real()).toMatchObject({ status: 0, told: ['terraform created 0 resources'] });
      rmSync(join(folder, 'told.txt'));
      module('b');
      const { status, told } = real();
      expect({ status, last: told.at(-1) }).toEqual({ status: 20, last: 'delete and create terraform_data.cluster' });
      expect(readFileSync(join(folder, 'state.tfstate'), 'utf8')).toContain('"value": "a"');
    });

    const refuses: [string, string, string][] = [
      [
        'moves what it has',
        'resource "terraform_data" "vpc" {\n  input = "a"\n}\nmoved {\n  from = terraform_data.cluster\n  to = terraform_data.vpc\n}',
        'move terraform_data.vpc from terraform_data.cluster',
      ],
      [
        'forgets what it has',
        'removed {\n  from = terraform_data.cluster\n  lifecycle {\n    destroy = false\n  }\n}',
        'forget terraform_data.cluster',
      ],
      ['has no more of what it has', '', 'delete terraform_data.cluster'],
      [
        'takes over what it has not made',
        'resource "terraform_data" "cluster" {\n  input = "a"\n}\nresource "terraform_data" "other" {}\nimport {\n  to = terraform_data.other\n  id = "x"\n}',
        'import terraform_data.other',
      ],
      [
        'changes what others read',
        'resource "terraform_data" "cluster" {\n  input = "a"\n}\noutput "url" {\n  value = "new"\n}',
        'update output.url',
      ],
      [
        'has a check that fails',
        'resource "terraform_data" "cluster" {\n  input = "a"\n}\noutput "url" {\n  value = "old"\n}\ncheck "page" {\n  assert {\n    condition = terraform_data.cluster.output == "b"\n    error_message = "It is not there."\n  }\n}',
        'check fail check.page: It is not there.',
      ],
    ];
    test.for(refuses)('applies nothing of a module that %s', { timeout: 60_000 }, ([, next, line]) => {
      const head = 'terraform {\n  backend "local" {}\n}\n';
      const first = 'resource "terraform_data" "cluster" {\n  input = "a"\n}\noutput "url" {\n  value = "old"\n}';
      file('main.tf', `${head}${first}\n`);
      expect(real().status).toBe(0);
      const before = readFileSync(join(folder, 'state.tfstate'), 'utf8');
      rmSync(join(folder, 'told.txt'));
      const output = /output|delete/.test(`${next}${line}`) ? '' : '\noutput "url" {\n  value = "old"\n}';
      file('main.tf', `${head}${next}${output}\n`);
      const { status, told } = real();
      expect({ status, told: told.slice(0, 2) }).toEqual({
        status: 20,
        told: ['terraform would do more than create, and nothing was applied:', line],
      });
      expect(readFileSync(join(folder, 'state.tfstate'), 'utf8')).toBe(before);
    });

    test('is not asked to apply a plan that ended with an error', { timeout: 60_000 }, () => {
      file(
        'main.tf',
        'terraform {\n  backend "local" {}\n}\nresource "terraform_data" "a" {}\nvariable "network" {\n  default = ""\n}\nresource "terraform_data" "b" {\n  lifecycle {\n    precondition {\n      condition     = var.network != ""\n      error_message = "The network is not there."\n    }\n  }\n}\n',
      );
      expect(real()).toMatchObject({
        status: 1,
        told: ['terraform could not plan: Error: Resource precondition failed'],
      });
      expect(existsSync(join(folder, 'state.tfstate'))).toBe(false);
    });

    test('says what is wrong with a module in one line', { timeout: 60_000 }, () => {
      file('main.tf', 'terraform {\n  backend "local" {}\n}\nresource "terraform_data" "x" {\n  input = var.none\n}\n');
      const { status, told } = real();
      expect(status).toBe(1);
      expect(told).toEqual(['terraform could not plan: Error: Reference to undeclared input variable']);
    });
  });
});

const meta = (name: string, namespace?: string) => ({
  name,
  ...(namespace && { namespace }),
  uid: 'u-1',
  resourceVersion: '7',
  generation: 3,
  creationTimestamp: '2026-01-01T00:00:00Z',
  managedFields: [{ manager: 'kubectl' }],
  annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', team: 'chat' },
});
const image = '111122223333.dkr.ecr.us-east-1.amazonaws.com/chatops:1.4.0';
const podSpec = {
  nodeName: 'ip-10-0-0-1',
  containers: [
    { name: 'api', image, env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'database', key: 'p' } } }] },
  ],
};
const api = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: meta('api', 'chatops'),
  spec: { replicas: 6, template: { spec: podSpec } },
  status: { readyReplicas: 6 },
};
const ingress = (certificate: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { ...meta('api', 'chatops'), annotations: { 'alb.ingress.kubernetes.io/certificate-arn': certificate } },
  spec: {},
  status: { loadBalancer: {} },
});
const here = 'arn:aws:acm:us-east-1:111122223333:certificate/a';
const there = 'arn:aws:acm:us-west-2:111122223333:certificate/b';
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta('api', 'chatops'),
  spec: { clusterIP: '10.1.2.3', clusterIPs: ['10.1.2.3'], ports: [{ port: 80, nodePort: 30_001 }] },
};
const headless = { ...service, metadata: meta('peers', 'chatops'), spec: { clusterIP: 'None', clusterIPs: ['None'] } };
const owned = {
  ...api,
  metadata: { ...meta('of-an-operator', 'chatops'), ownerReferences: [{ kind: 'Operator', name: 'x' }] },
};
const others = [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('kube-root-ca.crt', 'chatops') },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('settings', 'chatops'), data: { level: 'info' } },
  { apiVersion: 'v1', kind: 'Secret', metadata: meta('database', 'chatops'), data: { p: 'c2VjcmV0' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta('api', 'chatops'), secrets: [{ name: 't' }] },
  { apiVersion: 'example.com/v1', kind: 'Room', metadata: meta('lobby', 'chatops'), spec: { seats: 3 } },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: meta('files', 'chatops'),
    spec: { volumeName: 'pvc-1', storageClassName: 'gp3', resources: {} },
  },
];
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: meta('rooms.example.com'),
  spec: { group: 'example.com' },
  status: { conditions: [] },
};
const bound = (name: string, role: string, subjects: object[]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: meta(name),
  roleRef: { kind: 'ClusterRole', name: role },
  subjects,
});
const clusterRoles = [
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: meta('system:node'), rules: [] },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: meta('chatops-reader'), rules: [] },
  bound('chatops-reader', 'chatops-reader', [
    { kind: 'ServiceAccount', namespace: 'chatops', name: 'api' },
    { kind: 'Group', name: 'system:authenticated' },
  ]),
  // What the application does not use, or is somebody else's: nothing of it is brought into another cluster.
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: meta('eks:node-manager'), rules: [] },
  bound('everybody', 'cluster-admin', [{ kind: 'Group', name: 'system:authenticated' }]),
  bound('balancers', 'balancers', [{ kind: 'ServiceAccount', namespace: 'kube-system', name: 'balancers' }]),
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: meta('nodepools.karpenter.sh'),
    spec: { group: 'karpenter.sh' },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: meta('gp2'),
    provisioner: 'kubernetes.io/aws-ebs',
  },
  { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: meta('gp3'), provisioner: 'ebs.csi.aws.com' },
];

describe('a resource backup', () => {
  const variables = {
    NAMESPACES: 'chatops',
    LOST_REGION: 'us-east-1',
    OTHER_REGION: 'us-west-2',
    get RESOURCES() {
      return join(folder, 'backup.yaml');
    },
  };
  const backingUp = (items: object[], replace = {}, more = {}, namespace: object = meta('chatops')) => {
    const of = (name: string, all: object[]) =>
      file(name, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: all }));
    of('namespaced.json', items);
    of('cluster.json', [definition, ...clusterRoles]);
    file(
      'namespace.json',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: namespace,
        spec: { finalizers: ['kubernetes'] },
      }),
    );
    standIn(
      'kubectl',
      `case "$*" in
        api-resources*) printf '%s\\n' configmaps deployments.apps secrets pods events rooms.example.com targetgroupbindings.elbv2.k8s.aws secretstores.external-secrets.io eventsources.argoproj.io ;;
        *'get pods'*) eval "\${PODS:-cat /dev/null}" ;;
        "get namespace"*) cat "${folder}/namespace.json" ;;
        --namespace*) cat "${folder}/namespaced.json" ;;
        *) cat "${folder}/cluster.json" ;;
      esac`,
    );
    return run('back-up-resources.sh', { ...variables, REPLACE: JSON.stringify(replace), ...more });
  };
  const written = () =>
    readFileSync(variables.RESOURCES, 'utf8')
      .split(/^---$/m)
      .slice(1)
      .map((text) => JSON.parse(text));

  test('is in the order in which a cluster takes it, and has nothing in it that a cluster wrote', () => {
    const { status, told, calls } = backingUp([ingress(here), service, headless, owned, api, ...others], {
      [here]: there,
    });
    expect(status).toBe(0);
    expect(told).toEqual([
      '13 objects, 1 of them workloads',
      'secrets that are not in it and must be there before it is applied: chatops/database',
    ]);
    expect(written().map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Namespace chatops',
      'CustomResourceDefinition rooms.example.com',
      'ServiceAccount api',
      'ClusterRole chatops-reader',
      'ClusterRoleBinding chatops-reader',
      'ConfigMap settings',
      'StorageClass gp3',
      'PersistentVolumeClaim files',
      'Service api',
      'Service peers',
      'Deployment api',
      'Room lobby',
      'Ingress api',
    ]);
    const text = readFileSync(variables.RESOURCES, 'utf8');
    for (const word of [
      'status',
      'uid',
      'resourceVersion',
      'managedFields',
      'last-applied',
      'nodeName',
      'volumeName',
      'nodePort',
      'c2VjcmV0',
      '10.1.2.3',
      'us-east-1',
      'system:authenticated',
    ])
      expect(text, word).not.toContain(word);
    expect(text).toContain('111122223333.dkr.ecr.us-west-2.amazonaws.com/chatops:1.4.0');
    expect(text).toContain(there);
    expect(text).toContain('"clusterIP": "None"');
    expect(calls).toContain(
      // What only begins like something that is left out is no such thing.
      'kubectl --namespace chatops get configmaps,deployments.apps,eventsources.argoproj.io,rooms.example.com,secretstores.external-secrets.io --output json',
    );
  });

  test('has beside it what its pods run, by the names of the other region', () => {
    const pods = [
      { spec: { initContainers: [{ image: 'nginx:1' }], containers: [{ image }, { image: `${image}-sidecar` }] } },
      { spec: { containers: [{ image }] } },
    ];
    const items = file('pods.json', JSON.stringify({ items: pods }));
    const IMAGES = join(folder, 'images.txt');
    const get = (answer: string) => {
      standIn('kubectl', '');
      return backingUp([api], {}, { IMAGES, PODS: answer });
    };
    expect(get(`cat ${items}`).status).toBe(0);
    const turned = '111122223333.dkr.ecr.us-west-2.amazonaws.com/chatops:1.4.0';
    expect(lines('images.txt')).toEqual([`"image": "${turned}"`, `"image": "${turned}-sidecar"`, '"image": "nginx:1"']);
    const { status, told } = get('echo "Error: pods is forbidden" >&2; false');
    expect({ status, told: told.slice(-3, -2) }).toEqual({
      status: 0,
      told: ['which images run in namespace chatops could not be read: Error: pods is forbidden'],
    });
    expect(existsSync(variables.RESOURCES)).toBe(true);
  });

  test('that is empty is refused, and none is written', () => {
    const { status, told } = backingUp(others);
    expect({ status, told }).toEqual({
      status: 21,
      told: ['the cluster shows no workload in chatops: an empty backup is none, and the one before stays'],
    });
    expect(existsSync(variables.RESOURCES)).toBe(false);
  });

  test('that names the lost region is refused with each place, and none is written', () => {
    const { status, told } = backingUp([api, ingress(here)]);
    expect({ status, told: told.slice(1) }).toEqual({ status: 22, told: [`Ingress chatops/api: ${here}`] });
    expect(told[0]).toBe(
      'what would be backed up names us-east-1, or what stands there; say in the plan (replace) what stands for it in us-west-2:',
    );
    expect(existsSync(variables.RESOURCES)).toBe(false);
  });

  test.skipIf(!isInstalled('kubectl'))('is a file that the real kubectl reads', () => {
    backingUp([ingress(there), api, ...others]);
    rmSync(join(folder, 'bin', 'kubectl'));
    const names = execFileSync(
      'kubectl',
      [
        'label',
        '--local',
        '--filename',
        variables.RESOURCES,
        'seen=yes',
        '--output',
        'jsonpath={.kind} {.metadata.name}{"\\n"}',
      ],
      { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder } },
    );
    expect(names.trim().split('\n')).toContain('Deployment api');
    expect(names.trim().split('\n')).toHaveLength(11);
  });

  test.for([
    [
      'postgres://u:p@prod.abc.us-east-1.rds.amazonaws.com:5432/chatops',
      'prod.abc.us-east-1.rds.amazonaws.com:5432/chatops',
    ],
    ['us-east-1a', 'us-east-1a'],
    [`["${here}","x"]`, here],
    ['subnet-0123456789abcdef0,subnet-0123456789abcdef1', 'subnet-0123456789abcdef0'],
    ['fs-01234567', 'fs-01234567'],
  ] as const)('that names %s is refused, and no password is told', ([value, word]) => {
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('settings', 'chatops'), data: { value } };
    const { status, told } = backingUp([api, settings]);
    expect({ status, said: told[1] }).toEqual({ status: 22, said: `ConfigMap chatops/settings: ${word}` });
    expect(existsSync(variables.RESOURCES)).toBe(false);
    expect(
      backingUp([api, settings], { [word]: word, 'subnet-0123456789abcdef1': 'subnet-0fedcba9876543210' }).status,
    ).toBe(0);
  });

  test('takes words that only look like the lost region', () => {
    const data = { a: 'us-east-10', b: 'sg-team', c: 'bus-east-1x' };
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('settings', 'chatops'), data };
    expect(backingUp([api, settings]).status).toBe(0);
  });

  test('of a long text is made in a moment', { timeout: 20_000 }, () => {
    const data = { base64: 'QUJD'.repeat(60_000) };
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('settings', 'chatops'), data };
    expect(backingUp([api, settings]).status).toBe(0);
  });

  test.for([
    ['the plan’s deployments stand at zero', 'chatops api 6;chatops worker 3', 25],
    ['others do', 'chatops worker 3', 0],
  ] as const)('of a cluster of which %s ends with its own status', ([, DEPLOYMENTS, status]) => {
    const stopped = { ...api, spec: { ...api.spec, replicas: 0 } };
    const { told, ...ended } = backingUp([stopped], {}, { DEPLOYMENTS });
    expect(ended.status).toBe(status);
    if (status !== 0)
      expect(told).toEqual([
        "none of the plan's deployments runs in the cluster: what was stopped is no backup, and the one before stays",
      ]);
  });

  test('of a namespace that is being deleted is refused', () => {
    const ending = { ...meta('chatops'), deletionTimestamp: '2026-01-02T00:00:00Z' };
    expect(backingUp([api], {}, {}, ending)).toMatchObject({
      status: 21,
      told: ['namespace chatops is being deleted, with all that is in it: the one before stays'],
    });
  });

  test('says which cluster does not answer', () => {
    standIn('kubectl', `echo 'error: You must be logged in to the server (Unauthorized)' >&2; exit 1`);
    expect(run('back-up-resources.sh', variables)).toMatchObject({
      status: 1,
      told: [
        'the cluster does not name its types of resources: error: You must be logged in to the server (Unauthorized)',
      ],
    });
  });

  describe('that is applied', () => {
    const applying = (kubectl: string, more = {}) => {
      backingUp([api, ingress(there), ...others]);
      for (const name of ['calls', 'told.txt']) rmSync(join(folder, name));
      standIn('kubectl', kubectl);
      return run('apply-resources.sh', { ...variables, ...more });
    };
    const how = '--server-side --force-conflicts --field-manager=breakwater';
    const shape = (calls: string[]) => calls.map((call) => call.replace(/\/\S*\//g, ''));

    test('is tried on the server first, namespaces and definitions before the rest', () => {
      const { status, told, calls } = applying('');
      expect({ status, told }).toEqual({
        status: 0,
        told: [
          'secrets that are not there yet, without which pods do not start: chatops/database',
          'volumes that start EMPTY: chatops/files',
          '11 objects of the resource backup were applied',
        ],
      });
      expect(shape(calls)).toEqual([
        `kubectl apply ${how} --dry-run=server -f first.json`,
        `kubectl apply ${how} -f first.json`,
        'kubectl wait --for=condition=Established --timeout=60s crd/rooms.example.com',
        `kubectl apply ${how} --dry-run=server -f rest.json`,
        'kubectl --namespace chatops get secret database --ignore-not-found --output name',
        `kubectl apply ${how} -f rest.json`,
      ]);
    });

    test('is not, where the server refuses it', () => {
      const no = `case "$*" in *rest.json) [[ "$*" == *dry-run* ]] && { echo 'Deployment "api" is invalid' >&2; exit 1; } ;; esac; exit 0`;
      const { status, told, calls } = applying(no);
      expect({ status, told }).toEqual({
        status: 1,
        told: ['a dry run refused the backup, and nothing of it was applied:', 'Deployment "api" is invalid'],
      });
      expect(shape(calls)).not.toContain(`kubectl apply ${how} -f rest.json`);
    });

    test('is only tried each day: nothing is applied', () => {
      const { status, told, calls } = applying('echo namespace/chatops', { DRY_RUN: 'only' });
      expect({ status, told }).toEqual({ status: 0, told: ['11 objects would be applied'] });
      expect(calls.filter((call) => call.includes('apply') && !call.includes('--dry-run=server'))).toEqual([]);
    });

    test('is tried as far as it can be where its namespaces are not there', () => {
      const { status, told, calls } = applying('', { DRY_RUN: 'only' });
      expect({ status, told }).toEqual({
        status: 0,
        told: [
          '11 objects: namespaces chatops are not there, so that the server judged no more than namespaces and definitions',
        ],
      });
      expect(shape(calls)).toEqual([
        `kubectl apply ${how} --dry-run=server -f first.json`,
        'kubectl get namespace chatops --ignore-not-found --output name',
      ]);
    });

    test('is only read where the cluster is made on the day', () => {
      const { status, told, calls } = applying('', { DRY_RUN: 'read' });
      expect({ status, told, calls }).toEqual({
        status: 0,
        told: ['11 objects can be read; the cluster is made on the day, so that no server was asked'],
        calls: [],
      });
    });

    test('leaves what consumes switched off: a step of the flow switches it on', () => {
      const of = (kind: string, name: string, spec: object) => ({
        kind,
        metadata: { name, namespace: 'chatops' },
        spec,
      });
      const objects = [
        of('CronJob', 'digest', { suspend: false }),
        of('CronJob', 'cleanup', {}),
        of('Deployment', 'worker', { replicas: 3 }),
        of('Deployment', 'api', { replicas: 6 }),
      ];
      standIn(
        'kubectl',
        `case "$*" in *'apply '*dry-run*) ;; *apply*rest.json) cp "\${@: -1}" "${folder}/applied.json" ;; esac`,
      );
      const RESOURCES = file('backup.yaml', objects.map((one) => `---\n${JSON.stringify(one)}\n`).join(''));
      const CONSUMERS = 'CronJob chatops digest;Deployment chatops worker;Deployment other api';
      expect(run('apply-resources.sh', { RESOURCES, CONSUMERS }).status).toBe(0);
      const applied = execFileSync('jq', ['-c', '-s', 'map(.spec)', join(folder, 'applied.json')], {
        encoding: 'utf8',
      });
      expect(JSON.parse(applied)).toEqual([{ suspend: true }, {}, { replicas: 0 }, { replicas: 6 }]);
    });

    test('in part says so', () => {
      const no = `case "$*" in *rest.json) [[ "$*" == *dry-run* ]] || { echo 'error: conversion webhook failed' >&2; exit 1; } ;; esac; exit 0`;
      expect(applying(no)).toMatchObject({
        status: 1,
        told: expect.arrayContaining(['the resource backup was applied in part: error: conversion webhook failed']),
      });
    });

    test.for(['{"kind": "Names', '{"kind": "Namespace", "metadata": {"name": "a"}}\n---\n{"kind": 7}', '[]'])(
      'is not, where it cannot be read: %j',
      (text) => {
        standIn('kubectl');
        expect(run('apply-resources.sh', { RESOURCES: file('half.yaml', text) })).toMatchObject({
          status: 21,
          told: [expect.stringContaining('the backup cannot be read to its end')],
          calls: [],
        });
      },
    );

    test.for(['', '---\n{"kind": "Namespace", "metadata": {"name": "chatops"}}\n'])(
      'is not, where it is empty: %j',
      (text) => {
        standIn('kubectl');
        const { status, calls } = run('apply-resources.sh', { RESOURCES: file('empty.yaml', text) });
        expect({ status, calls }).toEqual({ status: 21, calls: [] });
      },
    );
  });
});

describe('a chart', () => {
  /** `manifests`: what is in each revision, and in the chart under `chart`; JSON is YAML too. `claims`: what the API server says of a volume claim. */
  type More = {
    readonly manifests?: Readonly<Record<string, readonly object[]>>;
    readonly claims?: string;
    readonly more?: Readonly<Record<string, string>>;
  };
  const installing = (
    statuses: readonly (string | null)[],
    history: object[] = [],
    { manifests = {}, claims = '', more = {} }: More = {},
  ) => {
    file('chart.tgz', 'a chart');
    file('statuses', statuses.map((status) => `${status ?? ''}\n`).join(''));
    file('history.json', JSON.stringify(history));
    for (const [of, objects] of Object.entries(manifests))
      file(`manifest.${of}`, objects.map((one) => `---\n${JSON.stringify(one)}\n`).join(''));
    standIn(
      'helm',
      `case "$1 $2" in
        status*) now=$(head -n 1 "${folder}/statuses"); sed -i 1d "${folder}/statuses"
          [[ -n "$now" ]] || { echo "\${gone:-Error: release: not found}" >&2; exit 1; }
          printf '{"info": {"status": "%s"}}\\n' "$now" ;;
        history*) cat "${folder}/history.json" ;;
        'get manifest') [[ ! -f "${folder}/helm.broken" ]] || { echo 'Error: no' >&2; exit 1; }
          cat "${folder}/manifest.\${@: -1}" 2>/dev/null || true ;;
        template*) cat "${folder}/manifest.chart" 2>/dev/null || true ;;
      esac`,
    );
    standIn(
      'kubectl',
      `[[ ! -f "${folder}/kubectl.broken" ]] || { echo 'error: not YAML' >&2; exit 1; }
      case "$1 $3" in label*) while [[ "$1" != --filename ]]; do shift; done; grep -v '^---' "$2" || true ;; *get) ${claims} ;; esac`,
    );
    const { calls, ...rest } = run('install-chart.sh', {
      CHART: join(folder, 'chart.tgz'),
      RELEASE: 'chatops-platform',
      NAMESPACE: 'chatops',
      ...more,
    });
    return {
      ...rest,
      calls: calls.filter((call) => !/^(helm (status|history|get|template)|kubectl label)/.test(call)),
    };
  };
  const upgrade = () =>
    `helm upgrade --install chatops-platform ${folder}/chart.tgz --namespace chatops --create-namespace --wait=legacy --timeout 20m`;
  const object = (kind: string, name: string, more = {}) => ({ apiVersion: 'v1', kind, metadata: { name }, ...more });

  test('is installed where there is none, and waited for', () => {
    const { status, told, calls } = installing([null, 'deployed']);
    expect({ status, told }).toEqual({ status: 0, told: ['release chatops-platform of chart.tgz is deployed'] });
    expect(calls).toEqual([upgrade()]);
  });

  test('whose last upgrade died is rolled back first, to what was deployed', () => {
    const history = [
      { revision: 3, status: 'superseded' },
      { revision: 4, status: 'deployed' },
      { revision: 5, status: 'pending-upgrade' },
    ];
    const { status, told, calls } = installing(['pending-upgrade', 'deployed', 'deployed'], history);
    expect(status).toBe(0);
    expect(told[0]).toBe('release chatops-platform was pending-upgrade: rolled back to revision 4, which was deployed');
    expect(calls).toEqual([
      'helm rollback chatops-platform 4 --namespace chatops --wait=legacy --timeout 20m',
      upgrade(),
    ]);
  });

  test('that was never deployed loses the note of that, and nothing in the cluster', () => {
    const { status, told, calls } = installing(
      ['pending-install', null, 'deployed'],
      [{ revision: 1, status: 'pending-install' }],
      { manifests: { 1: [object('PersistentVolumeClaim', 'files')] } },
    );
    expect({ status, told, calls }).toEqual({
      status: 0,
      told: [
        'release chatops-platform was pending-install and never deployed: the note of that was removed, and what it had made stays',
        'release chatops-platform of chart.tgz is deployed',
      ],
      calls: ['kubectl --namespace chatops delete secret sh.helm.release.v1.chatops-platform.v1', upgrade()],
    });
  });

  const history = [
    { revision: 4, status: 'deployed' },
    { revision: 5, status: 'pending-upgrade' },
  ];
  const set = (whenDeleted: string) => ({
    ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'queue' } },
    spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted } },
  });
  const room = { apiVersion: 'example.com/v1', kind: 'Room', metadata: { name: 'lobby', namespace: 'other' } };
  test.for([
    ['a volume claim', object('PersistentVolumeClaim', 'files'), 'PersistentVolumeClaim chatops/files'],
    ['a namespace', object('Namespace', 'rooms'), 'Namespace chatops/rooms'],
    ['a secret', object('Secret', 'key'), 'Secret chatops/key'],
    ['a set whose claims go with it', set('Delete'), 'StatefulSet chatops/queue'],
    ['what an operator keeps', room, 'Room other/lobby'],
    [
      'a snapshot of a volume',
      { ...object('VolumeSnapshot', 'last'), apiVersion: 'snapshot.storage.k8s.io/v1' },
      'VolumeSnapshot chatops/last',
    ],
  ] as const)('loses no %s: neither by going back nor by an upgrade', ([, holder, line]) => {
    const manifests = { 4: [], 5: [object('ConfigMap', 'x'), holder], chart: [object('ConfigMap', 'x')] };
    const back = installing(['pending-upgrade'], history, { manifests });
    expect(back).toMatchObject({
      status: 27,
      told: [
        'release chatops-platform: it is pending-upgrade; going back to revision 4 would delete what may hold data, and was not begun: a person decides',
        line,
      ],
      calls: [],
    });
    for (const name of ['calls', 'told.txt']) rmSync(join(folder, name));
    const deployed = [{ revision: 5, status: 'deployed' }];
    expect(installing(['deployed', 'deployed'], deployed, { manifests })).toMatchObject({
      status: 27,
      told: [
        'release chatops-platform: the upgrade of revision 5 would delete what may hold data, and was not begun: a person decides',
        line,
      ],
      calls: [],
    });
  });

  test.for([
    ['stays', object('PersistentVolumeClaim', 'files'), [object('PersistentVolumeClaim', 'files')]],
    [
      'helm leaves it',
      object('PersistentVolumeClaim', 'files', {
        metadata: { name: 'files', annotations: { 'helm.sh/resource-policy': 'keep' } },
      }),
      [],
    ],
    ['holds nothing', object('Deployment', 'api', { apiVersion: 'apps/v1' }), []],
    ['leaves its claims', set('Retain'), []],
  ] as const)('goes on where what the last revision has %s', ([, standing, chart]) => {
    const manifests = { 5: [standing], chart: chart as readonly object[] };
    expect(installing(['deployed', 'deployed'], [{ revision: 5, status: 'deployed' }], { manifests })).toMatchObject({
      status: 0,
      calls: [upgrade()],
    });
  });

  test('of which only one try failed looks at what was deployed too', () => {
    const manifests = { 4: [object('PersistentVolumeClaim', 'files')], 5: [] };
    const failed = [
      { revision: 4, status: 'deployed' },
      { revision: 5, status: 'failed' },
    ];
    expect(installing(['failed', 'deployed'], failed, { manifests })).toMatchObject({
      status: 27,
      told: [expect.stringContaining('the upgrade of revision 4 would delete'), 'PersistentVolumeClaim chatops/files'],
    });
  });

  test.for([
    ['helm', 'revision 5 of release chatops-platform cannot be read: Error: no'],
    ['kubectl', 'what is in a revision of release chatops-platform cannot be read: error: not YAML'],
  ] as const)('is not touched where %s cannot read a revision', ([tool, line]) => {
    file(`${tool}.broken`, '');
    const { status, told, calls } = installing(['deployed'], [{ revision: 5, status: 'deployed' }]);
    expect({ status, told, calls }).toEqual({ status: 1, told: [line], calls: [] });
  });

  test.skipIf(!isInstalled('kubectl'))('is read as the real kubectl reads it', () => {
    const standing = [
      '# Source: a.yaml',
      'apiVersion: v1',
      'kind: PersistentVolumeClaim',
      'metadata: { name: files, labels: {} }',
      '---',
      'kind: "Secret"',
      "apiVersion: 'v1'",
      'metadata:',
      '  name: >-',
      '    key',
      '---',
      '# empty',
      '---',
      'apiVersion: v1',
      'kind: List',
      'items: [{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: more, namespace: other } }]',
    ];
    const history = [{ revision: 5, status: 'deployed' }];
    installing([], history);
    for (const name of ['calls', 'told.txt']) rmSync(join(folder, name), { force: true });
    rmSync(join(folder, 'bin', 'kubectl'));
    file('manifest.5', `${standing.join('\n')}\n`);
    file('manifest.chart', 'apiVersion: v1\nkind: Secret\nmetadata: { name: key, namespace: chatops }\n');
    file('statuses', 'deployed\n');
    const { status, told } = run('install-chart.sh', {
      ...{ CHART: join(folder, 'chart.tgz'), RELEASE: 'chatops-platform', NAMESPACE: 'chatops' },
    });
    expect({ status, told: told.slice(1) }).toEqual({
      status: 27,
      told: ['PersistentVolumeClaim chatops/files', 'PersistentVolumeClaim other/more'],
    });
  });

  test('that stays stuck is for a person', () => {
    const { status, told, calls } = installing(
      ['pending-upgrade', 'pending-rollback'],
      [{ revision: 1, status: 'deployed' }],
    );
    expect(status).toBe(23);
    expect(told.at(-1)).toBe(
      'release chatops-platform is still pending-rollback, expected deployed or none: a person has to look',
    );
    expect(calls).not.toContain(upgrade());
  });

  const removed = [
    { revision: 1, status: 'superseded' },
    { revision: 2, status: 'uninstalling' },
  ];
  test('whose removal died is put right as well', () => {
    const { told } = installing(['uninstalling', 'deployed', 'deployed'], removed);
    expect(told[0]).toBe('release chatops-platform was uninstalling: rolled back to revision 1, which was deployed');
  });

  test('whose removal died after it took volumes says which start empty', () => {
    const claim = [object('PersistentVolumeClaim', 'files')];
    const { status, told } = installing(['uninstalling', 'deployed', 'deployed'], removed, {
      manifests: { 1: claim, 2: claim, chart: claim },
    });
    expect({ status, said: told[0] }).toEqual({
      status: 0,
      said: 'volumes that start EMPTY, since their claims are gone: chatops/files',
    });
  });

  test('whose volumes are being deleted is for a person', () => {
    const claim = [object('PersistentVolumeClaim', 'files')];
    const ending = `echo '{"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}'`;
    expect(installing(['uninstalling'], removed, { manifests: { 1: claim, 2: claim }, claims: ending })).toMatchObject({
      status: 27,
      told: [
        'release chatops-platform: its removal goes on, which would delete what may hold data, and was not begun: a person decides',
        'PersistentVolumeClaim chatops/files is being deleted',
      ],
    });
  });

  test('whose removal died, and of which nothing else was deployed, is for a person: no release is ever uninstalled', () => {
    const only = [{ revision: 1, status: 'uninstalling' }];
    const { status, told, calls } = installing(['uninstalling'], only, {
      manifests: { 1: [object('PersistentVolumeClaim', 'files')] },
    });
    expect({ status, told, calls }).toEqual({
      status: 27,
      told: [
        'release chatops-platform is uninstalling and has no other revision that was deployed: nothing was done, since its volume claims may hold data: a person decides',
      ],
      calls: [],
    });
    expect(readFileSync(join(scripts, 'install-chart.sh'), 'utf8')).not.toMatch(/helm (uninstall|delete)/);
  });

  test('is not installed where nobody says how its release stands', () => {
    file('chart.tgz', 'a chart');
    standIn('helm', `echo 'Error: Kubernetes cluster unreachable: Unauthorized' >&2; exit 1`);
    const { status, told, calls } = run('install-chart.sh', {
      CHART: join(folder, 'chart.tgz'),
      RELEASE: 'r',
      NAMESPACE: 'n',
    });
    expect({ status, told, calls }).toEqual({
      status: 1,
      told: ['how release r stands is not known: Error: Kubernetes cluster unreachable: Unauthorized'],
      calls: ['helm status r --namespace n --output json'],
    });
  });

  test('that does not come up says what Helm says', () => {
    file('chart.tgz', 'a chart');
    standIn(
      'helm',
      `case "$1" in status) echo 'Error: release: not found' >&2 ;; *) echo 'Error: timed out waiting for the condition' >&2 ;; esac; exit 1`,
    );
    const { status, told } = run('install-chart.sh', {
      CHART: join(folder, 'chart.tgz'),
      RELEASE: 'r',
      NAMESPACE: 'n',
    });
    expect({ status, told }).toEqual({
      status: 1,
      told: ['release r was not installed: Error: timed out waiting for the condition'],
    });
  });

  test('is looked at each day for what it pulls, and nothing is installed', () => {
    file('chart.tgz', 'a chart');
    const made = [
      '      containers:',
      '        - image: "1.dkr.ecr.us-west-2.amazonaws.com/api:1.4.0" # pinned',
      '          name: api',
      "      - image: '1.dkr.ecr.us-west-2.amazonaws.com/worker@sha256:a'",
      '          image: nginx',
      '          imagePullPolicy: Always',
      '          image: nginx',
    ];
    file('made.yaml', `${made.join('\n')}\n`);
    standIn('helm', `cat "${folder}/made.yaml"`);
    const { status, told, calls } = run('install-chart.sh', {
      ...{ CHART: join(folder, 'chart.tgz'), RELEASE: 'r', NAMESPACE: 'n', DRY_RUN: 'only' },
      IMAGES: join(folder, 'images.txt'),
    });
    expect({ status, told, calls }).toEqual({
      status: 0,
      told: ['chart chart.tgz pulls 3 images'],
      calls: [`helm template r ${folder}/chart.tgz --namespace n`],
    });
    expect(lines('images.txt').toSorted()).toEqual([
      '"image": "1.dkr.ecr.us-west-2.amazonaws.com/api:1.4.0"',
      '"image": "1.dkr.ecr.us-west-2.amazonaws.com/worker@sha256:a"',
      '"image": "nginx"',
    ]);
  });

  const consuming = [
    { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'digest' }, spec: {} },
    { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'idle' }, spec: { suspend: true } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'mailer', namespace: 'jobs' },
      spec: { replicas: 3 },
    },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api' }, spec: { replicas: 6 } },
  ];
  const CONSUMERS = 'CronJob chatops digest;CronJob chatops idle;Deployment jobs mailer';

  test('that starts what consumes has it switched off, and said', () => {
    const { status, told, calls } = installing([null, 'deployed'], [], {
      manifests: { chart: consuming },
      more: { CONSUMERS },
    });
    expect({ status, told, calls }).toEqual({
      status: 0,
      told: [
        'CronJob chatops/digest worked from the chart on, and was switched off: a step of the flow switches it on',
        'Deployment jobs/mailer worked from the chart on, and was switched off: a step of the flow switches it on',
        'release chatops-platform of chart.tgz is deployed',
      ],
      calls: [
        upgrade(),
        'kubectl --namespace chatops patch cronjob digest --type=merge --patch {"spec": {"suspend": true}}',
        'kubectl --namespace jobs scale deployment mailer --replicas=0',
      ],
    });
  });

  test('that would start what consumes is said each day', () => {
    const { status, told, calls } = installing([], [], {
      manifests: { chart: consuming },
      more: { CONSUMERS, DRY_RUN: 'only', IMAGES: join(folder, 'images.txt') },
    });
    expect({ status, told, calls }).toEqual({
      status: 64,
      told: [
        'chart chart.tgz pulls 0 images',
        'chart chart.tgz starts what consumes before the database has taken over, expected suspend: true and replicas: 0 in its values: CronJob chatops digest,Deployment jobs mailer',
      ],
      calls: [],
    });
  });

  test('that makes nothing of its values says so each day', () => {
    file('chart.tgz', 'a chart');
    standIn('helm', `echo 'Error: execution error at (x): replicas is required' >&2; exit 1`);
    const more = { CHART: join(folder, 'chart.tgz'), RELEASE: 'r', NAMESPACE: 'n', DRY_RUN: 'only', IMAGES: 'i' };
    expect(run('install-chart.sh', more)).toMatchObject({
      status: 1,
      told: ['chart chart.tgz makes nothing of its values: Error: execution error at (x): replicas is required'],
    });
  });

  test('that is not there is said in one line', () => {
    standIn('helm');
    const { status, told, calls } = run('install-chart.sh', { CHART: 'no.tgz', RELEASE: 'r', NAMESPACE: 'n' });
    expect({ status, told, calls }).toEqual({
      status: 64,
      told: ['chart no.tgz is not there, expected the packaged chart'],
      calls: [],
    });
  });
});

test('deployments are given replicas, and none is taken', () => {
  standIn('kubectl', `case "$*" in *'get deployment api'*) printf 2 ;; *'get deployment worker'*) printf 9 ;; esac`);
  const { status, told, calls } = run('scale-application.sh', { DEPLOYMENTS: 'chatops api 6;chatops worker 3' });
  expect({ status, told }).toEqual({
    status: 0,
    told: [
      'deployment chatops/api was scaled from 2 to 6 replicas',
      'deployment chatops/worker has 9 replicas, 3 are wanted',
    ],
  });
  expect(calls.filter((call) => call.includes(' scale '))).toEqual([
    'kubectl --namespace chatops scale deployment api --replicas=6',
  ]);
});

test('a deployment that is not there costs itself', () => {
  standIn(
    'kubectl',
    `case "$*" in *'get deployment api'*) echo 'Error from server (NotFound): deployments.apps "api" not found' >&2; exit 1 ;; *'get deployment worker'*) printf 1 ;; esac`,
  );
  const { status, told } = run('scale-application.sh', { DEPLOYMENTS: 'chatops api 6;chatops worker 3' });
  expect({ status, told }).toEqual({
    status: 1,
    told: [
      'deployment chatops/api could not be looked at: Error from server (NotFound): deployments.apps "api" not found',
      'deployment chatops/worker was scaled from 1 to 3 replicas',
    ],
  });
});

describe('tools', () => {
  const tools = (sum: string) => {
    const text = '#!/bin/sh\necho real\n';
    file('kubectl', text);
    standIn('aws', `cp "${folder}/kubectl" "\${@: -1}"`);
    const actual = execFileSync('sha256sum', [join(folder, 'kubectl')], { encoding: 'utf8' }).slice(0, 64);
    return run('install-tools.sh', {
      BUCKET: 'recovery',
      BUCKET_REGION: 'us-west-2',
      BIN: join(folder, 'tools'),
      TOOLS: `kubectl tools/kubectl ${sum === 'actual' ? actual : sum}`,
    });
  };

  test('are taken with the checksum of the plan', () => {
    const { status, calls } = tools('actual');
    expect(status).toBe(0);
    expect(calls[0]).toMatch(/^aws s3 cp --only-show-errors --region us-west-2 s3:\/\/recovery\/tools\/kubectl /);
    expect(execFileSync(join(folder, 'tools', 'kubectl'), { encoding: 'utf8' })).toBe('real\n');
  });

  test('with another checksum are not run', () => {
    const { status, told } = tools('0'.repeat(64));
    expect(status).toBe(1);
    expect(told[0]).toMatch(
      /^kubectl: s3:\/\/recovery\/tools\/kubectl has the checksum [0-9a-f]{64}, expected 0{64}, as the plan says$/,
    );
    expect(existsSync(join(folder, 'tools', 'kubectl'))).toBe(false);
  });
});

describe('a build', () => {
  const variables = {
    CLUSTER: 'chatops-dr',
    REGION: 'us-west-2',
    BUCKET: 'recovery',
    BUCKET_REGION: 'us-west-2',
    RESOURCES_KEY: 'backups/latest.yaml',
  };
  const missing = `case "$*" in *describe-cluster*) echo 'An error occurred (ResourceNotFoundException)' >&2; exit 254 ;; esac`;

  test('for a daily back-up does nothing where there is no cluster', () => {
    standIn('aws', missing);
    const { status, told } = run('recover.sh', { ...variables, TASK: 'back-up' }, 'application');
    expect({ status, told }).toEqual({
      status: 0,
      told: ['there is no cluster chatops-dr in us-west-2: nothing to do'],
    });
  });

  test.for([
    ['nothing was brought yet', '', 'nothing of chatops is in cluster chatops-dr yet: nothing to do'],
    [
      'all was stopped',
      '{"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "api", "namespace": "chatops"}, "spec": {"replicas": 0}}',
      "none of the plan's deployments runs in chatops-dr: what was stopped is no backup, and the one before stays",
    ],
  ] as const)('for a daily back-up of a cluster in which %s is no failure, and nothing is copied', ([, item, line]) => {
    standIn('aws');
    file('items.json', `{"items": [${item}]}`);
    standIn(
      'kubectl',
      `case "$*" in
        auth*) echo yes ;;
        'get namespace chatops --ignore-not-found'*) ${item === '' ? ':' : 'echo namespace/chatops'} ;;
        api-resources*) echo deployments.apps ;;
        'get namespace'*) echo '{"kind": "Namespace", "metadata": {"name": "chatops"}}' ;;
        --namespace*) cat "${folder}/items.json" ;;
        *) echo '{"items": []}' ;;
      esac`,
    );
    const of = {
      NAMESPACES: 'chatops',
      LOST_REGION: 'us-west-2',
      OTHER_REGION: 'us-east-1',
      DEPLOYMENTS: 'chatops api 6',
    };
    const { status, told, calls } = run('recover.sh', { ...variables, ...of, TASK: 'back-up' }, 'application');
    expect({ status, told }).toEqual({ status: 0, told: [line] });
    expect(calls.filter((call) => call.includes('s3 cp'))).toEqual([]);
  });

  const backup = '{"kind": "Deployment", "metadata": {"name": "api", "namespace": "chatops"}}';
  const stored = (more = '') => {
    file('stored.yaml', backup);
    standIn(
      'aws',
      `${more}\ncase "$*" in *head-object*) echo "\${AT:-$(date -u +%FT%TZ)}" ;; *'latest.yaml resources.yaml') cp "${folder}/stored.yaml" resources.yaml ;; esac`,
    );
  };

  test('for a daily dry run reads the backup where the cluster is made on the day, and leaves what readiness looks at', () => {
    stored(missing);
    const { status, told, calls } = run('recover.sh', { ...variables, TASK: 'dry-run' }, 'application');
    expect({ status, told }).toEqual({
      status: 0,
      told: ['1 objects can be read; the cluster is made on the day, so that no server was asked'],
    });
    expect(calls.at(-1)).toMatch(/ dry-run\.txt s3:\/\/recovery\/backups\/latest\.yaml\.dry-run$/);
  });

  test('for a rebuild says that the backup is old, and takes it', () => {
    stored();
    standIn('kubectl', 'echo yes');
    const old = { ...variables, TASK: 'rebuild', OLDEST_HOURS: '26', AT: '2026-01-01T00:00:00+00:00' };
    const { status, told } = run('recover.sh', old, 'application');
    expect(status).toBe(0);
    expect(told[0]).toMatch(
      /^the resource backup is \d+ h old, expected less than 26 h: what was changed since is not in it$/,
    );
    expect(told.at(-1)).toBe('1 objects of the resource backup were applied');
  });

  test.for([
    [
      'error: You must be logged in to the server (Unauthorized)',
      26,
      'cluster chatops-dr refuses our token: has the role of this project an access entry? (docs/deploy.md)',
    ],
    [
      'Unable to connect to the server: dial tcp: lookup x.eks.amazonaws.com: no such host',
      1,
      'cluster chatops-dr does not answer: Unable to connect to the server: dial tcp: lookup x.eks.amazonaws.com: no such host',
    ],
  ] as const)('applies nothing in a cluster that says: %s', ([said, status, line]) => {
    stored();
    standIn('kubectl', `echo '${said}' >&2; exit 1`);
    const ended = run('recover.sh', { ...variables, TASK: 'rebuild' }, 'application');
    expect({ status: ended.status, told: ended.told }).toEqual({ status, told: [line] });
    expect(ended.calls.filter((call) => call.includes(' apply'))).toEqual([]);
  });

  test('goes on where the token is taken and the right is another’s', () => {
    stored();
    standIn('kubectl', `case "$*" in 'auth can-i'*) echo no; exit 1 ;; esac`);
    expect(run('recover.sh', { ...variables, TASK: 'rebuild' }, 'application').status).toBe(0);
  });

  test('for a daily dry run of a chart leaves what it pulls, whether there is a cluster or not', () => {
    const chart = file('chart.made', 'a chart');
    standIn('aws', `case "$*" in *'c.tgz c.tgz') cp "${chart}" c.tgz ;; esac`);
    standIn('helm', `echo '  image: a/b:1'`);
    const of = { CHART_KEY: 'charts/c.tgz', CHART_SHA256: sumOf(chart), RELEASE: 'r', NAMESPACE: 'n' };
    const { status, told, calls } = run('recover.sh', { ...variables, ...of, TASK: 'dry-run' }, 'application');
    expect({ status, told }).toEqual({ status: 0, told: ['chart c.tgz pulls 1 images'] });
    expect(calls.at(-1)).toMatch(/ images\.txt s3:\/\/recovery\/charts\/c\.tgz\.images$/);
  });

  test('says which object of the bucket is not there', () => {
    standIn(
      'aws',
      `case "$*" in *source.tar.gz*) echo 'fatal error: An error occurred (404) when calling the HeadObject operation' >&2; exit 1 ;; esac`,
    );
    const wanted = { SOURCE: 'terraform/source.tar.gz', SOURCE_SHA256: 'a', DIRECTORY: 'd', ROLE_ARN: 'r' };
    expect(run('recover.sh', { ...variables, ...wanted, TASK: 'rebuild' }, 'terraform')).toMatchObject({
      status: 1,
      told: [
        's3://recovery/terraform/source.tar.gz could not be copied to source.tar.gz: fatal error: An error occurred (404) when calling the HeadObject operation',
      ],
    });
  });

  test('fails where nobody says whether there is a cluster', () => {
    standIn('aws', `echo 'An error occurred (AccessDenied)' >&2; exit 254`);
    const { status, told } = run('recover.sh', { ...variables, TASK: 'back-up' }, 'application');
    expect(status).toBe(1);
    expect(told[0]).toContain('could not be looked at: An error occurred (AccessDenied)');
  });

  test('scales nothing after a phase that failed', () => {
    standIn('aws');
    standIn('kubectl');
    const failed = { ...variables, TASK: 'rebuild', DEPLOYMENTS: 'a b 1', CODEBUILD_BUILD_SUCCEEDING: '0' };
    expect(run('recover.sh', failed, 'scale')).toMatchObject({ status: 0, calls: [] });
  });

  test('does in each phase what its task has there, and nothing else', () => {
    standIn('aws');
    for (const [task, phase] of [
      ['scale', 'terraform'],
      ['scale', 'application'],
      ['back-up', 'terraform'],
      ['dry-run', 'scale'],
    ] as const)
      expect(run('recover.sh', { ...variables, TASK: task }, phase)).toMatchObject({ status: 0, calls: [] });
  });

  test('with a task that nobody knows is refused', () => {
    const { status, told } = run('recover.sh', { ...variables, TASK: 'destroy' }, 'terraform');
    expect({ status, told }).toEqual({
      status: 64,
      told: ['task destroy is not known, expected rebuild, scale, back-up or dry-run'],
    });
  });

  const sumOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

  test('takes no source with another checksum than the plan’s', () => {
    const source = file('made.tar.gz', 'exchanged');
    standIn('aws', `case "$*" in *source.tar.gz) cp "${source}" source.tar.gz ;; esac`);
    standIn('terraform');
    const wanted = { SOURCE: 'terraform/source.tar.gz', SOURCE_SHA256: 'a'.repeat(64), DIRECTORY: 'd', ROLE_ARN: 'r' };
    const { status, told, calls } = run('recover.sh', { ...variables, ...wanted, TASK: 'rebuild' }, 'terraform');
    expect({ status, told }).toEqual({
      status: 1,
      told: [
        `source: s3://recovery/terraform/source.tar.gz has the checksum ${sumOf(source)}, expected ${'a'.repeat(64)}, as the plan says`,
      ],
    });
    expect(calls.filter((call) => call.startsWith('terraform'))).toEqual([]);
  });

  test.for(['chart', 'values'] as const)('installs nothing where the checksum of the %s is another one', (which) => {
    const [chart, values] = [file('chart.made', 'a chart'), file('values.made', 'a: 1')];
    standIn('kubectl', 'echo yes');
    standIn('aws', `case "$*" in *c.tgz*) cp "${chart}" c.tgz ;; *values.yaml) cp "${values}" values.yaml ;; esac`);
    standIn('helm');
    const sums = { CHART_SHA256: sumOf(chart), VALUES_SHA256: sumOf(values) };
    const { status, told, calls } = run(
      'recover.sh',
      {
        ...variables,
        ...{ TASK: 'rebuild', CHART_KEY: 'charts/c.tgz', VALUES_KEY: 'charts/v.yaml', RELEASE: 'r', NAMESPACE: 'n' },
        ...sums,
        [which === 'chart' ? 'CHART_SHA256' : 'VALUES_SHA256']: '0'.repeat(64),
      },
      'application',
    );
    expect(status).toBe(1);
    expect(told).toEqual([
      expect.stringMatching(new RegExp(`^${which}: s3://recovery/charts/.* expected 0{64}, as the plan says$`)),
    ]);
    expect(calls.filter((call) => call.startsWith('helm'))).toEqual([]);
  });

  test('runs terraform as the role of the plan, with what lies in the bucket', () => {
    const source = join(folder, 'made.tar.gz');
    mkdirSync(join(folder, 'deploy'));
    execFileSync('tar', ['-czf', source, '-C', folder, 'deploy']);
    standIn('aws', `case "$*" in *source.tar.gz) cp "${source}" source.tar.gz ;; esac`);
    standIn(
      'terraform',
      `printf 'as %s %s\\n' "$AWS_PROFILE" "$(grep role_arn "$AWS_CONFIG_FILE")" >>"$CALLS"; case "$2" in show) echo '{"format_version": "1.2"}' ;; esac`,
    );
    const { status, calls } = run(
      'recover.sh',
      {
        ...variables,
        TASK: 'rebuild',
        SOURCE: 'terraform/source.tar.gz',
        SOURCE_SHA256: sumOf(source),
        DIRECTORY: 'deploy',
        ROLE_ARN: 'arn:aws:iam::111122223333:role/terraform',
        STATE_BUCKET: 'states',
        STATE_KEY: 'k',
        STATE_REGION: 'us-west-2',
      },
      'terraform',
    );
    expect(status).toBe(0);
    expect(calls[0]).toBe(
      'aws s3 cp --only-show-errors --region us-west-2 s3://recovery/terraform/source.tar.gz source.tar.gz',
    );
    expect(calls).toContain('as terraform role_arn = arn:aws:iam::111122223333:role/terraform');
    expect(calls.filter((call) => call.startsWith('terraform -chdir=source/deploy '))).toHaveLength(4);
  });

  test('hands over what it told, under its own id', () => {
    standIn('aws');
    file('told.txt', 'a line\n');
    const { calls } = run('tell.sh', { ...variables, CODEBUILD_BUILD_ID: 'breakwater-prod-rebuild:abc' });
    expect(calls).toEqual(['aws s3 cp --only-show-errors --region us-west-2 told.txt s3://recovery/builds/abc.txt']);
  });
});
