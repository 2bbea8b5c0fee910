/** Zones and subzones over REST, with a device that answers on MQTT: to the field as the contract says. */
import t from 'tap'
import { request } from '../support/http.js'
import { connected, topicOf } from '../support/mqtt.js'
import { ASSIGN, branch, ESP, house, obedient, online, reading, SUBZONES } from '../support/placed.js'
import { until } from '../support/until.js'

t.test('a zone is assigned: the answer comes at once, the device’s answer as an event', async (t) => {
  const { post, get, heard, events } = await house(t)
  const answer = await post(ASSIGN, { zone_id: 'Zelt_1', zone_name: 'Zelt Nord', master_zone_id: '' })
  const { correlation_id } = answer.body
  t.strictSame(
    { status: answer.status, body: { ...answer.body, message: '' } },
    {
      status: 200,
      body: {
        success: true,
        message: '',
        device_id: ESP,
        zone_id: 'zelt_1',
        master_zone_id: null,
        zone_name: 'Zelt Nord',
        mqtt_topic: `${branch}/zone/assign`,
        mqtt_sent: true,
        acknowledged: false,
        correlation_id,
      },
    },
  )
  await until(() => events.length === 2, 'both events')
  t.match(heard, [['zone/assign', { zone_id: 'zelt_1', zone_name: 'Zelt Nord', correlation_id }]])
  t.match(
    events.map(({ data }) => data),
    [
      { status: 'pending', zone_id: 'zelt_1', topic: `${branch}/zone/assign` },
      { status: 'zone_assigned', zone_id: 'zelt_1', correlation_id, topic: `${branch}/zone/ack` },
    ],
  )
  t.strictSame((await get(`/zone/devices/${ESP}`)).body, {
    device_id: ESP,
    zone_id: 'zelt_1',
    master_zone_id: null,
    zone_name: 'Zelt Nord',
    is_zone_master: false,
    kaiser_id: 'god',
    pending: false,
  })
})

t.test('who waits hears what the device made of it', async (t) => {
  const { post, del } = await house(t)
  t.match((await post(`${ASSIGN}?wait=15`, { zone_id: 'tent' })).body, {
    success: true,
    acknowledged: true,
    message: /has done it/,
  })
  t.match((await del(`${ASSIGN}?wait=15`)).body, { success: true, acknowledged: true, mqtt_sent: true })
  t.match((await del(`/zone/devices/${ESP}/zone?wait=15`)).body, { acknowledged: true }, 'the other path')
})

t.test('a device that refuses, or does not answer, is said so', async (t) => {
  let answers: object | undefined = { status: 'error', message: 'memory is full' }
  const { post, get } = await house(
    t,
    (_kind, { correlation_id }) => answers && { ...answers, correlation_id },
  )
  t.match(await post(`${ASSIGN}?wait=15`, { zone_id: 'tent' }), {
    status: 200,
    body: { success: false, acknowledged: false, message: /memory is full/ },
  })
  answers = undefined
  t.match(await post(`${ASSIGN}?wait=0.05`, { zone_id: 'tent' }), {
    status: 200,
    body: { success: true, acknowledged: false, message: /did not answer within 0.05 s/ },
  })
  t.match((await get(`/zone/devices/${ESP}`)).body, { zone_id: 'tent', pending: true })
})

t.test('an answer with another id does not end the wait; one of firmware without ids does', async (t) => {
  let answers: object = { status: 'zone_assigned', zone_id: 'tent', correlation_id: 'made-up' }
  const { app, post, events } = await house(t, () => answers)
  t.match((await post(`${ASSIGN}?wait=0.3`, { zone_id: 'tent' })).body, { acknowledged: false })
  await until(() => app.stats.subscriber().codes.ack_unsolicited === 1, 'the refusal')
  t.strictSame(
    events.map(({ data }) => data.status),
    ['pending'],
  )
  answers = { status: 'zone_assigned', zone_id: 'tent' }
  t.match((await post(`${ASSIGN}?wait=15`, { zone_id: 'tent' })).body, { acknowledged: true })
})

