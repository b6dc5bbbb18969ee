// Verifies a drill that has recovered: does the service work, is the data whole, is it as fast as before.
import { whatIsWrong } from './domain/drills/judge.ts';
import { type Asked, type DrillRecord, nothingAsked } from './domain/drills/record.ts';
import { assetsOf } from './domain/plan/assets.ts';
import { DrillStepInput, expectMayGoOn, readRun, visitService } from './shared/drills/drill.ts';
import { type Shell, step } from './shared/shell.ts';

/** Safe to repeat: what is wrong is found anew. @throws Aborted, GivesWay, Unavailable */
export const handler = step(DrillStepInput, async ({ execution }, shell): Promise<{ wrong: readonly string[] }> => {
  const { store, plan } = shell;
  const drill = await readRun(execution, shell);
  await expectMayGoOn(drill, shell);
  const needed = plan.service.healthPassesNeeded;
  let after: Asked = nothingAsked;
  for (let count = 0; count < needed; count += 1) after = await visitService(after, shell);
  const asked = { ...drill.asked, after };
  const data = drill.kind === 'fault' ? await wrongWithData(drill, shell) : [];
  const wrong = whatIsWrong({ ...drill, asked }, { passes: needed - after.failed, needed, data });
  await store.keepDrill({ ...drill, asked, why: wrong });
  return { wrong };
});

/** Of each database that is asked with SQL: whether rows were lost, and whether it has taken any since. */
async function wrongWithData({ faultAt }: DrillRecord, { store, plan }: Shell): Promise<string[]> {
  const since = faultAt ?? 0;
  const asked = assetsOf('rds-instance', plan).filter(({ data }) => data !== undefined);
  const each = await Promise.all(
    asked.map(async ({ name }) => {
      const ledger = await store.readLedger(name);
      const shrank = (ledger?.shrank ?? []).filter(({ at }) => at >= since).flatMap(({ why }) => why);
      const isProven = ledger?.provenAt != null && ledger.provenAt >= since;
      return [
        ...shrank.map((why) => `${name}: ${why}`),
        ...(isProven ? [] : [`nothing was seen to be written to ${name} since`]),
      ];
    }),
  );
  return each.flat();
}
