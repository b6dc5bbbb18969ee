// The OpenSearch domain of the function's own region.

export const index = 'products';

/** @throws Error where the domain does not answer with success: the flow asks again. */
export async function ask(method: 'GET' | 'POST', path: string): Promise<{ readonly status?: string }> {
  const url = `${process.env['SEARCH_URL']}${path}`;
  const answer = await fetch(url, {
    method,
    signal: AbortSignal.timeout(5_000),
    ...(method === 'POST' && { headers: { 'content-type': 'application/json' }, body: '{}' }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: status ${answer.status}`);
  return (await answer.json()) as { status?: string };
}
