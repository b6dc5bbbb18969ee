// How many resources a stack may have. A plugin of the framework that says it at each packaging, also that of a deployment,
// and ends it early enough for people to split the stack in peace.
import type { Resources } from './template.ts';

/** CloudFormation takes 500. */
export const most = { resources: 500, packaged: 449 };

/** What is used of the framework. */
type Framework = {
  readonly service: {
    readonly provider: { readonly compiledCloudFormationTemplate: { readonly Resources: Resources } };
  };
  readonly getProvider: (name: 'aws') => { readonly getRegion: () => string };
  /** Its own errors are printed without a stack. */
  readonly classes: { readonly Error: new (message: string) => Error };
};
type Tools = { readonly log: { readonly notice: (line: string) => void } };

export default class Limits {
  readonly hooks: Readonly<Record<string, () => void>>;

  constructor(framework: Framework, _options: unknown, { log }: Tools) {
    this.hooks = {
      // The template is complete, and nothing is written or uploaded yet.
      'before:aws:package:finalize:saveServiceState': () => {
        const region = framework.getProvider('aws').getRegion();
        const count = Object.keys(framework.service.provider.compiledCloudFormationTemplate.Resources).length;
        log.notice(`${region}: ${count} of ${most.resources} resources`);
        if (count > most.packaged)
          throw new framework.classes.Error(
            `${region}: the stack has ${count} resources, expected at most ${most.packaged}: CloudFormation takes ${most.resources}`,
          );
      },
    };
  }
}
