import t from 'tap'
import Type from 'typebox'
import { handler } from '../../routing/handler.js'
import { setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'
import { request } from '../support/http.js'
import { connected, reading, topicOf } from '../support/mqtt.js'

t.test('what was refused can be read: newest first, by code and device', async (t) => {
  const app = await openApp(t)
  const token = (await setUp(app.origin)).access_token
  const device = await connected(t, app, { clientId: 'pen' })
  await device.publishAsync(topicOf(), 'no JSON \u20ac', { qos: 1 })
  await device.publishAsync(topicOf('ESP_2'), '{}', { qos: 1 })

  const { status, body } = await request(app, 'GET', '/rejects', { token })
  t.equal(status, 200)
  t.match(body, {
    success: true,
    total: 2,
    data: [
      { code: 'payload_invalid', esp_id: 'ESP_2', payload: '{}', can_retry: true },
      {
        code: 'payload_not_json',
        esp_id: 'ESP_12AB34CD',
        client_id: 'pen',
        topic: topicOf(),
        qos: 1,
        payload: 'no JSON \u20ac',
        payload_bytes: 11,
        received_at: /Z$/,
        retried_at: null,
      },
    ],
  })
  t.match((await request(app, 'GET', '/rejects?code=payload_invalid', { token })).body, { total: 1 })
  t.match((await request(app, 'GET', '/rejects?esp_id=ESP_2', { token })).body, { total: 1 })
})

t.test(
  'a message a handler failed on is handed in again, and is handled when the handler works',
  async (t) => {
    let works = false
    const seen: unknown[] = []
    const moody = handler({
      topic: 'kaiser/{kaiser_id}/esp/{esp_id}/test/moody',
      payload: Type.Object({ text: Type.String() }),
      knownDevice: false,
      handle(_context, { payload }) {
        if (!works) throw new Error('not yet')
        seen.push(payload.text.length)
        return []
      },
    })
    const app = await openApp(t, { extraHandlers: { moody } })
    const token = (await setUp(app.origin)).access_token
    const device = await connected(t, app)
    const payload = JSON.stringify({ text: 'x'.repeat(3_000) })
    await device.publishAsync('kaiser/god/esp/ESP_1/test/moody', payload, { qos: 1 })
    const [kept] = (await request(app, 'GET', '/rejects', { token })).body.data as { id: number }[]
    const retry = () => request(app, 'POST', `/rejects/${kept!.id}/retry`, { token })

    t.match(await retry(), { status: 200, body: { success: false, code: 'handler_failed' } })
    works = true
    t.match(await retry(), { status: 200, body: { success: true, code: 'processed' } })

    t.strictSame(seen, [3_000])
    const list = (await request(app, 'GET', '/rejects', { token })).body.data as Record<string, unknown>[]
    t.match(list.at(-1), { id: kept!.id, retried_at: /Z$/, can_retry: true })
  },
)

t.test(
  'a message of which only the beginning was kept cannot be handed in again; nor can one that is not there',
  async (t) => {
    const app = await openApp(t)
    const token = (await setUp(app.origin)).access_token
    const device = await connected(t, app)
    await device.publishAsync(topicOf(), `${reading(1)} and more${' '.repeat(600)}`, { qos: 1 })
    const [kept] = (await request(app, 'GET', '/rejects', { token })).body.data as { id: number }[]
    t.match(await request(app, 'POST', `/rejects/${kept!.id}/retry`, { token }), {
      status: 422,
      body: { detail: String },
    })
    for (const id of ['999', '-1'])
      t.match(
        await request(app, 'POST', `/rejects/${id}/retry`, { token }),
        { status: 404, body: { detail: String } },
        id,
      )
    for (const id of ['x', '1.5'])
      t.match(
        await request(app, 'POST', `/rejects/${id}/retry`, { token }),
        { status: 422, body: { detail: [{ loc: ['path', 'id'], msg: 'must be integer' }] } },
        id,
      )
  },
)
