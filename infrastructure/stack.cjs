// Says to serverless.yml what the stack of this region is made of. Plan and values of the command are checked first.
const { planToPackage } = require('../check/packaging.ts');
const { planFileOf, readPlan } = require('./plan-file.ts');
const { buildStack } = require('./stack.ts');
const { Contradiction } = require('./values.ts');

module.exports = async ({ options, resolveVariable }) => {
  try {
    const values = {
      region: await resolveVariable('self:provider.region'),
      stage: await resolveVariable('sls:stage'),
      named: (options.param ?? []).map((item) => item.split('=', 1)[0]),
      given: (name) => resolveVariable(`param:${name}, null`),
    };
    return await buildStack(await planToPackage(readPlan(planFileOf(options)), values), values);
  } catch (error) {
    // Packaging prints an error's stack. Of plan and values, only what is wrong is said, in a line each.
    if (error instanceof Contradiction) error.stack = ['', ...error.lines].join('\n    ');
    throw error;
  }
};
