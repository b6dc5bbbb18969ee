// Puts together what a region gets: the whole service in the two main regions, a canary and its forwarding in the others.
const { valuesOf } = require('./values.cjs');

const file = (name) => `\${file(infrastructure/${name})}`;

const main = {
  functions: file('functions.yml'),
  stepFunctions: file('machines.yml'),
  resources: [
    file('signals.cjs'),
    file('state.cjs'),
    file('keys.yml'),
    file('topics.cjs'),
    file('page.yml'),
    file('failures.yml'),
    file('redirection.cjs'),
    file('alarms.cjs'),
    file('dashboard.cjs'),
    file('roles.yml'),
  ],
};

const observer = {
  functions: file('observer-functions.yml'),
  stepFunctions: {},
  resources: [file('observer.cjs'), file('keys.yml'), file('latch.cjs'), file('observer-roles.yml')],
};

module.exports = async ({ resolveVariable }) => {
  const { kind } = await valuesOf(resolveVariable);
  return kind === 'main' ? main : observer;
};
