// What a write into a database that should take none comes to, tried from inside its region.
import { SqlFault } from '../../../aws/sql/faults.ts';
import { expectWritable } from '../../../aws/sql/sql.ts';
import { CannotProceed } from '../../../domain/errors.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import type { Shell } from '../../../shared/shell.ts';
import type { DatabaseSeen } from '../aws/instances.ts';
import { askedIn } from '../sql/asked.ts';

/**
 * none: nobody can connect, so that the write is not even tried. failed: it takes none. not-tried: it could not be asked. admits: who is told
 * that a password is wrong has got through to it. wrote: it took the write. `why`: in words.
 */
export type Tried = {
  readonly came: 'none' | 'failed' | 'not-tried' | 'admits' | 'wrote';
  readonly why: string;
};

/** @throws Unavailable while nobody can say, as when it starts. */
export async function tryWrite(asset: AssetOf<'rds-instance'>, old: DatabaseSeen, shell: Shell): Promise<Tried> {
  const { region, now } = shell;
  try {
    await expectWritable(askedIn(asset, { ...old, region }).writer, region, now());
    return { came: 'wrote', why: 'it took a write' };
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = cause instanceof SqlFault ? cause.reason : null;
    if (reason === 'read-only') return { came: 'failed', why: 'it is read only' };
    if (reason === 'timeout' || reason === 'refused' || reason === 'unreachable') return { came: 'none', why: reason };
    if (!(error instanceof CannotProceed)) throw error;
    return { came: reason === null ? 'not-tried' : 'admits', why: message };
  }
}
