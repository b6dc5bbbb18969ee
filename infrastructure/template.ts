// The words of a CloudFormation template that the files beside this one are written in.

/** Anything that JSON can hold. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** One resource. */
export type Resource = {
  readonly Type: string;
  readonly DeletionPolicy?: 'RetainExceptOnCreate';
  readonly UpdateReplacePolicy?: 'Retain';
  readonly DependsOn?: string | readonly string[];
  readonly Properties: { readonly [key: string]: Value };
};

/** Resources by their logical name. */
export type Resources = Readonly<Record<string, Resource>>;

/**
 * Stays when the stack, or its place in the template, goes. A deployment that makes it and is rolled back takes it away again: what nobody has used
 * would be in the way of the next try. A replacement has no such choice [AWS, DeletionPolicy attribute].
 */
export const kept = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' } as const;

/** Text in which `${AWS::Region}` and the like are filled in at deployment; without any of them it is what it is. */
export function sub(text: string): Value {
  return text.includes('${') ? { 'Fn::Sub': text } : text;
}

export function ref(resource: string): Value {
  return { Ref: resource };
}

export function arnOf(resource: string): Value {
  return { 'Fn::GetAtt': [resource, 'Arn'] };
}

/** The ARN of something in the region and account of the stack. */
export function arnHere(service: string, resource: string): Value {
  return sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`);
}

/** `use1-az4` as part of a logical name, which has letters and digits only: `Use1Az4`. */
export function pascal(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
