// Says to serverless.yml what the stack of this region is: the command's values go to stack.ts, which checks them.
const { buildStack, Contradiction } = require('./stack.ts');

module.exports = async ({ options, resolveVariable }) => {
  const given = async (name) => resolveVariable(`param:${name}, null`);
  const region = await resolveVariable('self:provider.region');
  const stage = await resolveVariable('sls:stage');
  // Params that a stage has in serverless.yml are known to resolveVariable alone.
  const named = (options.param ?? []).map((item) => item.split('=', 1)[0]);
  try {
    return await buildStack({ region, stage, named, given });
  } catch (error) {
    // Packaging prints the stack of an error; what is wrong with a value is one line.
    if (error instanceof Contradiction) error.stack = error.message;
    throw error;
  }
};
