// Imports point one way. The rule stands in biome.json; here it is broken on purpose, once in each direction.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const biome = join(root, 'node_modules/.bin/biome');

const forbidden = [
  ['a handler imports the AWS SDK', 'functions/a.ts', '@aws-sdk/client-rds'],
  ['a handler imports another handler', 'functions/b.ts', './take-lock.ts'],
  ['a handler imports the simulator', 'functions/c.ts', '../simulator/world.ts'],
  ['a handler imports the command line', 'functions/d.ts', '../cli/main.ts'],
  ['the domain imports AWS', 'functions/domain/a.ts', '../aws/store/store.ts'],
  ['the domain imports the shell', 'functions/domain/b.ts', '../shared/shell.ts'],
  ['the domain reads files', 'functions/domain/c.ts', 'node:fs'],
  ['aws imports the shell', 'functions/aws/a.ts', '../shared/shell.ts'],
  ['aws imports a handler', 'functions/aws/b.ts', '../take-lock.ts'],
  ['shared imports a handler', 'functions/shared/a.ts', '../take-lock.ts'],
  ['shared imports the simulator', 'functions/shared/b.ts', '../../simulator/world.ts'],
  ['shared imports the AWS SDK', 'functions/shared/c.ts', '@aws-sdk/client-rds'],
  ['a handler imports a kind', 'functions/i.ts', './kinds/rds-instance/look.ts'],
  ['shared imports a kind', 'functions/shared/f.ts', '../kinds/rds-instance/look.ts'],
  ['the domain imports a kind', 'functions/domain/g.ts', '../kinds/rds-instance/moves.ts'],
  ['the domain imports what is seen of the kinds', 'functions/domain/h.ts', '../kinds/looks.ts'],
  ['a kind imports another', 'functions/kinds/one/a.ts', '../other/aws.ts'],
  ['a verb imports the AWS SDK', 'functions/kinds/one/take-over.ts', '@aws-sdk/client-rds'],
  ['the plan of a kind imports AWS', 'functions/kinds/one/plan.ts', './aws.ts'],
  ['the moves of a kind import AWS', 'functions/kinds/one/moves.ts', './aws.ts'],
  ['the moves of a kind import the shell', 'functions/kinds/two/moves.ts', '../../shared/shell.ts'],
  ['the calls of a kind import the shell', 'functions/kinds/one/aws.ts', '../../shared/shell.ts'],
  ['a handler imports check', 'functions/h.ts', '../check/stability.ts'],
  ['the domain imports check', 'functions/domain/f.ts', '../../check/stability.ts'],
  ['a room of the domain imports the shell', 'functions/domain/plan/a.ts', '../../shared/shell.ts'],
  ['a room of the domain imports check', 'functions/domain/plan/b.ts', '../../../check/stability.ts'],
  ['aws imports check', 'functions/aws/e.ts', '../../check/stability.ts'],
  ['shared imports check', 'functions/shared/e.ts', '../../check/stability.ts'],
  ['check imports a handler', 'check/a.ts', '../functions/take-lock.ts'],
  ['check imports AWS', 'check/b.ts', '../functions/aws/store/store.ts'],
  ['check imports the command line', 'check/c.ts', '../cli/files/plan.ts'],
  ['check imports the simulator', 'check/d.ts', '../simulator/world.ts'],
  [
    'an invariant imports a rule of the code that it judges',
    'simulator/invariants/a.ts',
    '../../functions/domain/approval/approval.ts',
  ],
  ['an invariant imports a handler', 'simulator/invariants/b.ts', '../../functions/classify.ts'],
  ['an invariant imports the estate', 'simulator/invariants/c.ts', '../estate/world.ts'],
  ['the list of invariants imports a rule', 'simulator/invariants.ts', '../functions/domain/plan/persons.ts'],
  ['the simulator imports the command line', 'simulator/estate/a.ts', '../../cli/main.ts'],
  ['a room of aws imports the shell', 'functions/aws/store/a.ts', '../../shared/shell.ts'],
  ['a room of aws imports a handler', 'functions/aws/store/b.ts', '../../take-lock.ts'],
  ['a room of shared imports a handler', 'functions/shared/door/a.ts', '../../take-lock.ts'],
  ['a room of shared imports the simulator', 'functions/shared/door/b.ts', '../../../simulator/world.ts'],
  ['a room of shared imports the AWS SDK', 'functions/shared/door/c.ts', '@aws-sdk/client-rds'],
  ['a room of shared imports a kind', 'functions/shared/door/d.ts', '../../kinds/rds-instance/look.ts'],
  ['a room of the domain imports AWS', 'functions/domain/words/a.ts', '../../aws/store/store.ts'],
  ['a room of the domain imports a kind', 'functions/domain/words/b.ts', '../../kinds/rds-instance/moves.ts'],
  ['a room of a kind imports another kind', 'functions/kinds/one/home/a.ts', '../../other/aws.ts'],
  ['a room of a kind imports a handler', 'functions/kinds/one/home/b.ts', '../../../take-lock.ts'],
  ['a room of a kind imports the AWS SDK', 'functions/kinds/one/home/c.ts', '@aws-sdk/client-rds'],
  ['what a kind says imports AWS', 'functions/kinds/one/says/a.ts', '../aws/instances.ts'],
  ['what a kind says imports the shell', 'functions/kinds/one/says/b.ts', '../../../shared/shell.ts'],
  ['what a kind decides imports what it sees', 'functions/kinds/one/rules/a.ts', '../seen/held.ts'],
  ['the plan of a kind imports its calls', 'functions/kinds/two/plan.ts', './aws/instances.ts'],
  ['a room of calls imports the shell', 'functions/kinds/one/aws/a.ts', '../../../shared/shell.ts'],
  ['a room of calls imports what its kind sees', 'functions/kinds/one/aws/b.ts', '../seen/held.ts'],
  ['a room of the invariants imports a rule', 'simulator/invariants/model/a.ts', '../../../functions/domain/roles.ts'],
  ['a room of the invariants imports the estate', 'simulator/invariants/model/b.ts', '../../estate/world.ts'],
] as const;

