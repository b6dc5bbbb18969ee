// Which records a change can move to another region, and what people read of those that it cannot.
import { expect, test } from 'vitest';
import {
  isSurelyApex,
  type RecordSeen,
  recordReady,
  recordSeen,
  type SetSeen,
} from '../../../functions/domain/record.ts';

const named = { record: 'api.example.com', hostedZone: 'Z1' };
const cname: SetSeen = { type: 'CNAME', isAlias: false, policy: null, trafficPolicy: null };
const simple: RecordSeen = { zone: 'example.com.', isPrivate: false, managedBy: null, sets: [cname] };
const sets = (...all: readonly Partial<SetSeen>[]): RecordSeen => ({
  ...simple,
  sets: all.map((one) => ({ ...cname, ...one })),
});
const fix = '; a changed record is a simple CNAME: make it one, or set redirection.mode: latch';

test.for([
  ['a simple CNAME', simple],
  ['a simple CNAME, whatever the zone is written like', { ...simple, zone: 'EXAMPLE.com' }],
  ['a simple CNAME in a zone further up', { ...simple, zone: 'com' }],
] as const)('%s can be changed', ([, seen]) => {
  const why = 'api.example.com is a simple CNAME, which can be changed';
  expect(recordReady(seen, named)).toEqual({ state: 'ready', why });
  expect(recordSeen(seen, named)).toEqual({ obstacles: [], merits: [why] });
});

test.for<[string, RecordSeen | null, string]>([
  ['no zone', null, 'hosted zone Z1 is not there: name the public zone of api.example.com'],
  [
    'the zone of another name',
    { ...simple, zone: 'ample.com.', sets: [] },
    'hosted zone Z1 is that of ample.com: name the public zone of api.example.com',
  ],
  [
    'a private zone',
    { ...simple, isPrivate: true },
    'hosted zone Z1 is private: name the public zone of api.example.com',
  ],
  [
    'the zone of a service',
    { ...simple, managedBy: 'servicediscovery.amazonaws.com' },
    'hosted zone Z1 is changed by servicediscovery.amazonaws.com alone: name the public zone of api.example.com',
  ],
  [
    'the apex, whatever stands there',
    { ...sets({ type: 'NS' }, { type: 'SOA' }), zone: 'api.example.com.' },
    `api.example.com is the apex of its zone, where no CNAME may be${fix}`,
  ],
  ['nothing', sets(), `api.example.com is not there, so that users do not go by it${fix}`],
  ['an alias', sets({ type: 'AAAA', isAlias: true }), `api.example.com is an alias of type AAAA${fix}`],
  ['an alias to a CNAME', sets({ isAlias: true }), `api.example.com is an alias of type CNAME${fix}`],
  ['an address', sets({ type: 'A' }), `api.example.com is a record of type A${fix}`],
  [
    'a weighted pair',
    sets({ policy: 'weighted' }, { policy: 'weighted' }),
    `api.example.com is one of 2 weighted sets${fix}`,
  ],
  [
    'a weighted alias, whose policy is said',
    sets({ type: 'A', isAlias: true, policy: 'weighted' }),
    `api.example.com is one of 1 weighted sets${fix}`,
  ],
  ['a policy that is not known', sets({ policy: 'other' }), `api.example.com is one of 1 other sets${fix}`],
  [
    'a traffic policy',
    sets({ policy: 'weighted', trafficPolicy: 'tp-1' }),
    `api.example.com belongs to traffic policy instance tp-1${fix}`,
  ],
])('%s cannot, and one line says why and what to do', ([, seen, why]) => {
  expect(recordReady(seen, named)).toEqual({ state: 'not-ready', why });
  expect(recordSeen(seen, named)).toEqual({ obstacles: [why], merits: [] });
  expect(why).not.toContain('\n');
});

test.for([
  ['example.com', true],
  ['api.example.com', false],
  ['example.co.uk', false], // it may be, and only Route 53 knows
] as const)('whether %s is surely an apex: %s', ([record, isApex]) => {
  expect(isSurelyApex(record)).toBe(isApex);
});
