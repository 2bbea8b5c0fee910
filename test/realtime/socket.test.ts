import t from 'tap'
import { setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'
import { person, request } from '../support/http.js'
import { listen, refused, ticket } from '../support/socket.js'
import { until } from '../support/until.js'

const PATH = '/api/v1/ws/realtime/page'

t.test('without a good token there is no socket: 401 before the upgrade', async (t) => {
  let skew = 0
  const app = await openApp(t, { now: () => Date.now() + skew })
  const { access_token, refresh_token } = await setUp(app.origin)
  for (const query of ['', '?token=', '?token=nonsense', `?token=${refresh_token}`, '?token=%zz']) {
    const { status, body } = await refused(app, `${PATH}${query}`)
    t.equal(status, 401, query)
    t.match(JSON.parse(body), { success: false, detail: String, code: 'not_authenticated' })
  }
  t.equal((await refused(app, `/api/v1/ws/realtime/%20?token=${access_token}`)).status, 422)

  await request(app, 'POST', '/auth/logout', { token: access_token })
  t.equal((await refused(app, `${PATH}?token=${access_token}`)).status, 401, 'a revoked one')
  const viewer = (await person(app, 'viewer')).access_token
  const user = app.store.users.find('a-viewer')!
  await app.store.group.run(() => app.store.users.update(user, { is_active: 0 }, Date.now()))
  t.equal((await refused(app, `${PATH}?token=${viewer}`)).status, 403, 'a disabled account')
  skew = 3_600_000
  t.equal((await refused(app, `${PATH}?token=${viewer}`)).status, 401, 'an expired one')
})

t.test('a ticket opens a socket for a minute, and nothing else', async (t) => {
  let skew = 0
  const app = await openApp(t, { now: () => Date.now() + skew })
  const { access_token } = await setUp(app.origin)
  const asked = await request(app, 'POST', '/auth/ws-ticket', { token: access_token })
  t.match(asked, { status: 200, body: { ticket: String, expires_in: 60 } })
  const good = await ticket(app, access_token)
  await listen(t, app, good)
  t.equal((await request(app, 'GET', '/auth/me', { token: good })).status, 401)
  skew = 61_000
  t.equal((await refused(app, `${PATH}?token=${good}`)).status, 401)
})

t.test(
  'a page that comes again under its id takes the place of the old one, which is closed with 1000',
  async (t) => {
    const app = await openApp(t)
    const { access_token } = await setUp(app.origin)
    const old = await listen(t, app, access_token)
    const stranger = await listen(t, app, access_token, 'other')
    const young = await listen(t, app, access_token)

    t.equal(await old.end(), 1000)
    t.equal(app.hub.size, 2)
    app.hub.emit({ type: 'system_event', data: { event_type: 'start', message: 'x', details: {} } })
    await young.frame(1)
    await stranger.frame(1)
    t.strictSame(old.frames, [])
    t.equal(young.code, undefined)
  },
)

t.test('a page that says goodbye with 1000 is answered with 1000', async (t) => {
  const app = await openApp(t)
  const { access_token } = await setUp(app.origin)
  const page = await listen(t, app, access_token)
  page.socket.close(1000, 'Client disconnect')
  t.equal(await page.end(), 1000)
  await until(() => app.hub.size === 0, 'its place to be free')
})

t.test('when kaiser stops, every page hears it and is closed with 1001', async (t) => {
  const app = await openApp(t)
  const { access_token } = await setUp(app.origin)
  const pages = await Promise.all([1, 2, 3].map((n) => listen(t, app, access_token, `page-${n}`)))
  await app.close()
  for (const page of pages) {
    t.equal(await page.end(), 1001)
    t.match(page.frames, [{ type: 'system_event', data: { event_type: 'stop' } }])
  }
})

t.test('what is no JSON ends the socket; what is no known word is forgiven', async (t) => {
  const app = await openApp(t)
  const { access_token } = await setUp(app.origin)
  const forgiven = await listen(t, app, access_token, 'forgiven')
  const odd = [{}, [], 7, null, { action: 'dance' }, { action: 'subscribe', filters: { types: 'x' } }]
  for (const frame of odd) forgiven.say(frame)
  await forgiven.filter(null)
  t.equal(forgiven.code, undefined)

  const broken = await listen(t, app, access_token, 'broken')
  broken.say('{"action":')
  t.equal(await broken.end(), 1008)
  const binary = await listen(t, app, access_token, 'binary')
  binary.socket.send(Buffer.from('{"action":"subscribe"}'))
  t.equal(await binary.end(), 1008)
  const giant = await listen(t, app, access_token, 'giant')
  giant.say(' '.repeat(70_000))
  await giant.end()
  await until(() => app.hub.size === 1, 'their places to be free')
  t.equal(forgiven.code, undefined, 'and the others stay')
})