const allowed = [
  ['a handler imports aws', 'functions/e.ts', './aws/store/store.ts'],
  ['a handler imports the domain', 'functions/f.ts', './domain/types.ts'],
  ['a handler imports what is seen of the kinds', 'functions/j.ts', './kinds/looks.ts'],
  ['shared imports what is seen of the kinds', 'functions/shared/g.ts', '../kinds/looks.ts'],
  ['a room of the domain imports another', 'functions/domain/plan/c.ts', '../drills/record.ts'],
  ['the domain imports the list of kinds', 'functions/domain/i.ts', '../kinds/kinds.ts'],
  ['a verb imports the calls of its kind', 'functions/kinds/one/verify.ts', './aws.ts'],
  ['a verb imports the shell', 'functions/kinds/one/fence.ts', '../../shared/shell.ts'],
  ['the calls of a kind import the SDK', 'functions/kinds/two/aws.ts', '@aws-sdk/client-rds'],
  ['the moves of a kind import the domain', 'functions/kinds/three/moves.ts', '../../domain/recovery/moves.ts'],
  ['a handler imports the shell', 'functions/g.ts', './shared/shell.ts'],
  ['aws imports the SDK', 'functions/aws/c.ts', '@aws-sdk/client-rds'],
  ['aws imports the domain', 'functions/aws/d.ts', '../domain/errors.ts'],
  ['the domain imports itself', 'functions/domain/d.ts', './types.ts'],
  ['the domain imports zod', 'functions/domain/e.ts', 'zod'],
  ['shared imports aws', 'functions/shared/d.ts', '../aws/store/store.ts'],
  ['the simulator imports a handler', 'simulator/b.ts', '../functions/take-lock.ts'],
  ['a room of the domain imports the domain', 'functions/domain/plan/c.ts', '../types.ts'],
  ['check imports the domain', 'check/e.ts', '../functions/domain/plan/plan.ts'],
  ['check imports what is made of a plan', 'check/f.ts', '../infrastructure/stack.ts'],
  ['an invariant imports the plan', 'simulator/invariants/d.ts', '../../functions/domain/plan/plan.ts'],
  ['an invariant imports another', 'simulator/invariants/e.ts', './watched.ts'],
  ['packaging imports check', 'infrastructure/a.ts', '../check/plan-file.ts'],
  ['the command line imports check', 'cli/b.ts', '../check/stability.ts'],
  ['the command line imports the simulator', 'cli/a.ts', '../simulator/world.ts'],
  ['a room of aws imports another', 'functions/aws/store/c.ts', '../calls/client.ts'],
  ['a room of aws imports a room of the domain', 'functions/aws/store/d.ts', '../../domain/record/store.ts'],
  ['a room of aws imports the SDK', 'functions/aws/store/e.ts', '@aws-sdk/client-rds'],
  ['a room of shared imports another', 'functions/shared/door/e.ts', '../approval/links.ts'],
  ['a room of shared imports the shell', 'functions/shared/door/f.ts', '../shell.ts'],
  ['a room of shared imports aws', 'functions/shared/door/g.ts', '../../aws/store/store.ts'],
  ['a room of shared imports what is seen of the kinds', 'functions/shared/door/h.ts', '../../kinds/looks.ts'],
  ['a room of the domain imports the list of kinds', 'functions/domain/words/c.ts', '../../kinds/kinds.ts'],
  ['a room of a kind imports another', 'functions/kinds/one/home/d.ts', '../seen/held.ts'],
  ['a room of a kind imports its calls', 'functions/kinds/one/home/e.ts', '../aws/instances.ts'],
  ['a room of a kind imports shared', 'functions/kinds/one/home/f.ts', '../../../shared/shell.ts'],
  ['a room of a kind imports what is seen of the kinds', 'functions/kinds/one/home/g.ts', '../../looks.ts'],
  ['what a kind says imports its rules', 'functions/kinds/one/says/c.ts', '../rules/restored.ts'],
  ['what a kind decides imports its moves', 'functions/kinds/one/rules/b.ts', '../moves.ts'],
  ['the plan of a kind imports what it says', 'functions/kinds/three/plan.ts', './says/rights.ts'],
  ['a room of calls imports the SDK', 'functions/kinds/one/aws/c.ts', '@aws-sdk/client-rds'],
  ['a room of calls imports aws', 'functions/kinds/one/aws/d.ts', '../../../aws/calls/client.ts'],
  [
    'a room of the invariants imports the plan',
    'simulator/invariants/model/c.ts',
    '../../../functions/domain/plan/plan.ts',
  ],
  ['a room of the invariants imports another', 'simulator/invariants/model/d.ts', '../approval/approved.ts'],
  ['an invariant imports its model', 'simulator/invariants/f.ts', './model/history.ts'],
] as const;

