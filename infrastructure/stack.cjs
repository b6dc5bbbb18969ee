// Says to serverless.yml what the stack of this region is made of. The command's values go to stack.ts, which checks them.
const { planFileOf, readPlan } = require('./plan-file.ts');
const { buildStack, Contradiction } = require('./stack.ts');

module.exports = async ({ options, resolveVariable }) => {
  const planFile = planFileOf(options);
  try {
    return await buildStack(readPlan(planFile), {
      region: await resolveVariable('self:provider.region'),
      stage: await resolveVariable('sls:stage'),
      named: (options.param ?? []).map((item) => item.split('=', 1)[0]),
      given: (name) => resolveVariable(`param:${name}, null`),
    });
  } catch (error) {
    // Packaging prints an error's stack. Of values, only what is wrong is said, in a line each, with the name of the plan.
    if (error instanceof Contradiction)
      error.stack = ['', ...error.lines.map((line) => line.replace(/^plan\.yml(?=,)/, planFile))].join('\n    ');
    throw error;
  }
};
