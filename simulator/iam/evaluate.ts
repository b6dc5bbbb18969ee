// Answers one question as IAM does: may this caller do this to that, by these policies? Pure. The rules are those of the
// IAM user guide: "Policy evaluation logic", "Condition operators", "Single-valued vs. multivalued context keys" and
// "Resource". What a policy says in a way that is not known here throws: it must not pass, and must not be refused either.

/** Values of condition keys. A list is a key that can have several values (`ArrayOf…` in the service's reference). */
export type Context = Readonly<Record<string, string | readonly string[]>>;

/** One question. `resource` is an ARN, or `*` where the action knows none. */
export type Request = { readonly action: string; readonly resource: string; readonly context: Context };

type OneOrMany = string | readonly string[];

/** Who a resource policy speaks of: everybody, services, or ARNs and accounts. */
export type Principals = '*' | { readonly Service?: OneOrMany; readonly AWS?: OneOrMany };

/** One statement of a policy, its intrinsic functions resolved. */
export type Statement = {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: Principals;
  readonly Action?: OneOrMany;
  readonly NotAction?: OneOrMany;
  readonly Resource?: OneOrMany;
  readonly NotResource?: OneOrMany;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMany>>>>;
};

/** Who asks: a service of AWS, or the ARN of a role or user. */
export type Caller = { readonly service: string } | { readonly arn: string };

/**
 * What speaks about a request. `identity`: the policies of the calling role, none for a service. `resource`: the policy
 * of what is called, with who calls; left out where it has none.
 */
export type Policies = {
  readonly identity: readonly Statement[];
  readonly resource?: { readonly statements: readonly Statement[]; readonly caller: Caller };
};

/** `sid` names the statement that denies, `in` the policy that it stands in. Without a statement nothing allowed it. */
export type Authorization =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly why: 'implicit-deny' }
  | { readonly allowed: false; readonly why: 'explicit-deny'; readonly sid: string; readonly in: keyof Policies };

/** An explicit denial comes first; then one policy that allows is enough. @throws where a policy is not understood. */
export function evaluate(request: Request, { identity, resource }: Policies): Authorization {
  const own = identity.filter((statement) => speaksOf(statement, request));
  const theirs = resource?.statements.filter((statement) => speaksOf(statement, request)) ?? [];
  const named = theirs.filter(({ Principal }) => resource !== undefined && names(Principal, resource.caller));
  const account = theirs.filter(({ Principal }) => resource !== undefined && namesAccount(Principal, resource.caller));
  for (const [policy, statements] of [
    ['identity', own],
    ['resource', [...named, ...account]],
  ] as const) {
    const denial = statements.find(({ Effect }) => Effect === 'Deny');
    if (denial !== undefined) return { allowed: false, why: 'explicit-deny', sid: denial.Sid ?? '', in: policy };
  }
  // A key's policy decides alone: the policies of roles count where it hands the decision to their account.
  const ownCount = resource === undefined || !/^kms:/i.test(request.action) || account.length > 0;
  return (ownCount && own.length > 0) || named.length > 0
    ? { allowed: true }
    : { allowed: false, why: 'implicit-deny' };
}

/** Whether a statement is about a request: its action, its resource and all of its conditions. */
function speaksOf(statement: Statement, request: Request): boolean {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  if ((Action === undefined) === (NotAction === undefined))
    throw new Error(`statement ${statement.Sid ?? ''}: expected either Action or NotAction`);
  const isAction = many(Action ?? NotAction).some((pattern) =>
    isLike(pattern.toLowerCase(), request.action.toLowerCase()),
  );
  if (isAction !== (Action !== undefined)) return false;
  // The trust of a role has no resource: it is the role.
  const resources = Resource ?? NotResource;
  if (resources !== undefined) {
    const isResource = many(resources).some((pattern) => isResourceLike(pattern, request.resource));
    if (isResource !== (Resource !== undefined)) return false;
  }
  // All of them are looked at: one that is not known must not hide behind one that fails.
  const conditions = Object.entries(Condition).flatMap(([operator, tested]) =>
    Object.entries(tested).map(([key, values]) => holds(operator, readKey(key, request.context), many(values))),
  );
  return !conditions.includes(false);
}

/** The values of a key, whose name is in any case; null where the request does not carry it. */
function readKey(key: string, context: Context): string | readonly string[] | null {
  const name = Object.keys(context).find((known) => known.toLowerCase() === key.toLowerCase());
  return name === undefined ? null : (context[name] ?? null);
}

type Comparison = { readonly matches: (pattern: string, value: string) => boolean; readonly negated?: true };

