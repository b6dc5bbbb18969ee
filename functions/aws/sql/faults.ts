// What goes wrong between a function and a database, as words. What a driver says itself is in no message: it may hold what
// was asked with, or what was found.
import { CannotProceed, Unavailable } from '../../domain/errors.ts';

/** `again`: whether asking again may help. `said` follows the name of the request. */
const reasons = {
  refused: { again: true, said: 'the database refuses connections' },
  unreachable: { again: true, said: 'the database cannot be reached, or ended the connection' },
  starting: { again: true, said: 'the database starts, stops or recovers' },
  full: { again: true, said: 'the database has no connection left' },
  timeout: { again: true, said: 'the database did not answer in time' },
  locked: { again: true, said: 'somebody else holds a lock on it' },
  tls: {
    again: false,
    said: 'the connection cannot be trusted: the certificate is not of this host, or not of an authority that is known here',
  },
  'no-authorities': {
    again: false,
    said: 'the file with the certificates of Amazon’s authorities cannot be read',
  },
  'no-tls': { again: false, said: 'the database does not speak TLS' },
  password: { again: false, said: 'the database does not take the name and password of the secret' },
  'no-right': { again: false, said: 'the role of the secret may not do this' },
  'no-schema': {
    again: false,
    said: 'there is no schema breakwater, and the role of the secret may not make it: make it, and let the role write there',
  },
  'no-database': { again: false, said: 'there is no such database' },
  'no-table': { again: false, said: 'there is no such table' },
  'no-column': { again: false, said: 'there is no such column' },
  'binary-key': { again: false, said: 'its key is binary: rows cannot be told by it' },
  'read-only': { again: false, said: 'the database takes no writes' },
  failed: { again: false, said: 'the database says no' },
} as const;

export type SqlReason = keyof typeof reasons;
export const sqlReasons = Object.keys(reasons) as readonly SqlReason[];

/** `code`: the engine's own, or Node's; it names a kind of fault and holds nothing else. */
export class SqlFault extends Error {
  override readonly name = 'SqlFault';
  readonly reason: SqlReason;
  constructor(reason: SqlReason, code: string | null | undefined = null) {
    super(code == null ? reasons[reason].said : `${reasons[reason].said} (${code})`);
    this.reason = reason;
  }
}

/** Asks and translates: Unavailable where asking again may help, CannotProceed where it cannot. `what` names the request for people. */
export async function askingSql<Answer>(what: string, request: Promise<Answer>): Promise<Answer> {
  try {
    return await request;
  } catch (error) {
    if (!(error instanceof SqlFault)) throw error;
    const said = `${what}: ${error.message}`;
    throw reasons[error.reason].again
      ? new Unavailable(said, { refused: error.reason === 'refused', cause: error })
      : new CannotProceed(said, { cause: error });
  }
}

/** SQLSTATE of PostgreSQL, whole or its class; errors of MySQL and MariaDB by their numbers; what Node and the drivers say of a connection. */
const codes: Readonly<Record<string, SqlReason>> = {
  '28P01': 'password',
  '28000': 'password',
  '3D000': 'no-database',
  '3F000': 'no-schema',
  '42501': 'no-right',
  '42P01': 'no-table',
  '42703': 'no-column',
  '25006': 'read-only',
  '57014': 'timeout',
  '55P03': 'locked',
  '53': 'full',
  '57': 'starting',
  '08': 'unreachable',
  1045: 'password', // access denied for user
  1698: 'password', // the same, without a password
  1044: 'no-right', // to a database
  1142: 'no-right', // to a table
  1143: 'no-right', // to a column
  1227: 'no-right', // a privilege is needed
  1049: 'no-database',
  1146: 'no-table',
  1054: 'no-column',
  1290: 'read-only', // the option read_only prevents it
  1792: 'read-only', // the transaction is read only
  3024: 'timeout', // max_execution_time of MySQL
  1969: 'timeout', // max_statement_time of MariaDB
  1205: 'locked',
  1040: 'full',
  1203: 'full', // of this user
  1226: 'full', // of this user, by a limit of its own
  1053: 'starting', // shutdown
  3159: 'no-tls', // the server demands it
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  HANDSHAKE_NO_SSL_SUPPORT: 'no-tls',
  HANDSHAKE_SSL_ERROR: 'tls',
  PROTOCOL_CONNECTION_LOST: 'unreachable',
  PROTOCOL_SEQUENCE_TIMEOUT: 'timeout',
};

/** What Node says of certificates: its codes have no list. */
const ofCertificates = /CERT|SELF_SIGNED|ISSUER|LEAF_SIGNATURE|^ERR_(TLS|SSL)|CRL_/;
/** Of names and ways: ENOTFOUND, EAI_AGAIN, ECONNRESET, EHOSTUNREACH, EPIPE. */
const ofNetwork = /^E(AI_|NOTFOUND|CONN|HOST|NET|PIPE)/;

/** The fault that a driver's error is; one that is a fault already stays it. */
export function faultFrom(error: unknown): SqlFault {
  if (error instanceof SqlFault) return error;
  const { code, errno, message = '' } = (error ?? {}) as { readonly [key in 'code' | 'errno' | 'message']?: unknown };
  // A number of the system is below 0, and says the same as its code.
  const ofServer = typeof errno === 'number' && errno > 0 ? String(errno) : null;
  const named = typeof code === 'string' && /^\w{2,64}$/.test(code) ? code : null;
  // `mysql2` gives one code to all that ends a handshake: a connection that broke in it may hold the next time.
  const broke =
    named === 'HANDSHAKE_SSL_ERROR' && (errno !== undefined || /socket disconnected/i.test(String(message)));
  return new SqlFault(broke ? 'unreachable' : reasonOf(ofServer ?? named, String(message)), ofServer ?? named);
}

function reasonOf(code: string | null, message: string): SqlReason {
  if (code === null) {
    // What `pg` says of a connection has no code.
    if (/does not support SSL/i.test(message)) return 'no-tls';
    if (/time(d )?out/i.test(message)) return 'timeout';
    return /terminated|closed/i.test(message) ? 'unreachable' : 'failed';
  }
  const known = codes[code] ?? (/^[0-9A-Z]{5}$/.test(code) ? codes[code.slice(0, 2)] : undefined);
  if (known !== undefined) return known;
  if (ofCertificates.test(code)) return 'tls';
  return ofNetwork.test(code) ? 'unreachable' : 'failed';
}
