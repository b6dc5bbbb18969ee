// What the templates are made from: the plan, the region that is packaged and the parameters of the command line. Whatever is
// missing or contradicts itself ends packaging here, with one line that says what, where and what was expected.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parse } = require('yaml');

/** Ends packaging. */
function wrong(what, value, expected) {
  throw new Error(`${what}: is ${JSON.stringify(value ?? null)}, expected ${expected}`);
}

/**
 * `kind`: main, of the stacks that guard each other in the primary and the standby region; observer, of the small ones in
 * every other region of the plan. `role`: what the region is in plan.yml: primary, standby, witness or observer.
 * `peer`: the other main region, null for an observer. `param(name)`: a parameter of the command line, null where it was not given.
 */
async function valuesOf(resolveVariable) {
  const plan = parse(readFileSync(join(__dirname, '../plan.yml'), 'utf8'));
  const region = await resolveVariable('self:provider.region');
  const prefix = await resolveVariable('self:custom.prefix');
  const { primary, standby, witness, observers } = plan.roles;
  if (primary === standby) wrong('plan.yml: roles.standby', standby, 'another region than roles.primary');
  const roles = new Map([...observers.map((one) => [one, 'observer']), [witness, 'witness']]);
  roles.set(primary, 'primary').set(standby, 'standby');
  const role = roles.get(region) ?? wrong('--region', region, `one of ${[...roles.keys()].toSorted().join(', ')}`);
  const kind = role === 'primary' || role === 'standby' ? 'main' : 'observer';
  const peer = kind === 'observer' ? null : region === primary ? standby : primary;
  const param = async (name) => (await resolveVariable(`param:${name}, null`)) ?? null;
  return { plan, application: plan.application, region, prefix, kind, role, peer, main: [primary, standby], param };
}

/** A name in kebab-case as CloudFormation's logical ids are written. */
function pascal(name) {
  return name.replace(/(?:^|[-_/.])([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

module.exports = { valuesOf, wrong, pascal };
