import t from 'tap'
import { boundNames } from '../../broker/bounds.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { openWire, publish } from '../support/mqtt-wire.js'

t.test('an administrator sees every bound, and which was hit', async (t) => {
  const app = await openApp(t, { bounds: { packet_bytes: 1_024 } })
  const { admin, operator } = await people(app)
  const list = async () =>
    (await request(app, 'GET', '/broker/bounds', { token: admin })).body.data as Record<string, unknown>[]

  const before = await list()
  t.strictSame(
    before.map(({ name }) => name),
    boundNames,
  )
  t.ok(before.every(({ hits, last_hit_at }) => hits === 0 && last_hit_at === null))

  const giant = await openWire(t, app.mqttPort, { clientId: 'giant' })
  giant.send(publish('lab/x', Buffer.alloc(2_000)))
  await giant.end()

  t.match(
    (await list()).filter(({ hits }) => hits !== 0),
    [
      {
        name: 'packet_bytes',
        flag: '--max-packet-bytes',
        value: 1_024,
        unit: 'bytes',
        hits: 1,
        last_hit_at: /Z$/,
      },
    ],
  )
  t.match(await request(app, 'GET', '/broker/bounds', { token: operator }), { status: 403 })
})