t.test('a device that is away is told when it is back', async (t) => {
  const { app, device, post, get } = await house(t)
  await device.publishAsync(`${branch}/system/will`, '{"status":"offline"}', { qos: 1 })
  await device.endAsync()
  t.match(await post(`${ASSIGN}?wait=15`, { zone_id: 'tent' }), {
    status: 200,
    body: { success: true, mqtt_sent: false, acknowledged: false, message: /when it is back/ },
  })
  t.match((await get(`/esp/devices/${ESP}`)).body, {
    zone_id: 'tent',
    metadata: { pending_zone_assignment: { zone_id: 'tent' } },
  })
  const { heard } = await online(t, app, obedient)
  await until(() => heard.length === 1, 'the assignment')
  t.match(heard, [['zone/assign', { zone_id: 'tent' }]])
  await until(async () => (await get(`/zone/devices/${ESP}`)).body.pending === false, 'the answer')
})

t.test('readings carry the zone and subzone of the time when they were measured', async (t) => {
  const { device, post, get } = await house(t)
  const before = Date.now()
  await post(`${ASSIGN}?wait=15`, { zone_id: 'tent' })
  await post(`${SUBZONES}/assign?wait=15`, { subzone_id: 'bench', assigned_gpios: [4] })
  const send = (ts: number, value: number) =>
    device.publishAsync(topicOf(ESP), reading(ts, value), { qos: 1 })
  await send(before - 1_000, 20)
  await send(Date.now() + 1, 21)
  const { body } = await get(`/sensors/data?esp_id=${ESP}&gpio=4`)
  t.match(
    (body.readings as { raw_value: number }[]).sort((a, b) => a.raw_value - b.raw_value),
    [
      { raw_value: 20, zone_id: null, subzone_id: null },
      { raw_value: 21, zone_id: 'tent', subzone_id: 'bench' },
    ],
  )
})

t.test('lists: zones, devices of a zone, devices of none', async (t) => {
  const { app, post, get } = await house(t)
  await app.store.group.run(() => {
    for (const id of ['ESP_OTHER', 'MOCK_001'])
      app.store.devices.insert(id, { status: 'approved' }, Date.now())
    app.store.devices.insert('ESP_WAITS', { status: 'pending_approval' }, Date.now())
  })
  await post(ASSIGN, { zone_id: 'tent', zone_name: 'Tent' })
  t.equal((await post('/zone/devices/MOCK_001/assign', { zone_id: 'tent' })).status, 200, 'mocks pass')
  await post(`${SUBZONES}/assign`, { subzone_id: 'bench', assigned_gpios: [4] })
  t.strictSame((await get('/zone/zones')).body, {
    success: true,
    zones: [
      {
        zone_id: 'tent',
        zone_name: 'Tent',
        master_zone_id: null,
        device_count: 2,
        online_count: 1,
        subzone_count: 1,
      },
    ],
    total: 1,
  })
  t.match((await get('/zone/TENT/devices')).body, [
    { device_id: ESP },
    { device_id: 'MOCK_001', zone_name: 'Tent' },
  ])
  t.strictSame((await get('/zone/cellar/devices')).body, [])
  t.strictSame((await get('/zone/unassigned')).body, ['ESP_OTHER'])
})

t.test('what is wrong is refused, and nobody but operators assigns', async (t) => {
  const { app, post, get, viewer } = await house(t)
  for (const [body, field] of [
    [{}, 'zone_id'],
    [{ zone_id: '' }, 'zone_id'],
    [{ zone_id: 'a/b' }, 'zone_id'],
    [{ zone_id: 'Gewächshaus' }, 'zone_id'],
    [{ zone_id: 'x'.repeat(51) }, 'zone_id'],
    [{ zone_id: 7 }, 'zone_id'],
    [{ zone_id: 'a', zone_name: 'x'.repeat(101) }, 'zone_name'],
    [{ zone_id: 'a', master_zone_id: '#' }, 'master_zone_id'],
  ] as const)
    t.match(
      await post(ASSIGN, body),
      { status: 422, body: { detail: [{ loc: ['body', field] }] } },
      JSON.stringify(body),
    )
  t.match(await post(`${ASSIGN}?wait=16`, { zone_id: 'a' }), { status: 422 })
  t.match(await post('/zone/devices/ESP_NOBODY/assign', { zone_id: 'a' }), { status: 404 })
  t.match(await post(ASSIGN, { zone_id: 'a' }, viewer), { status: 403 })
  t.equal((await request(app, 'GET', `/zone/devices/${ESP}`)).status, 401)
  t.equal((await get('/zone/devices/ESP_NOBODY')).status, 404)
})

