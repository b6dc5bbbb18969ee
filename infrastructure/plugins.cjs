// Which plugins serverless.yml needs in this region: the bundler fails where there is nothing to bundle.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parse } = require('yaml');

module.exports = ({ options }) => {
  const { roles } = parse(readFileSync(join(__dirname, '../plan.yml'), 'utf8')) ?? {};
  const { primary, standby, observers = [] } = roles ?? {};
  const runs = [primary, standby, ...observers].includes(options.region ?? primary);
  return [...(runs ? ['serverless-esbuild'] : []), 'serverless-step-functions'];
};
