// What a store in a table does with records that cannot be read, and with those that it would not read back.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Damaged, Store } from '../../functions/domain/record/store.ts';
import type { ApprovalRequest, RecordedAnswer, Signal } from '../../functions/domain/types.ts';
import {
  alarm,
  answer,
  at,
  call,
  drill,
  everyKind,
  fenceLock,
  incidentOf,
  ledger,
  lock,
  other,
  reached,
  region,
  rejoined,
  request,
} from './samples.ts';

type Written = Readonly<Record<string, AttributeValue>>;

/** A store over an empty table, and the table itself as DynamoDB writes it. */
export type Opened = {
  readonly store: Store;
  readonly put: (item: Written) => Promise<void>;
  readonly items: () => Promise<Written[]>;
};

const secret = 'S3CR3T';
const S = (text: string): AttributeValue => ({ S: text });
const N = (text: string): AttributeValue => ({ N: text });

/** What the item of a sound record becomes: one attribute is another, or is gone. */
type Change = readonly [what: string, attribute: string, value: AttributeValue | null];

export function damageContract(name: string, open: (damaged: Damaged) => Promise<Opened>): void {
  let heard: Parameters<Damaged>[0][number][];
  let table: Opened;
  let store: Store;
  beforeEach(async () => {
    heard = [];
    table = await open((items) => heard.push(...items));
    store = table.store;
  });

  /** Damages the one item that is there of which a predicate holds, and gives its key. */
  async function damage(
    which: (item: Written) => boolean,
    change: Readonly<Record<string, AttributeValue | null>>,
  ): Promise<string> {
    const found = (await table.items()).filter(which);
    expect(found).toHaveLength(1);
    const damaged = Object.entries({ ...found[0], ...change }).filter(([, value]) => value !== null);
    await table.put(Object.fromEntries(damaged) as Written);
    return `${found[0]?.['pk']?.S} / ${found[0]?.['sk']?.S}`;
  }
  const of = (part: string) => (item: Written) => `${item['pk']?.S} / ${item['sk']?.S}`.includes(part);
  const told = () => heard.map(({ pk, sk }) => `${pk} / ${sk}`);
  const refusal = async (asked: Promise<unknown>) => {
    const error = await asked.then(
      () => expect.fail('it was not refused'),
      (thrown: unknown) => thrown,
    );
    expect(error).toHaveProperty('name', 'CannotProceed');
    return (error as Error).message;
  };

  describe(`${name}: a record of a newer stack`, () => {
    const newer = { format: N('2') };
    const maintenance = everyKind.maintenance.key;

    test('is read, where it only has more', async () => {
      await store.keepSignals([everyKind.maintenance]);
      await damage(of(maintenance), { ...newer, tomorrow: S('x') });
      expect(await store.readSignals(region, 0)).toEqual([everyKind.maintenance]);
      expect(heard).toEqual([]);
    });

    test('that cannot be read costs only itself, and is told as newer and not as damaged', async () => {
      await store.keepSignals([everyKind.component, everyKind.maintenance]);
      await damage(of(maintenance), { ...newer, kind: S('tomorrow') });
      expect(await store.readSignals(region, 0)).toEqual([everyKind.component]);
      expect(heard).toMatchObject([{ sk: maintenance, newer: true }]);
    });

    test('of this format that cannot be read is damaged', async () => {
      await store.keepSignals([everyKind.maintenance]);
      await damage(of(maintenance), { format: N('1'), kind: S('tomorrow') });
      await store.readSignals(region, 0);
      expect(heard[0]).not.toHaveProperty('newer');
    });
  });

  describe(`${name}: one damaged record among many`, () => {
    const damages: readonly Change[] = [
      ['a number beyond what is exact', 'plannedSeconds', N('60000000000000000')],
      ['a number beyond what is finite in JavaScript', 'plannedSeconds', N('1.5E+125')],
      ['a time that is a text', 'at', S(secret)],
      ['a time beyond what is exact', 'at', N('99999999999999999999')],
      ['no time', 'at', null],
      ['no id', 'id', null],
      ['a kind that nobody knows', 'kind', S(secret)],
      ['a phase that nobody knows', 'phase', S(secret)],
      ['a set for a list', 'targets', { SS: [secret] }],
      ['a list of something else', 'targets', { L: [N('7')] }],
      ['bytes for a text', 'window', { B: new Uint8Array([1]) }],
      ['a text longer than any', 'window', S(secret.repeat(9_000))],
    ];

    test.for(damages)('of the signals of a region, with %s, costs only itself', async ([, attribute, value]) => {
      await store.keepSignals([everyKind.component, everyKind.beat, everyKind.maintenance]);
      const key = await damage(of(everyKind.maintenance.key), { [attribute]: value });
      const read = await store.readSignals(region, 0);
      expect(read.map(({ kind }) => kind).sort()).toEqual(['beat', 'component']);
      expect(told()).toEqual([key]);
      expect(JSON.stringify(heard)).not.toContain(secret);
      // From ten on, it looks at what is there before it writes.
      await store.keepSignals(Array.from({ length: 60 }, (_, index) => alarm({ key: `alarm-${index}` })));
      expect(await store.readSignals(region, 0)).toHaveLength(62);
    });

    test.for([
      ['a text', S(secret)],
      ['missing', null],
    ] as const)('of the signals, whose time is %s, is replaced by the next one of its key', async ([, time]) => {
      await store.keepSignals([everyKind.component]);
      await damage(of(everyKind.component.key), { at: time });
      const next = { ...everyKind.component, at: at - 9_999 };
      await store.keepSignals([next]);
      expect(await store.readSignals(region, 0)).toEqual([next]);
      expect(heard).toEqual([]);
    });

    const lists: readonly (readonly [
      string,
      () => Promise<unknown>,
      string,
      Readonly<Record<string, AttributeValue | null>>,
      () => Promise<readonly unknown[]>,
      readonly unknown[],
    ])[] = [
      [
        'the incidents',
        async () => {
          await store.writeIncident(incidentOf({ id: 'one' }));
          await store.writeIncident(incidentOf({ id: 'two', region: other }));
        },
        `now#${other}`,
        { body: { B: new Uint8Array([1, 2]) } },
        async () => (await store.listIncidents()).map(({ id }) => id),
        ['one'],
      ],
      [
        'the open requests',
        async () => {
          await store.openRequest(request, 'token');
          await store.openRequest({ ...request, id: 'request-2' }, 'token');
        },
        'request#request-2',
        { shown: S(`{${secret}`) },
        async () => (await store.listOpenRequests()).map(({ id }) => id),
        ['request-1'],
      ],
      [
        'the settled requests',
        async () => {
          for (const id of ['request-1', 'request-2']) {
            await store.openRequest({ ...request, id }, 'token');
            await store.settleRequest(id, 'approved', at);
          }
        },
        'request#request-2',
        { required: N('0') },
        async () => (await store.listSettledRequests(at)).map((settled) => settled.request.id),
        ['request-1'],
      ],
      [
        'the steps of an incident',
        async () => {
          await store.recordStep(reached);
          await store.recordStep({ ...reached, step: 'leave-zone/cache' });
        },
        'leave-zone/cache',
        { outcome: S(`[${secret}`) },
        async () => (await store.readSteps('incident-1')).map(({ step }) => step),
        ['leave-zone/database'],
      ],
      [
        'the last actions',
        async () => {
          await store.recordAction('az-failover', `${region}/use1-az1`, at);
          await store.recordAction('notify', `${region}/api`, at);
        },
        'action#notify',
        { at: S(secret) },
        async () => (await store.readStanding(region)).lastActions.map(({ action }) => action),
        ['az-failover'],
      ],
    ];

    test.for(lists)('of %s is left out and told of', async ([, arrange, which, change, read, left]) => {
      await arrange();
      const key = await damage(of(which), change);
      expect(await read()).toEqual(left);
      expect(told()).toEqual([key]);
      expect(JSON.stringify(heard)).not.toContain(secret);
    });

    test('several are told of at once, and each time', async () => {
      await store.keepSignals([everyKind.component, everyKind.beat, everyKind.canary]);
      await damage(of('k6'), { id: null });
      await damage(of('k2'), { observer: N('1') });
      await store.readSignals(region, 0);
      await store.readSignals(region, 0);
      expect(heard.map(({ sk, why }) => [sk, why.split(':')[0]])).toEqual([
        ['k2', 'observer'],
        ['k6', 'id'],
        ['k2', 'observer'],
        ['k6', 'id'],
      ]);
    });
  });

  describe(`${name}: a damaged record of what was done`, () => {
    test.for([
      ['its time is a text', { at: S(secret) }],
      ['nothing but its key is left', Object.fromEntries(Object.keys(call).map((part) => [part, null]))],
    ] as const)('counts as a call that was made, by its key, where %s', async ([, change]) => {
      const { change: _, ...kept } = call;
      const promoted = { ...kept, call: 'rds:PromoteReadReplica' };
      await store.audit({ ...call, call: 'rds:PromoteReadReplica' });
      await damage(of('incident#incident-1'), change);
      expect(await store.readAudit('incident-1')).toEqual([promoted]);
      expect(told()).toHaveLength(1);
    });

    test('is left out where its key does not say what was called', async () => {
      await store.audit({ ...call, target: 't'.repeat(2_000) });
      await store.audit(call);
      await damage(of('#sha256:'), { at: null });
      expect(await store.readAudit('incident-1')).toEqual([call]);
      expect(told()).toHaveLength(1);
    });
  });

  describe(`${name}: a damaged record that is asked for`, () => {
    const asked: readonly (readonly [string, () => Promise<unknown>, string, string, () => Promise<unknown>])[] = [
      [
        'an incident that has ended',
        async () => {
          await store.writeIncident(incidentOf({}));
          await store.writeIncident(incidentOf({ version: 2, closedAt: at }));
          await store.writeIncident(incidentOf({ id: 'incident-2' }));
        },
        'past#incident-1',
        'body',
        () => store.readIncident('incident-1'),
      ],
      [
        'an open incident, by its id',
        () => store.writeIncident(incidentOf({})),
        `now#${region}`,
        'body',
        () => store.readIncident('incident-1'),
      ],
      ['a request', () => store.openRequest(request, 't'), 'request#', 'plan', () => store.readRequest(request.id)],
      ['a token', () => store.openRequest(request, 't'), 'token#', 'token', () => store.readTaskToken(request.id)],
      [
        'an outcome',
        () => store.settleRequest(request.id, 'approved', at),
        'outcome#',
        'outcome',
        () => store.readOutcome(request.id),
      ],
      [
        'an outcome that is settled again',
        () => store.settleRequest(request.id, 'approved', at),
        'outcome#',
        'outcome',
        () => store.settleRequest(request.id, 'rejected', at),
      ],
      [
        'a link',
        () => store.keepLink({ id: 'l', request: 'r', approver: 'dba', expiresAt: at }),
        'link#',
        'until',
        () => store.readLink('l'),
      ],
      [
        'a waiver',
        () => store.keepWaiver('e', 'Verify', 'ana', 'done', at),
        'waivers#',
        'by',
        () => store.readWaiver('e', 'Verify'),
      ],
      [
        'roles that are to be moved',
        () => store.moveRole(other, 1, 'execution-1', at),
        'roles',
        'movedBy',
        () => store.moveRole(other, 1, 'execution-1', at),
      ],
    ];

    test.for(asked)(
      'such as %s, is refused by its name: nothing rests on it',
      async ([, arrange, which, part, read]) => {
        await arrange();
        const key = await damage(of(which), { [part]: { L: [S(secret)] } });
        const message = await refusal(read());
        expect(message).toContain(`item ${key} is corrupt: `);
        expect(message).not.toContain(secret);
        expect(told()).toEqual([key]);
      },
    );

    test('as a freeze is a freeze, until somebody ends it', async () => {
      await store.freeze('ana', 'moving house', at);
      await damage(of('freeze'), { at: null });
      expect((await store.readStanding(region)).frozen).toEqual({
        by: 'somebody',
        reason: 'the record of the freeze is damaged',
        at: 0,
      });
      await store.unfreeze();
      expect((await store.readStanding(region)).frozen).toBeNull();
    });

    test('as roles means that no region is primary', async () => {
      await store.moveRole(other, 1, 'execution-1', at);
      await damage(of('roles'), { epoch: S('2') });
      expect(await store.readStanding(region)).toMatchObject({ primary: 'unknown', epoch: 0 });
      expect(await refusal(store.moveRole(region, 0, 'execution-2', at))).toContain('standing / roles is corrupt');
    });

    test.for([
      ['by whom it names', { at: null }, 'execution-1'],
      ['by nobody who is known', { execution: null }, 'unknown'],
    ] as const)('as a lock is held %s, and never free', async ([, change, holder]) => {
      await store.takeLock(lock);
      await damage(of('lock#'), change);
      expect((await store.readStanding(region)).lock).toMatchObject({ target: region, execution: holder });
      expect(await store.takeLock({ ...lock, execution: 'execution-2' })).toBe(false);
      expect(await store.takeLock(lock)).toBe(holder === lock.execution);
      await store.releaseLock(region, lock.execution);
      expect((await store.readStanding(region)).lock === null).toBe(holder === lock.execution);
    });

    test('as who fences a region is refused, and the next watch takes it: what was given up would stay open', async () => {
      await store.takeFence(fenceLock);
      await damage(of(`${region}/fence`), { epoch: null });
      expect(await refusal(store.readFence(region))).toContain('fences / us-east-1/fence is corrupt');
      expect(await store.takeFence(fenceLock)).toBe(true);
      expect(await store.readFence(region)).toEqual(fenceLock);
    });

    test('as which instance is an asset is refused: the name of the plan in its place could close the wrong one', async () => {
      const holder = { asset: 'database', region, instance: 'chatops-prod-restored', execution: 'execution-1', at };
      await store.keepHolder(holder);
      await damage(of('database#'), { instance: null });
      expect(await refusal(store.readHolders())).toContain('holders / database#us-east-1 is corrupt');
      await store.keepHolder({ ...holder, at: at + 1 });
      expect(await store.readHolders()).toEqual([{ ...holder, at: at + 1 }]);
    });

    test('as a way home is refused: another one would be begun beside what it has made', async () => {
      await store.keepRejoin(rejoined);
      await damage(of('rejoins'), { undoes: S(secret) });
      expect(await refusal(store.readRejoin('database', region))).toContain('rejoins / database#us-east-1 is corrupt');
    });

    test('as a drill is refused: its fault would be injected again; in the list of all it is left out', async () => {
      await store.keepDrill(drill);
      await damage(of('drills'), { faultAt: S(secret) });
      expect(await refusal(store.readDrill('execution-1'))).toContain('drills / execution-1 is corrupt');
      expect(await store.listDrills()).toEqual([]);
    });

    test('as the lever of the drills is pulled', async () => {
      await store.pullLever('ana', 'users complain', at);
      await damage(of('lever'), { by: N('7') });
      expect(await store.readLever()).toMatchObject({ reason: 'the record of the lever is damaged' });
    });

    test('as a ledger is refused: rows would be tried again under numbers that are there', async () => {
      await store.keepLedger(ledger);
      await damage(of('ledger'), { attempted: S(secret) });
      expect(await refusal(store.readLedger('database'))).toContain('ledger / database is corrupt');
    });

    test('as readiness is not known, and the next look replaces it', async () => {
      await store.keepReadiness({ region, at, checks: [] });
      await damage(of('readiness'), { at: S(secret) });
      expect(await store.readReadiness(region)).toBeNull();
      await store.keepReadiness({ region, at, checks: [] });
      expect(await store.readReadiness(region)).toEqual({ region, at, checks: [] });
    });

    test('as an action is replaced by the next one', async () => {
      await store.recordAction('az-failover', region, at);
      await damage(of('action#'), { at: S(secret) });
      await store.recordAction('az-failover', region, at);
      expect((await store.readStanding(region)).lastActions).toEqual([{ action: 'az-failover', target: region, at }]);
    });

    test('as a count of hits is of an old window', async () => {
      await store.countHit('link', at, 1);
      await damage(of('hits#'), { windowStart: S(secret) });
      expect(await store.countHit('link', at, 1)).toBe(true);
      expect(await store.countHit('link', at, 1)).toBe(false);
    });

    test('as an outcome makes a request neither open nor settled', async () => {
      await store.openRequest(request, 'token');
      await store.settleRequest(request.id, 'rejected', at);
      await damage(of('outcome#'), { at: null });
      expect(await store.listOpenRequests()).toEqual([]);
      expect(await store.listSettledRequests(0)).toEqual([]);
      expect(told()).toHaveLength(2);
    });
  });

  describe(`${name}: a damaged answer`, () => {
    const approval: RecordedAnswer = answer;
    const rejection: RecordedAnswer = { ...answer, approver: 'infra-lead', answer: 'reject' };

    test('that was an approval is left out', async () => {
      await store.keepAnswer(approval);
      await store.keepAnswer(rejection);
      await damage(of('valid#ben'), { at: null }).catch(() =>
        damage((item) => item['approver']?.S === 'dba', { at: null }),
      );
      expect(await store.readAnswers(request.id)).toEqual([rejection]);
      expect(told()).toHaveLength(1);
    });

    test.for([
      ['was a rejection', { at: null }],
      ['may have been one', { answer: N('7') }],
      ['has nothing left but its key', { answer: null, request: null, approver: null }],
    ] as const)('that %s counts as one', async ([, change]) => {
      await store.keepAnswer(approval);
      await store.keepAnswer(rejection);
      await damage((item) => item['approver']?.S === 'infra-lead', change);
      const answers = await store.readAnswers(request.id);
      expect(answers.map((one) => [one.answer, one.valid]).sort()).toEqual([
        ['approve', true],
        ['reject', true],
      ]);
      expect(answers.find((one) => one.answer === 'reject')).toMatchObject({
        request: request.id,
        reason: 'the record of this answer is damaged: it counts as a rejection',
      });
    });

    test('that did not count is left out, whatever it said', async () => {
      await store.keepAnswer(approval);
      await store.keepAnswer({ ...rejection, valid: false, why: 'late' });
      await damage(of('invalid#'), { at: null });
      expect(await store.readAnswers(request.id)).toEqual([approval]);
    });
  });

  describe(`${name}: an open incident that is damaged`, () => {
    const beyond = N('60000000000000000');

    test('does not stop the next one, and is set aside as it stands', async () => {
      await store.writeIncident(incidentOf({}));
      await damage(of(`now#${region}`), { body: { B: new Uint8Array([1, 2]) }, openedAt: beyond, more: { SS: ['a'] } });
      expect(await store.readOpenIncident(region)).toBeNull();
      const next = incidentOf({ id: 'incident-2' });
      expect(await store.writeIncident(next)).toBe(true);
      expect(await store.readOpenIncident(region)).toEqual(next);
      expect((await store.listIncidents()).map(({ id }) => id)).toEqual(['incident-2']);
      const kept = (await table.items()).find(of('aside#incident-1'));
      expect(kept).toMatchObject({ id: S('incident-1'), openedAt: beyond, more: { SS: ['a'] } });
      expect(Buffer.from(kept?.['body']?.B ?? [])).toEqual(Buffer.from([1, 2]));
      expect(await refusal(store.readIncident('incident-1'))).toContain('incidents / aside#incident-1 is corrupt');
    });

    test('may be opened again under its own id: its executions have the names they had', async () => {
      await store.writeIncident(incidentOf({}));
      await damage(of(`now#${region}`), { body: null });
      expect(await store.writeIncident(incidentOf({}))).toBe(true);
      expect(await store.readIncident('incident-1')).toEqual(incidentOf({}));
      await damage(of(`now#${region}`), { body: null });
      expect(await store.writeIncident(incidentOf({}))).toBe(true);
      expect(await store.writeIncident(incidentOf({ version: 2, closedAt: at }))).toBe(true);
      expect(await store.writeIncident(incidentOf({ id: 'incident-2' }))).toBe(true);
      expect(await store.readIncident('incident-1')).toEqual(incidentOf({ version: 2, closedAt: at }));
    });

    test.for([
      ['a version that is none', S('x')],
      ['no version', null],
    ] as const)('without an id, and with %s, is set aside by its region', async ([, version]) => {
      await store.writeIncident(incidentOf({}));
      await damage(of(`now#${region}`), { body: null, id: null, version });
      expect(await store.writeIncident(incidentOf({ id: 'incident-2' }))).toBe(true);
      expect((await table.items()).filter(of(`aside#${region}`))).toHaveLength(1);
    });

    test('that somebody else replaces meanwhile is replaced once', async () => {
      await store.writeIncident(incidentOf({}));
      await damage(of(`now#${region}`), { body: null });
      const rivals = Array.from({ length: 10 }, (_, index) => incidentOf({ id: `incident-${index + 2}` }));
      const opened = await Promise.all(rivals.map((rival) => store.writeIncident(rival)));
      expect(opened.filter((one) => one)).toHaveLength(1);
      expect(await store.readOpenIncident(region)).toEqual(rivals[opened.indexOf(true)]);
    });
  });

  describe(`${name}: what would not be read back`, () => {
    const work = everyKind.maintenance;
    const long = 'x'.repeat(50_001);
    const broken = 'half a letter: \ud83d';

    const refusals: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
      ...(
        [
          [Number.NaN, /plannedSeconds: a number that is not finite$/],
          [Number.POSITIVE_INFINITY, /plannedSeconds: a number that is not finite$/],
          [1e307, /plannedSeconds: a number beyond 9007199254740991$/],
          [1e150, /plannedSeconds: a number beyond 9007199254740991$/],
          [6e16, /^item signals#us-east-1 \/ k15 cannot be written: plannedSeconds: a number beyond 9007199254740991$/],
          [-(2 ** 53), /plannedSeconds: a number beyond 9007199254740991$/],
          [5e-324, /plannedSeconds: a number nearer to 0 than 1e-130$/],
        ] as const
      ).map(
        ([plannedSeconds, message]) =>
          [
            `a number such as ${plannedSeconds}`,
            () => store.keepSignals([{ ...work, plannedSeconds }]),
            message,
          ] as const,
      ),
      [
        'a time that is none',
        () => store.recordAction('notify', region, Number.NaN),
        /action#notify#us-east-1 cannot be written: at: a number/,
      ],
      [
        'a text longer than any',
        () => store.keepSignals([{ ...work, window: long }]),
        /k15 cannot be written: window: a text of 50001 letters, expected at most 50000$/,
      ],
      [
        'a text that ends in half a letter',
        () => store.freeze('ana', broken, at),
        /^item standing \/ freeze cannot be written: reason: a text with half a letter in it$/,
      ],
      [
        'a region of 3,000 letters',
        () => store.keepSignals([{ ...work, region: 'r'.repeat(3_000) }]),
        /cannot be written: pk: a key of 3008 bytes, expected 1 to 2048$/,
      ],
      [
        'a level that nobody knows',
        () => store.writeIncident(incidentOf({ level: 4 as 3 })),
        /^item incidents \/ now#us-east-1 cannot be written: level: /,
      ],
      [
        'a request that fills an item',
        () => store.openRequest({ ...request, shown: { letters: '€'.repeat(140_000) } }, 'token'),
        /request#request-1 cannot be written: an item of 42\d{4} bytes, expected at most 400000$/,
      ],
      [
        'a step that fills an item',
        () => store.recordStep({ ...reached, outcome: { all: 'x'.repeat(400_000) } }),
        /cannot be written: an item of 400\d{3} bytes, expected at most 400000$/,
      ],
      [
        'a lock without a holder',
        () => store.takeLock({ ...lock, execution: undefined as unknown as string }),
        /lock#us-east-1 cannot be written: execution: undefined, which is no value of DynamoDB$/,
      ],
    ];

    test.for(refusals)('is not written: %s', async ([, write, message]) => {
      const before = await table.items();
      expect(await refusal(write())).toMatch(message);
      const after = (await table.items()).filter(({ pk }) => pk?.S !== `token#${request.id}`);
      expect(after).toEqual(before);
    });

    test('does not keep what came with it from being kept', async () => {
      const good = Array.from({ length: 70 }, (_, index) => alarm({ key: `alarm-${index}` }));
      const bad: Signal[] = [{ ...work, plannedSeconds: 1e307 }, ...good.slice(0, 35)];
      expect(await refusal(store.keepSignals([...bad, ...good.slice(35)]))).toContain('plannedSeconds');
      expect(await store.readSignals(region, 0)).toHaveLength(70);
    });

    test.for([-0, 0, 1, -1, 2 ** 53 - 1, 0.1, 1 / 3, 1e-130, 123_456.789])(
      'a number such as %d comes back',
      async (number) => {
        await store.keepSignals([{ ...work, plannedSeconds: number }]);
        const [read] = await store.readSignals(region, 0);
        expect(read).toHaveProperty('plannedSeconds', number + 0);
      },
    );

    test('as much as the limit allows is taken by the table too, and comes back', async () => {
      const wide = (letters: number): ApprovalRequest => ({
        ...request,
        id: `request-${letters}`,
        shown: { euros: '€'.repeat(letters), ends: [] },
      });
      const sizes = [132_900, 133_000, 133_100, 133_200, 133_300];
      const kept: number[] = [];
      for (const size of sizes) {
        await store.openRequest(wide(size), 'token').then(
          () => kept.push(size),
          () => undefined,
        );
      }
      expect(kept.length).toBeGreaterThan(0);
      expect(kept.length).toBeLessThan(sizes.length);
      for (const size of kept) expect(await store.readRequest(`request-${size}`)).toEqual(wide(size));
    });
  });

  describe(`${name}: a stray`, () => {
    test('too large to store is stored cut, and says so', async () => {
      await store.keepStray({ id: 'x'.repeat(210_000), at, reason: 'r'.repeat(5_000), event: '€'.repeat(210_000) });
      expect(await store.countStrays()).toBe(1);
      const [stray] = await table.items();
      expect(stray?.['event']?.S).toBe('€'.repeat(100_000));
      expect(stray?.['reason']?.S).toBe(`${'r'.repeat(1_000)}; of 210000 letters the first 100000`);
    });

    test('that holds half a letter, or is cut within one, is stored', async () => {
      await store.keepStray({ id: 'half \ud83d', at, reason: 'why \ud83d', event: `${'x'.repeat(99_999)}😀` });
      const [stray] = await table.items();
      expect(stray?.['event']?.S).toBe(`${'x'.repeat(99_999)}\ufffd`);
      expect(await store.countStrays()).toBe(1);
    });

    test('that fits is stored whole', async () => {
      await store.keepStray({ id: 's', at, reason: 'nobody knows it', event: '{}' });
      expect((await table.items())[0]).toMatchObject({ event: S('{}'), reason: S('nobody knows it') });
    });
  });
}
