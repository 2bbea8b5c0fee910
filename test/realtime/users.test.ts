import t from 'tap'
import { ADMINISTRATOR, setUp } from '../support/administrator.js'
import { directory, type OpenApp, openApp } from '../support/app.js'
import { type Answer, person, request } from '../support/http.js'

const JANE = { username: 'jane', email: 'jane@example.org', password: 'Cucumber1', full_name: 'Jane Doe' }
const FIELDS = ['id', 'username', 'email', 'full_name', 'role', 'is_active', 'created_at', 'updated_at']

async function house(t: Parameters<typeof openApp>[0]) {
  const app = await openApp(t)
  const { access_token: token } = await setUp(app.origin)
  const as = (method: string, path: string, body?: unknown): Promise<Answer> =>
    request(app, method, path, { token, ...(body !== undefined && { body }) })
  return { app, token, as }
}

const logIn = async (app: OpenApp, username: string, password: string) =>
  request(app, 'POST', '/auth/login', { body: { username, password } })
const tokensOf = ({ body }: Answer) => body.tokens as { access_token: string; refresh_token: string }
const me = async (app: OpenApp, token: string) => (await request(app, 'GET', '/auth/me', { token })).status
const refresh = async (app: OpenApp, refresh_token: string) =>
  (await request(app, 'POST', '/auth/refresh', { body: { refresh_token } })).status

t.test('an administrator registers somebody, who is a viewer unless said otherwise', async (t) => {
  const { app, as } = await house(t)
  const made = await as('POST', '/users', JANE)
  t.equal(made.status, 201)
  t.strictSame(Object.keys(made.body), FIELDS)
  t.match(made.body, { id: Number, username: 'jane', full_name: 'Jane Doe', role: 'viewer', is_active: true })
  t.match(made.body.created_at, /Z$/)
  t.match(
    await as('POST', '/users', { ...JANE, username: 'ops', email: 'o@p', full_name: '', role: 'operator' }),
    {
      status: 201,
      body: { role: 'operator', full_name: null },
    },
  )
  t.equal((await logIn(app, 'jane', JANE.password)).status, 200)

  const list = await as('GET', '/users')
  t.match(list, { status: 200, body: { success: true, total: 3 } })
  t.strictSame(
    (list.body.users as { username: string }[]).map(({ username }) => username),
    ['grower', 'jane', 'ops'],
  )
  t.strictSame((await as('GET', '/users/')).body, list.body, 'with a slash too')
  t.strictSame((await as('GET', `/users/${made.body.id}`)).body, made.body)
  t.match(await as('GET', '/users/999'), { status: 404, body: { detail: String } })
})

t.test('a name or an address belongs to one person, in any case', async (t) => {
  const { as } = await house(t)
  await as('POST', '/users', JANE)
  const taken = [
    { ...JANE, email: 'other@example.org', username: 'JANE' },
    { ...JANE, username: 'other', email: 'Jane@Example.org' },
  ]
  for (const body of taken)
    t.match(await as('POST', '/users', body), {
      status: 409,
      body: { detail: /is taken/, code: 'already_exists' },
    })
  const other = await as('POST', '/users', { ...JANE, username: 'other', email: 'other@example.org' })
  const at = `/users/${other.body.id}`
  t.match(await as('PATCH', at, { email: 'JANE@example.org' }), { status: 409, body: { detail: /is taken/ } })
  t.equal((await as('PATCH', at, { email: 'Other@example.org' })).status, 200, 'its own, written otherwise')
})

t.test('of two who take a name at once, one gets it', async (t) => {
  const { app, as } = await house(t)
  const both = await Promise.all([as('POST', '/users', JANE), as('POST', '/users', JANE)])
  t.strictSame(both.map(({ status }) => status).sort(), [201, 409])
  t.equal(app.store.users.count, 2)
})

