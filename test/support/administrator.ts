/** The first administrator of a test's kaiser, and requests in their name. */
export interface Tokens {
  access_token: string
  refresh_token: string
}

export const ADMINISTRATOR = { username: 'grower', email: 'grower@example.org', password: 'Tomato-2026' }

export async function setUp(origin: string): Promise<Tokens> {
  const answer = await fetch(`${origin}/api/v1/auth/setup`, {
    method: 'POST',
    body: JSON.stringify(ADMINISTRATOR),
  })
  const { tokens } = (await answer.json()) as { tokens: Tokens }
  return tokens
}

/** Asks the REST API as somebody; returns status and body. */
export async function ask(
  origin: string,
  path: string,
  token?: string,
  init: { method?: string; body?: unknown } = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${origin}/api/v1${path}`, {
    method: init.method ?? 'GET',
    headers: token ? { authorization: `Bearer ${token}` } : {},
    ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} }
}