const equals = (wanted: string, value: string): boolean => wanted === value;
const equalsInAnyCase = (wanted: string, value: string): boolean => wanted.toLowerCase() === value.toLowerCase();

/** The operators that are known. ArnEquals and ArnLike behave in the same way. */
const comparisons: Readonly<Record<string, Comparison>> = {
  StringEquals: { matches: equals },
  StringNotEquals: { matches: equals, negated: true },
  StringEqualsIgnoreCase: { matches: equalsInAnyCase },
  StringLike: { matches: isLike },
  StringNotLike: { matches: isLike, negated: true },
  ArnEquals: { matches: isArnLike },
  ArnLike: { matches: isArnLike },
  ArnNotEquals: { matches: isArnLike, negated: true },
  ArnNotLike: { matches: isArnLike, negated: true },
  Bool: { matches: equalsInAnyCase },
};

/**
 * One condition on one key. Of several wanted values one has to match; of a negated operator none may.
 * @throws where the operator is not known, or does not fit a key that has several values.
 */
function holds(operator: string, value: string | readonly string[] | null, wanted: readonly string[]): boolean {
  const [, set = null, name = '', ifExists = ''] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const isMissing = value === null || value.length === 0;
  if (operator === 'Null') return wanted.some((one) => equalsInAnyCase(one, String(isMissing)));
  const comparison = comparisons[name];
  if (comparison === undefined) throw new Error(`the condition operator ${operator} is not known here`);
  const variable = wanted.find((one) => one.includes('${'));
  if (variable !== undefined) throw new Error(`the policy variable in ${variable} is not known here`);
  const { matches, negated = false } = comparison;
  const passes = (one: string) => wanted.some((pattern) => matches(pattern, one)) !== negated;
  if (isMissing) {
    if (ifExists !== '') return true;
    if (set !== null) return set === 'ForAllValues';
    return negated;
  }
  if (set === 'ForAllValues') return many(value).every(passes);
  if (set === 'ForAnyValue') return many(value).some(passes);
  if (typeof value === 'string') return passes(value);
  throw new Error(`${operator}: a key with several values needs ForAllValues or ForAnyValue`);
}

/** `*` stands for any text, also none, `?` for one character. */
function isLike(pattern: string, value: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === value;
  return patternOf(pattern, () => '.*').test(value);
}

/** `*` at the end of a part of an ARN may go on beyond its colon, elsewhere it ends there. @throws where it is no ARN. */
function isResourceLike(pattern: string, resource: string): boolean {
  if (pattern === '*') return true;
  if (partsOf(pattern) === null) throw new Error(`the resource ${pattern} is neither an ARN nor *`);
  return patternOf(pattern, (rest) => (rest === '' || rest.startsWith(':') ? '.*' : '[^:]*')).test(resource);
}

/** The six parts of an ARN are compared one by one. @throws where the pattern is no ARN. */
function isArnLike(pattern: string, value: string): boolean {
  const patterns = partsOf(pattern);
  if (patterns === null) throw new Error(`${pattern} is no ARN to compare with`);
  const values = partsOf(value);
  return values !== null && patterns.every((part, index) => isLike(part, values[index] ?? ''));
}

function partsOf(arn: string): readonly string[] | null {
  return /^(arn):([^:]*):([^:]*):([^:]*):([^:]*):(.+)$/s.exec(arn)?.slice(1) ?? null;
}

function patternOf(text: string, star: (rest: string) => string): RegExp {
  const source = text.replaceAll(/[^A-Za-z0-9]/g, (character, at: number) => {
    if (character === '*') return star(text.slice(at + 1));
    return character === '?' ? '.' : `\\${character}`;
  });
  return new RegExp(`^${source}$`, 's');
}

/** Whether a resource policy speaks of a caller itself, and not only of its account. @throws where it names nobody. */
function names(principals: Principals | undefined, caller: Caller): boolean {
  if (principals === undefined) throw new Error('a statement of a resource policy has no Principal');
  if (principals === '*') return true;
  if ('service' in caller && many(principals.Service).includes(caller.service)) return true;
  return many(principals.AWS).some((one) => one === '*' || ('arn' in caller && one === caller.arn));
}

/** Whether it hands the decision to the caller's account, whose IAM then decides. */
function namesAccount(principals: Principals | undefined, caller: Caller): boolean {
  if (principals === undefined || principals === '*' || 'service' in caller) return false;
  const account = caller.arn.split(':')[4] ?? '';
  return many(principals.AWS).some(
    (one) => one === account || new RegExp(`^arn:[^:]+:iam::${account}:root$`).test(one),
  );
}

function many(value: OneOrMany | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