t.test('a zone said while a device is described is an assignment; the same one again is none', async (t) => {
  const { app, post, heard, operator, get } = await house(t)
  await post(`${ASSIGN}?wait=15`, { zone_id: 'tent', zone_name: 'Tent' })
  const patch = (body: object) => request(app, 'PATCH', `/esp/devices/${ESP}`, { token: operator, body })
  t.match((await patch({ zone_id: 'Tent', zone_name: 'Big tent' })).body, {
    zone_id: 'tent',
    zone_name: 'Big tent',
  })
  t.equal(heard.length, 1, 'what the original’s page says after each assignment')
  t.match((await patch({ zone_id: 'cellar' })).body, { zone_id: 'cellar', zone_name: null })
  await until(() => heard.length === 2, 'the move')
  t.match((await patch({ zone_id: '', zone_name: '' })).body, { zone_id: null, zone_name: null })
  await until(() => heard.length === 3, 'the removal')
  t.match(heard[2], ['zone/assign', { zone_id: '' }])
  t.match((await patch({ zone_id: 'no/level' })).status, 422)
  const made = await post('/esp/devices', { device_id: 'ESP_NEW', zone_id: 'Tent' })
  t.match(made.body, { zone_id: 'tent', zone_name: 'Big tent' })
  t.match((await get('/zone/devices/ESP_NEW')).body, { pending: true })
})

t.test('the audit says who moved what, and what the device made of it', async (t) => {
  const { post, del, get } = await house(t)
  await post(`${ASSIGN}?wait=15`, { zone_id: 'tent' })
  await post(`${SUBZONES}/assign?wait=15`, { subzone_id: 'bench', assigned_gpios: [4] })
  await post(`${SUBZONES}/bench/safe-mode`, {})
  await del(`${SUBZONES}/bench?wait=15`)
  await del(`${ASSIGN}?wait=15`)
  const { body } = await get('/audit?page_size=500')
  const all = (body.data as { event_type: string; source_id: string; details: object }[]).filter((entry) =>
    /zone/.test(entry.event_type),
  )
  t.strictSame(all.map(({ event_type }) => event_type).reverse(), [
    'zone_assigned',
    'zone_acknowledged',
    'subzone_assigned',
    'subzone_acknowledged',
    'subzone_safe_mode',
    'subzone_removed',
    'subzone_acknowledged',
    'zone_removed',
    'zone_acknowledged',
  ])
  t.match(all[1], {
    source_id: 'a-operator',
    details: { device_id: ESP, previous_zone_id: 'tent', zone_id: null },
  })
})

t.test('a device cannot answer for another: its connection is closed', async (t) => {
  const { app, post, get } = await house(t, () => undefined)
  const { body } = await post('/esp/devices', { device_id: 'ESP_LIAR' })
  const { correlation_id } = (await post(ASSIGN, { zone_id: 'tent' })).body
  const liar = await connected(t, app, {
    clientId: 'ESP_LIAR',
    username: 'ESP_LIAR',
    password: body.mqtt_password as string,
  })
  liar.publish(
    `${branch}/zone/ack`,
    JSON.stringify({ status: 'zone_assigned', zone_id: 'tent', correlation_id }),
    { qos: 1 },
  )
  await until(() => !liar.connected, 'the end of its connection')
  t.match((await get(`/zone/devices/${ESP}`)).body, { pending: true })
})
