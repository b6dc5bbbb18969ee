// Incidents in the table. Each region has one item that holds its open incident, or the last one after it closed, so
// that opening, changing and closing are one conditional write each and a crash leaves nothing half done. A closed
// incident is copied to an item of its own before the next one takes its place; repeating the copy changes nothing.
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { incidentRecord } from '../domain/recorded.ts';
import type { Store } from '../domain/store.ts';
import type { Incident } from '../domain/types.ts';
import { keyOf } from './store-identity.ts';
import { type Item, isConflict, type Key, recordIn, type Table } from './store-table.ts';

const pk = 'incidents';
const present = 'now#';
const past = 'past#';

export function incidentsIn(
  table: Table,
): Pick<Store, 'readOpenIncident' | 'readIncident' | 'writeIncident' | 'listIncidents'> {
  async function read(key: Key): Promise<Incident | null> {
    const item = await table.get(key);
    return item === null ? null : unpack(item);
  }

  async function readAll(prefix: string): Promise<Incident[]> {
    return (await table.query(pk, { prefix })).map(unpack);
  }

  /** The first version: it takes the region's item where that is empty or holds another incident that is closed. */
  async function open(incident: Incident): Promise<boolean> {
    const current = await read(presentKey(incident.region));
    if (current === null) return table.put(pack(incident, presentKey(incident.region)), absent);
    if (current.closedAt === null || current.id === incident.id) return false;
    if ((await read(pastKey(incident.id))) !== null) return false;
    await table.put(pack(current, pastKey(current.id)), {
      expression: 'attribute_not_exists(#pk) OR #version < :version',
      values: { ':version': current.version },
    });
    return table.put(pack(incident, presentKey(incident.region)), holds(current.id, current.version));
  }

  /** A later version. One that has left the region's item is changed where it is now, and cannot be open again. */
  async function change(incident: Incident): Promise<boolean> {
    const before = holds(incident.id, incident.version - 1);
    if (await table.put(pack(incident, presentKey(incident.region)), before)) return true;
    const current = await read(presentKey(incident.region));
    if (current === null || current.id === incident.id || incident.closedAt === null) return false;
    return table.put(pack(incident, pastKey(incident.id)), before);
  }

  return {
    async readOpenIncident(region) {
      const incident = await read(presentKey(region));
      return incident?.closedAt === null ? incident : null;
    },

    // The present is read before the past: an incident that moves meanwhile is found twice and not missed.
    async readIncident(id) {
      const found = (await readAll(present)).find((incident) => incident.id === id);
      return found ?? read(pastKey(id));
    },

    async listIncidents() {
      const now = await readAll(present);
      const current = new Set(now.map((incident) => incident.id));
      const closed = (await readAll(past)).filter((incident) => !current.has(incident.id));
      return [...closed, ...now].sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1));
    },

    async writeIncident(incident) {
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

function unpack(item: Item): Incident {
  return recordIn(item, incidentRecord, inflated(item['body']));
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