let tree: string;
let refused: Set<string>;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'breakwater-imports-'));
  copyFileSync(join(root, 'biome.json'), join(tree, 'biome.json'));
  for (const [, file, imported] of [...forbidden, ...allowed]) {
    mkdirSync(join(tree, dirname(file)), { recursive: true });
    writeFileSync(join(tree, file), `import { one } from '${imported}';\nexport const two = one;\n`);
  }
  refused = lint(tree);
});

afterAll(() => rmSync(tree, { recursive: true }));

test.for(forbidden)('it is refused that %s', ([, file]) => {
  expect(refused).toContain(file);
});

test.for(allowed)('it is allowed that %s', ([, file]) => {
  expect(refused).not.toContain(file);
});

/** Files in which the rule finds a forbidden import. Biome exits non-zero where it finds one, which is the point. */
function lint(directory: string): Set<string> {
  const args = ['lint', '--only=style/noRestrictedImports', '--reporter=github', '--max-diagnostics=none', directory];
  try {
    execFileSync(biome, args, { cwd: directory, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout } = error as { stdout: string };
    return new Set(
      [...stdout.matchAll(/noRestrictedImports,file=([^,]+)/g)].map(([, file]) => inside(directory, file)),
    );
  }
  throw new Error('biome found nothing to refuse');
}

function inside(directory: string, file = ''): string {
  return file.replace(`${directory}/`, '');
}
