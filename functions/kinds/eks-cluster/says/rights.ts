// What the functions of an `eks-cluster` may do.
import {
  type About,
  acts,
  arnIn,
  fences,
  heeds,
  type KindRight,
  type KindRights,
  seesShifts,
  startsShifts,
  together,
  waived,
} from '../../../domain/kind/rights.ts';
import { broughtBy, imagesKey } from './projects.ts';
import { type ClusterPlace, deploymentsIn, ofSpot, onDemand, recoverProject, registriesIn } from './rebuild-plan.ts';

type Cluster = { readonly name: string; readonly regions: Readonly<Record<string, ClusterPlace>> };

export function rights({ assets, here, there, prefix, shifted }: About<Cluster>): KindRights {
  const places = assets.flatMap(({ name, regions }) => {
    const place = regions[here];
    return place === undefined ? [] : [{ name, ...place }];
  });
  const verified = places.filter(({ workload }) => workload !== undefined);
  const brought = places.filter(({ scale, rebuild }) => scale !== undefined || rebuild !== undefined);
  const rebuilt = brought.flatMap(({ name, rebuild }) => (rebuild === undefined ? [] : [{ name, rebuild }]));
  const groups = brought.flatMap(({ cluster, scale }) =>
    // The last part of a node group's ARN is an id of EKS's own.
    (scale?.nodeGroups ?? []).map(({ name }) => arnIn('eks', here, `nodegroup/${cluster}/${name}/*`)),
  );
  const s3 = (path: string) => `arn:\${AWS::Partition}:s3:::${path}`;
  const seeing = (clusters: readonly Pick<ClusterPlace, 'cluster'>[], region = here): KindRight => ({
    sid: 'SeeCluster',
    actions: ['eks:DescribeCluster'],
    on: clusters.map(({ cluster }) => arnIn('eks', region, `cluster/${cluster}`)),
  });
  const scaledIn = (region: string) =>
    assets.flatMap(({ regions }) => regions[region] ?? []).filter((place) => deploymentsIn(place).length > 0);
  const see = seeing(brought);
  const seeGroups: KindRight = { sid: 'SeeNodes', actions: ['eks:DescribeNodegroup'], on: groups };
  const raise: KindRight = { sid: 'RaiseNodes', actions: ['eks:UpdateNodegroupConfig'], on: groups };
  const build: KindRight = {
    sid: 'Rebuild',
    actions: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'],
    on: rebuilt.map(({ name }) => arnIn('codebuild', here, `project/${recoverProject(name, prefix)}`)),
  };
  // Of the daily ones people are told where they run: the copy of this region's cluster lies in the other one's bucket.
  const toldDaily: KindRight = {
    sid: 'ReadTold',
    actions: ['s3:GetObject'],
    on: [
      ...new Set(
        assets.flatMap(({ regions }) =>
          Object.entries(regions).flatMap(([region, { rebuild }]) =>
            rebuild === undefined || (region !== here && rebuild.application.from === 'chart')
              ? []
              : [s3(`${rebuild.bucket.name}/builds/*`)],
          ),
        ),
      ),
    ],
  };
  const told: KindRight = {
    sid: 'ReadTold',
    actions: ['s3:GetObject'],
    on: rebuilt.map(({ rebuild }) => s3(`${rebuild.bucket.name}/builds/*`)),
  };
  const backups = rebuilt.flatMap(({ rebuild: { bucket, application } }) =>
    application.from === 'resources' ? [{ bucket: bucket.name, key: application.key }] : [],
  );
  const readable = rebuilt.flatMap(({ rebuild }) =>
    broughtBy(rebuild).map((key) => s3(`${rebuild.bucket.name}/${key.replace(/^tools\/.*/, 'tools/*')}`)),
  );
  const listed = new Set(
    rebuilt.flatMap(({ rebuild: { bucket, terraform } }) => [s3(bucket.name), s3(terraform.state.bucket.name)]),
  );
  // Of a state it is seen that it is there, and nothing that is in it.
  const seeBackups: KindRight[] = [
    {
      sid: 'SeeBackup',
      actions: ['s3:GetObject'],
      on: [
        ...new Set([
          ...backups.flatMap(({ bucket, key }) => [s3(`${bucket}/${key}`), s3(`${bucket}/${key}.dry-run`)]),
          ...rebuilt.map(({ rebuild: { bucket, application } }) =>
            s3(`${bucket.name}/${imagesKey(application.from === 'chart' ? application.chart : application)}`),
          ),
          ...readable,
        ]),
      ],
    },
    { sid: 'SeeResourceBackups', actions: ['s3:ListBucket'], on: [...listed] },
  ];
  const seeImages: KindRight = {
    sid: 'SeeImages',
    actions: ['ecr:DescribeImages'],
    on: rebuilt.flatMap(({ rebuild: { registries } }) =>
      registriesIn(registries).map(
        ({ registry, region }) => `arn:\${AWS::Partition}:ecr:${region}:${registry}:repository/*`,
      ),
    ),
  };
  const seeRoom: KindRight[] =
    groups.length === 0
      ? []
      : [
          { sid: 'SeeInstanceTypes', actions: ['ec2:DescribeInstanceTypes'], on: '*' },
          {
            sid: 'SeeQuotas',
            actions: ['servicequotas:GetServiceQuota'],
            on: [onDemand, ofSpot].map(({ code }) => arnIn('servicequotas', here, `ec2/${code}`)),
          },
        ];
  return {
    verbs: {
      'leave-zone': startsShifts(shifted),
      'take-over': { state: acts, may: [see, seeGroups, raise, build, told] },
      // What it may list in the cluster, or scale there, the cluster itself says: by an access entry for its role.
      verify: { state: {}, may: [seeing(verified)] },
      'fence-late': { state: together(waived, acts, heeds, fences), may: [seeing(scaledIn(there), there)] },
    },
    looks: {
      assess: [see],
      // What they may list in the cluster, it says itself.
      notify: [seeing(verified)],
      diagnose: [seeing(verified)],
      'report-failure': [toldDaily],
      // Which pod may be ended the cluster itself says, too.
      'inject-fault': [seeing(places)],
      'follow-drill': [seeing(places)],
      'check-readiness': [
        see,
        ...seeBackups,
        seesShifts('SeeClusterShifts', shifted),
        seeGroups,
        ...seeRoom,
        seeImages,
      ],
    },
  };
}