t.test('a wrong field of a new account is named, and the password is never repeated', async (t) => {
  const { app, as } = await house(t)
  const wrong: readonly (readonly [object, string, RegExp])[] = [
    [{ username: '1st' }, 'username', /pattern/],
    [{ email: 'nobody' }, 'email', /pattern/],
    [{ password: 'Short1' }, 'password', /8/],
    [{ password: 'nocapital1' }, 'password', /upper-case/],
    [{ password: 'NOSMALL11' }, 'password', /lower-case/],
    [{ password: 'NoDigitHere' }, 'password', /digit/],
    [{ role: 'god' }, 'role', /one of viewer, operator, admin/],
    [{ full_name: 'x'.repeat(101) }, 'full_name', /100/],
  ]
  for (const [change, field, msg] of wrong) {
    const { status, body } = await as('POST', '/users', { ...JANE, ...change })
    t.equal(status, 422, field)
    t.match(body.detail, [{ loc: ['body', field], msg }], JSON.stringify(change).slice(0, 60))
    t.notMatch(JSON.stringify(body), /Short1|nocapital1|NOSMALL11|NoDigitHere/)
  }
  t.equal(app.store.users.count, 1)
})

t.test('a changed account keeps what was not mentioned; an empty name is none', async (t) => {
  const { as } = await house(t)
  const { body: jane } = await as('POST', '/users', JANE)
  const at = `/users/${jane.id}`
  t.match(await as('PATCH', at, {}), { status: 200, body: { ...jane, updated_at: String } })
  const form = { email: 'j@example.org', full_name: '', role: 'operator', is_active: true }
  t.match(await as('PATCH', at, form), { status: 200, body: { ...form, full_name: null, username: 'jane' } })
  t.equal((await as('PATCH', '/users/999', form)).status, 404)
  t.equal((await as('PATCH', at, { is_active: 'no' })).status, 422)
})

t.test(
  'another role holds at once: the old access token ends, a refreshed one has the new role',
  async (t) => {
    const { app, as } = await house(t)
    const operator = await person(app, 'operator')
    const { id } = app.store.users.find('a-operator')!
    const rejects = (token: string) => request(app, 'GET', '/rejects', { token })
    t.equal((await rejects(operator.access_token)).status, 200)

    await as('PATCH', `/users/${id}`, { role: 'viewer' })
    t.equal((await rejects(operator.access_token)).status, 401)
    const again = tokensOf(await request(app, 'POST', '/auth/refresh', { body: operator }))
    t.equal(await me(app, again.access_token), 200)
    t.equal((await rejects(again.access_token)).status, 403)

    await as('PATCH', `/users/${id}`, { role: 'viewer', full_name: 'Same role' })
    t.equal(await me(app, again.access_token), 200, 'the same role again ends nothing')
  },
)

t.test('a disabled account has no tokens, and gets none of the old ones back', async (t) => {
  const { app, as } = await house(t)
  const tokens = await person(app, 'viewer')
  const { id } = app.store.users.find('a-viewer')!
  await as('PATCH', `/users/${id}`, { is_active: false })
  t.equal(await me(app, tokens.access_token), 403)
  t.equal(await refresh(app, tokens.refresh_token), 401)
  t.equal((await logIn(app, 'a-viewer', ADMINISTRATOR.password)).status, 401)

  await as('PATCH', `/users/${id}`, { is_active: true })
  t.equal(await me(app, tokens.access_token), 401)
  t.equal(await refresh(app, tokens.refresh_token), 401)
  t.equal((await logIn(app, 'a-viewer', ADMINISTRATOR.password)).status, 200)
})

t.test('a deleted account is gone with its tokens, also for whoever gets its number next', async (t) => {
  const dir = directory(t)
  const app = await openApp(t, { dir })
  const token = (await setUp(app.origin)).access_token
  const gone = await person(app, 'operator')
  const { id } = app.store.users.find('a-operator')!
  const answer = await request(app, 'DELETE', `/users/${id}`, { token })
  t.match(answer, { status: 204, body: {} })
  t.equal(await me(app, gone.access_token), 401)
  t.equal(await refresh(app, gone.refresh_token), 401)
  t.equal((await request(app, 'DELETE', `/users/${id}`, { token })).status, 404)
  t.equal((await logIn(app, 'a-operator', ADMINISTRATOR.password)).status, 401)
  await app.close()

  const next = await openApp(t, { dir })
  t.equal(next.store.users.count, 1, 'it stays deleted')
  const { body } = await request(next, 'POST', '/users', { token, body: JANE })
  t.equal(body.id, id)
  t.equal(await me(next, gone.access_token), 401)
  t.equal(await refresh(next, gone.refresh_token), 401)
})

