// What serverless.yml must know of the plan before it asks for the stack.
const { planFileOf, readRawPlan } = require('./plan-file.ts');

module.exports = ({ options }) => {
  const { application, roles } = planOf(options);
  const { primary, standby, observers = [] } = roles ?? {};
  const runs = [primary, standby, ...observers].includes(options.region ?? primary);
  return {
    application: application ?? 'none',
    primary: primary ?? 'none',
    // The bundler fails where there is nothing to bundle.
    plugins: [...(runs ? ['serverless-esbuild'] : []), 'serverless-step-functions', './infrastructure/limits.ts'],
  };
};

/** What is wrong with a plan, stack.cjs says, once; here it has nothing. */
function planOf(options) {
  try {
    return readRawPlan(planFileOf(options)) ?? {};
  } catch {
    return {};
  }
}
