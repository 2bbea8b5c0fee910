/** The site: honest defaults, changed by administrators, kept over a restart. */
import t from 'tap'
import { directory, openApp } from '../support/app.js'
import { people, request } from '../support/http.js'

const BOX = new Intl.DateTimeFormat().resolvedOptions().timeZone

t.test('what nobody set is said to be so; an administrator changes it, and it is kept', async (t) => {
  const dir = directory(t)
  const app = await openApp(t, { dir })
  const { admin, viewer } = await people(app)
  const fresh = { success: true, name: null, time_zone: BOX, is_box_zone: true, setup_finished: false }
  t.strictSame((await request(app, 'GET', '/site', { token: viewer })).body, fresh)

  const patch = (body: object) => request(app, 'PATCH', '/site', { token: admin, body })
  t.match(await patch({ name: '  Gewächshaus <b>Süd</b> ', time_zone: 'europe/berlin' }), {
    status: 200,
    body: { name: 'Gewächshaus <b>Süd</b>', time_zone: 'Europe/Berlin', is_box_zone: false },
  })
  const set = { ...fresh, name: 'Gewächshaus <b>Süd</b>', time_zone: 'Europe/Berlin', is_box_zone: false }
  t.strictSame((await patch({ setup_finished: true })).body, { ...set, setup_finished: true })
  t.strictSame((await patch({})).body, { ...set, setup_finished: true }, 'what is left out stays')

  const { body } = await request(app, 'GET', '/audit?event_type=site_changed', { token: admin })
  t.match(body, {
    total: 2,
    data: [
      { source_id: 'grower', details: { setup_finished: true } },
      { source_id: 'grower', details: { time_zone: 'Europe/Berlin' } },
    ],
  })

  await app.close()
  const again = await openApp(t, { dir })
  const login = await request(again, 'POST', '/auth/login', {
    body: { username: 'grower', password: 'Tomato-2026' },
  })
  const token = (login.body.tokens as { access_token: string }).access_token
  t.strictSame((await request(again, 'GET', '/site', { token })).body, { ...set, setup_finished: true })
  const back = await request(again, 'PATCH', '/site', { token, body: { name: null, time_zone: null } })
  t.strictSame(back.body, { ...fresh, setup_finished: true }, 'null goes back to the default')
})

t.test('only administrators change it, and only to what it can be', async (t) => {
  const app = await openApp(t)
  const { admin, operator } = await people(app)
  t.equal((await request(app, 'GET', '/site')).status, 401)
  t.equal((await request(app, 'PATCH', '/site', { token: operator, body: { name: 'Mine' } })).status, 403)
  const wrong: [body: object, field: string][] = [
    [{ time_zone: 'Mars/Olympus' }, 'time_zone'],
    [{ time_zone: '+02:00' }, 'time_zone'],
    [{ time_zone: 7 }, 'time_zone'],
    [{ name: '   ' }, 'name'],
    [{ name: 'x'.repeat(101) }, 'name'],
    [{ setup_finished: 'yes' }, 'setup_finished'],
    [{ colour: 'green' }, 'colour'],
  ]
  for (const [body, field] of wrong) {
    const answer = await request(app, 'PATCH', '/site', { token: admin, body })
    t.equal(answer.status, 422, JSON.stringify(body))
    t.equal((answer.body.detail as { loc: string[] }[])[0]!.loc[1], field)
  }
  t.match((await request(app, 'GET', '/site', { token: admin })).body, { name: null, is_box_zone: true })
})
