// The plan that a handler runs with. Packaging puts the plan's content in the place of this file
// (infrastructure/bundling.ts), so that no handler reads or parses YAML when it starts. Code that is not packaged is
// handed its plan, as the simulator does.

/** What the plan's file held when the handler was packaged, not validated yet. */
export function readPlan(): unknown {
  throw new Error('this code was not packaged: no plan is in it');
}
