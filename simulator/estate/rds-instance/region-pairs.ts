// Which regions automated backups can be replicated from and into: pairs go one way [AWS, "Replicating automated backups to another
// AWS Region", source and destination AWS Region support].

const [virginia, ohio, california, oregon] = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'];
const [ireland, london, paris, frankfurt, stockholm] = [
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-central-1',
  'eu-north-1',
];
const [tokyo, seoul, osaka, singapore, sydney, mumbai] = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-south-1',
];
const [canada, saoPaulo] = ['ca-central-1', 'sa-east-1'];

/** From each region into these. Of regions that an account has from its beginning. */
const pairs: Readonly<Record<string, readonly string[]>> = {
  [virginia]: [
    mumbai,
    seoul,
    singapore,
    sydney,
    tokyo,
    canada,
    frankfurt,
    ireland,
    london,
    paris,
    stockholm,
    saoPaulo,
    ohio,
    california,
    oregon,
  ],
  [ohio]: [mumbai, seoul, singapore, tokyo, canada, frankfurt, ireland, saoPaulo, virginia, california, oregon],
  [california]: [sydney, canada, ireland, virginia, ohio, oregon],
  [oregon]: [mumbai, seoul, singapore, sydney, tokyo, canada, frankfurt, ireland, virginia, ohio, california],
  [canada]: [ireland, virginia, ohio, california, oregon],
  [saoPaulo]: [virginia, ohio],
  [frankfurt]: [ireland, london, paris, stockholm, virginia, ohio, oregon],
  [ireland]: [canada, frankfurt, london, paris, stockholm, virginia, ohio, california, oregon],
  [london]: [frankfurt, ireland, paris, stockholm, virginia],
  [paris]: [frankfurt, ireland, london, stockholm, virginia],
  [stockholm]: [frankfurt, ireland, london, paris, virginia],
  [mumbai]: [singapore, virginia, ohio, oregon],
  [osaka]: [tokyo],
  [seoul]: [singapore, tokyo, virginia, ohio, oregon],
  [singapore]: [mumbai, seoul, sydney, tokyo, virginia, ohio, oregon],
  [sydney]: [singapore, virginia, california, oregon],
  [tokyo]: [osaka, seoul, singapore, virginia, ohio, oregon],
};

export const regionsOfRds: readonly string[] = Object.keys(pairs);

export function replicatesInto(from: string, into: string): boolean {
  return pairs[from]?.includes(into) === true;
}
