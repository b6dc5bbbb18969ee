// Incidents in the table. Each region has one item that holds its open incident, or the last one after it closed, so
// that opening, changing and closing are one conditional write each and a crash leaves nothing half done. A closed
// incident is copied to an item of its own before the next one takes its place; repeating the copy changes nothing. One
// that cannot be read is copied as it stands, so that it neither stops what comes next nor is lost.
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { incidentRecord } from '../../domain/record/recorded.ts';
import type { Store } from '../../domain/record/store.ts';
import type { Incident } from '../../domain/types.ts';
import { keyOf } from './identity.ts';
import { type Condition, type Item, isConflict, type Key, refused, type Table, type Unpack } from './table.ts';

const pk = 'incidents';
const present = 'now#';
const past = 'past#';
const aside = 'aside#';

export function incidentsIn(
  table: Table,
): Pick<Store, 'readOpenIncident' | 'readLastIncident' | 'readIncident' | 'writeIncident' | 'listIncidents'> {
  /** The incident of a region's item, open or not; null where it has none, or one that cannot be read. */
  async function readPresent(region: string): Promise<Incident | null> {
    const item = await table.get(presentKey(region));
    return item === null ? null : table.recordIn(item, incidentIn, () => null);
  }

  async function readPast(id: string): Promise<Incident | null> {
    const item = (await table.get(pastKey(id))) ?? (await table.get(asideKey(id)));
    return item === null ? null : table.recordIn(item, incidentIn, refused);
  }

  async function readAll(prefix: string): Promise<Incident[]> {
    return table.recordsIn(await table.query(pk, { prefix }), incidentIn);
  }

  function put(incident: Incident, key: Key, condition: Condition): Promise<boolean> {
    return table.put(pack(incident, key), incidentIn, condition);
  }

  /** The first version: it takes the region's item where that is empty or holds another incident that is closed. */
  async function open(incident: Incident): Promise<boolean> {
    const key = presentKey(incident.region);
    const item = await table.get(key);
    if (item === null) return put(incident, key, absent);
    const current = table.recordIn(item, incidentIn, () => null);
    if (current?.id === incident.id || current?.closedAt === null) return false;
    if ((await table.get(pastKey(incident.id))) !== null) return false;
    if (current === null) {
      await table.copy(item, asideKey(idOf(item) ?? incident.region));
      return put(incident, key, stillIs(item));
    }
    await put(current, pastKey(current.id), {
      expression: 'NOT #version >= :version',
      values: { ':version': current.version },
    });
    return put(incident, key, holds(current.id, current.version));
  }

  /** A later version. One that has left the region's item is changed where it is now, and cannot be open again. */
  async function change(incident: Incident): Promise<boolean> {
    const before = holds(incident.id, incident.version - 1);
    if (await put(incident, presentKey(incident.region), before)) return true;
    const current = await readPresent(incident.region);
    if (current === null || current.id === incident.id || incident.closedAt === null) return false;
    return put(incident, pastKey(incident.id), before);
  }

  return {
    async readOpenIncident(region) {
      const incident = await readPresent(region);
      return incident?.closedAt === null ? incident : null;
    },

    readLastIncident: readPresent,

    // The present is read before the past: an incident that moves meanwhile is found twice and not missed.
    async readIncident(id) {
      const item = (await table.query(pk, { prefix: present })).find((one) => isIncident(one, id, table));
      return item === undefined ? readPast(id) : table.recordIn(item, incidentIn, refused);
    },

    async listIncidents() {
      const now = await readAll(present);
      const current = new Set(now.map((incident) => incident.id));
      const closed = (await readAll(past)).filter((incident) => !current.has(incident.id));
      return [...closed, ...now].sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1));
    },

    async writeIncident(incident) {
      if (incident.version < 1) return false;
      try {
        return incident.version === 1 ? await open(incident) : await change(incident);
      } catch (error) {
        // The other region is writing the same item: the caller reads again, as after any writer that was first.
        if (isConflict(error)) return false;
        throw error;
      }
    },
  };
}

function presentKey(region: string): Key {
  return { pk, sk: `${present}${region}` };
}

function pastKey(id: string): Key {
  return { pk, sk: `${past}${keyOf(id)}` };
}

function asideKey(id: string): Key {
  return { pk, sk: `${aside}${keyOf(id)}` };
}

const absent = { expression: 'attribute_not_exists(#pk)' };

function holds(id: string, version: number) {
  return { expression: '#id = :id AND #version = :before', values: { ':id': id, ':before': version } };
}

/**
 * Each decision names its evidence, 2,000 ids in a storm, and mostly the ones of the decision before; an item holds
 * 400 KB. Compressed, the repetition costs next to nothing.
 */
function pack(incident: Incident, key: Key): Item {
  const { id, version, level, openedAt, closedAt } = incident;
  const body = brotliCompressSync(JSON.stringify(incident), { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  return { ...key, id, version, level, openedAt, closedAt, body };
}

const incidentIn: Unpack<Incident> = (item) => incidentRecord(inflated(item['body']));

/** The id that stands beside an incident's body. */
function idOf({ id }: Item): string | null {
  return typeof id === 'string' ? id : null;
}

/** Whether an item is an incident's, by its body, or by its id where the body cannot be read. */
function isIncident(item: Item, id: string, table: Table): boolean {
  const found = table.read(item, incidentIn);
  return ('record' in found ? found.record.id : idOf(item)) === id;
}

/** Whether an item, which cannot be read, is still the one that was seen. */
function stillIs(item: Item): Condition {
  const parts = ['id', 'version'];
  const there = parts.filter((part) => item[part] !== undefined);
  const said = parts.map((part) => (there.includes(part) ? `#${part} = :${part}` : `attribute_not_exists(#${part})`));
  const values = Object.fromEntries(there.map((part) => [`:${part}`, item[part]]));
  return { expression: said.join(' AND '), ...(there.length > 0 && { values }) };
}

/** What is not there or cannot be read is null, which is no incident. */
function inflated(body: unknown): unknown {
  if (!(body instanceof Uint8Array)) return null;
  try {
    return JSON.parse(brotliDecompressSync(body).toString());
  } catch {
    return null;
  }
}