t.test('nobody deletes their own account, and an active administrator always remains', async (t) => {
  const { app, as } = await house(t)
  const own = app.store.users.find('grower')!.id
  t.match(await as('DELETE', `/users/${own}`), { status: 400, body: { code: 'own_account', detail: String } })
  const last = { status: 409, body: { code: 'last_administrator', detail: /last active administrator/ } }
  t.match(await as('PATCH', `/users/${own}`, { role: 'operator' }), last)
  t.match(await as('PATCH', `/users/${own}`, { is_active: false }), last)
  t.equal(
    (await as('PATCH', `/users/${own}`, { role: 'admin', is_active: true, full_name: 'Me' })).status,
    200,
  )

  const other = await as('POST', '/users', { ...JANE, role: 'admin' })
  await as('PATCH', `/users/${other.body.id}`, { is_active: false })
  t.match(await as('PATCH', `/users/${own}`, { role: 'viewer' }), last, 'a disabled one does not count')
  await as('PATCH', `/users/${other.body.id}`, { is_active: true })

  const jane = tokensOf(await logIn(app, 'jane', JANE.password)).access_token
  await Promise.all([
    as('PATCH', `/users/${other.body.id}`, { role: 'viewer' }),
    request(app, 'PATCH', `/users/${own}`, { token: jane, body: { role: 'viewer' } }),
  ])
  const ruling = app.store.users.list().filter(({ role }) => role === 'admin')
  t.equal(ruling.length, 1, 'of two who demote one another at once, one stays')
})

t.test('a reset password ends every session of its owner', async (t) => {
  const { app, as } = await house(t)
  const tokens = await person(app, 'viewer')
  const { id } = app.store.users.find('a-viewer')!
  t.match(await as('POST', `/users/${id}/reset-password`, { new_password: 'Fresh-start1' }), {
    status: 200,
    body: { success: true, message: String },
  })
  t.equal(await me(app, tokens.access_token), 401)
  t.equal(await refresh(app, tokens.refresh_token), 401)
  t.equal((await logIn(app, 'a-viewer', ADMINISTRATOR.password)).status, 401)
  t.equal((await logIn(app, 'a-viewer', 'Fresh-start1')).status, 200)
  t.equal((await as('POST', '/users/999/reset-password', { new_password: 'Fresh-start1' })).status, 404)
  t.match(await as('POST', `/users/${id}/reset-password`, { new_password: 'weak' }), {
    status: 422,
    body: { detail: [{ loc: ['body', 'new_password'] }] },
  })
})

t.test('an own new password ends the access token; the page refreshes and carries on', async (t) => {
  const { app } = await house(t)
  const mine = await person(app, 'viewer')
  const change = (current_password: string, new_password: string) =>
    request(app, 'PATCH', '/users/me/password', {
      token: mine.access_token,
      body: { current_password, new_password },
    })
  const wrong = await change('Wrong-2026', 'Fresh-start1')
  t.match(wrong, { status: 401, body: { detail: /current password is wrong/ } })
  t.equal(await me(app, mine.access_token), 200, 'a wrong one ends nothing')
  t.equal((await change(ADMINISTRATOR.password, 'weakweak')).status, 422)

  t.match(await change(ADMINISTRATOR.password, 'Fresh-start1'), { status: 200, body: { success: true } })
  t.equal(await me(app, mine.access_token), 401)
  t.equal(await refresh(app, mine.refresh_token), 200)
  t.equal((await logIn(app, 'a-viewer', 'Fresh-start1')).status, 200)
})

t.test('guessing the current password with somebody’s token ends after ten attempts', async (t) => {
  const { app } = await house(t)
  const { access_token: token } = await person(app, 'viewer')
  const guess = () =>
    request(app, 'PATCH', '/users/me/password', {
      token,
      body: { current_password: 'Guess-2026', new_password: 'Fresh-start1' },
    })
  for (let n = 0; n < 10; n++) t.equal((await guess()).status, 401)
  const answer = await guess()
  t.equal(answer.status, 429)
  t.ok(Number(answer.headers.get('retry-after')) >= 1)
})
