// Says to serverless.yml what the stack of this region is made of. The command's values go to stack.ts, which checks them.
const { buildStack, Contradiction } = require('./stack.ts');

module.exports = async ({ options, resolveVariable }) => {
  try {
    return await buildStack({
      region: await resolveVariable('self:provider.region'),
      stage: await resolveVariable('sls:stage'),
      named: (options.param ?? []).map((item) => item.split('=', 1)[0]),
      given: (name) => resolveVariable(`param:${name}, null`),
    });
  } catch (error) {
    // Packaging prints an error's stack; what is wrong with a value is said in one line.
    if (error instanceof Contradiction) error.stack = error.message;
    throw error;
  }
};
