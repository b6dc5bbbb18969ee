// Text from outside as it may stand in a message: one line, and nothing in it that a mail program makes a link of. Pure.

/**
 * Line breaks, other controls and invisible letters become spaces; an address and a domain are broken by a space, so that they stay
 * readable and lead nowhere. A text that has none of these comes back as it is.
 */
export function plainText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/:(?=\/\/)/g, ': ')
    .replaceAll(/(?<=[\p{L}\p{N}_-])\.(?=\p{L})/gu, '. ')
    .trim();
}

/** The name in an ARN: people know a balancer or a cluster by that. What is no ARN is a name. */
export function nameIn(target: string): string {
  const resource = /^arn:[^:]*:[^:]*:[^:]*:[^:]*:(.*)/.exec(target)?.[1];
  if (resource === undefined) return target;
  return /^loadbalancer\/(?:app|net)\/([^/]+)\//.exec(resource)?.[1] ?? resource.replace(/.*[/:]/, '');
}
