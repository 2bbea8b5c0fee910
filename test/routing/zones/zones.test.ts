/** Zones of devices: who is right, what is told, what counts as an answer, and whose zone a reading has. */
import t from 'tap'
import type { Effect } from '../../../routing/effect.js'
import { pendingOf } from '../../../routing/zones/pending.js'
import { type InStore, inStore } from '../../support/in-store.js'
import { DEVICE, NOW, seedHeartbeat } from '../../support/samples.js'

const MINUTE = 60_000
const OTHER = 'MOCK_001'
const on = (rest: string, payload: object, esp_id = DEVICE) => ({
  topic: `kaiser/god/esp/${esp_id}/${rest}`,
  payload: JSON.stringify(payload),
})
const beat = (more: object = {}) => on('system/heartbeat', { ...seedHeartbeat, ...more })

/** What was published to devices: the end of the topic and the payload. */
const told = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    effect.kind === 'publish' && /\/(sub)?zone\//.test(effect.topic)
      ? [
          [
            effect.topic.split('/').slice(4).join('/'),
            JSON.parse(effect.payload) as Record<string, unknown>,
          ] as const,
        ]
      : [],
  )
const events = (effects: readonly Effect[], wanted = 'zone_assignment') =>
  effects.flatMap((effect) =>
    effect.kind === 'emit' && effect.event.type === wanted
      ? [effect.event.data as Record<string, unknown>]
      : [],
  )

/** A greenhouse whose device is online. */
async function house(t: Parameters<typeof inStore>[0]) {
  const opened = await inStore(t)
  await opened.receive(beat())
  return opened
}

const put = (
  { store, zoning, clock }: InStore,
  zone_id: string | null,
  more: { zone_name?: string; master_zone_id?: string } = {},
  esp_id = DEVICE,
) =>
  store.group.run(() =>
    zoning.zones.assign(
      store.devices.find(esp_id)!,
      zone_id === null ? null : { zone_id, ...more },
      'anna',
      clock.now,
    ),
  )
const device = ({ store }: InStore, esp_id = DEVICE) => store.devices.find(esp_id)!

t.test(
  'a device is in the zone that people say, at once, and is told as its firmware expects it',
  async (t) => {
    const opened = await house(t)
    const order = await put(opened, 'Zelt_1', { zone_name: 'Zelt Nord', master_zone_id: 'Haus' })
    t.match(device(opened), { zone_id: 'zelt_1', zone_name: 'Zelt Nord', master_zone_id: 'Haus' })
    t.strictSame(told(order.effects), [
      [
        'zone/assign',
        {
          zone_id: 'zelt_1',
          master_zone_id: 'Haus',
          zone_name: 'Zelt Nord',
          kaiser_id: 'god',
          correlation_id: order.correlation_id,
          timestamp: Math.floor(NOW / 1000),
        },
      ],
    ])
    t.match(order.effects[0], { qos: 1, retain: false })
    t.match(events(order.effects), [
      { status: 'pending', zone_id: 'zelt_1', esp_id: DEVICE, kaiser_id: 'god' },
    ])
    t.match(
      opened.rows('SELECT zone_id, zone_name, device_metadata FROM esp_devices WHERE zone_id IS NOT NULL'),
      [{ zone_id: 'zelt_1', device_metadata: /pending_zone_assignment/ }],
    )
    t.match(opened.rows('SELECT * FROM zones'), [
      { zone_id: 'zelt_1', name: 'Zelt Nord', master_zone_id: 'Haus' },
    ])
  },
)

t.test('its answer ends the assignment, once', async (t) => {
  const opened = await house(t)
  const { correlation_id } = await put(opened, 'tent')
  const ack = on('zone/ack', { status: 'zone_assigned', ts: 1, zone_id: 'tent', correlation_id })
  const { effects } = await opened.receive(ack)
  t.strictSame(events(effects), [
    {
      esp_id: DEVICE,
      status: 'zone_assigned',
      zone_id: 'tent',
      master_zone_id: null,
      zone_name: null,
      kaiser_id: 'god',
      correlation_id,
      timestamp: NOW / 1000,
      topic: `kaiser/god/esp/${DEVICE}/zone/ack`,
    },
  ])
  t.equal(pendingOf(device(opened)), undefined)
  const again = await opened.receive(ack)
  t.match(again, { code: 'processed', effects: [] }, 'a redelivery is silent')
  t.match(opened.rows("SELECT source_id, status FROM audit_logs WHERE event_type = 'zone_acknowledged'"), [
    { source_id: DEVICE, status: 'success' },
  ])
})

t.test('whoever waits hears of the exact answer, of a newer order, or of nothing', async (t) => {
  const opened = await house(t)
  const wait = (id: string, ms = 10_000, esp_id = DEVICE) =>
    opened.zoning.acknowledgements.wait(esp_id, id, ms)
  const first = await put(opened, 'a')
  const firstOutcome = wait(first.correlation_id)
  const second = await put(opened, 'b')
  t.match(await firstOutcome, { acknowledged: false, reason: /newer/ })
  const late = await opened.receive(
    on('zone/ack', { status: 'zone_assigned', zone_id: 'a', correlation_id: first.correlation_id }),
  )
  t.match(late, { code: 'processed', effects: [] }, 'the late answer to the first says nothing')
  t.ok(pendingOf(device(opened)), 'the second still waits')
  const outcome = wait(second.correlation_id)
  await opened.receive(
    on('zone/ack', { status: 'zone_assigned', zone_id: 'b', correlation_id: second.correlation_id }),
  )
  t.strictSame(await outcome, { acknowledged: true, reason: null })
  t.strictSame(await wait(second.correlation_id), { acknowledged: true, reason: null }, 'also afterwards')
  // Waiting keeps no process alive.
  const alive = setInterval(() => {}, 1_000)
  t.teardown(() => clearInterval(alive))
  t.equal(await wait('nobody', 5), undefined)
  t.equal(await wait(second.correlation_id, 5, OTHER), undefined, 'an answer is its device’s')
})

t.test('an answer to nothing the device was asked changes nothing and is refused', async (t) => {
  const opened = await house(t)
  await opened.receive(on('system/heartbeat', { ...seedHeartbeat, esp_id: OTHER }, OTHER))
  const theirs = await put(opened, 'their_zone', {}, OTHER)
  const none = await opened.receive(on('zone/ack', { status: 'zone_assigned', zone_id: 'tent' }))
  t.equal(none.code, 'ack_unsolicited', 'nothing is pending')
  const ours = await put(opened, 'tent')
  for (const [what, payload] of [
    [
      'another device’s id',
      { status: 'zone_assigned', zone_id: 'tent', correlation_id: theirs.correlation_id },
    ],
    ['another device’s zone', { status: 'zone_assigned', zone_id: 'their_zone' }],
    [
      'its own id, another zone',
      { status: 'zone_assigned', zone_id: 'x', correlation_id: ours.correlation_id },
    ],
    ['a removal nobody asked for', { status: 'zone_removed', correlation_id: ours.correlation_id }],
    ['no id and no zone', { status: 'zone_assigned' }],
    ['an error about another zone', { status: 'error', zone_id: 'their_zone' }],
    ['an id nobody gave', { status: 'error', correlation_id: 'made-up' }],
  ] as const) {
    const { code, effects } = await opened.receive(on('zone/ack', payload))
    t.equal(code, 'ack_unsolicited', what)
    t.strictSame(events(effects), [], what)
  }
  t.equal((await opened.receive(on('zone/ack', { esp_id: OTHER, status: 'error' }))).code, 'device_mismatch')
  t.equal((await opened.receive(on('zone/ack', { status: 'error' }, 'ESP_NOBODY'))).code, 'device_unknown')
  t.ok(pendingOf(device(opened)) && pendingOf(device(opened, OTHER)), 'both still wait')
  t.equal(device(opened, OTHER).zone_id, 'their_zone')
  t.match(opened.rows("SELECT detail FROM rejects WHERE code = 'ack_unsolicited' ORDER BY id LIMIT 2"), [
    { detail: /no zone assignment/ },
    { detail: /correlation_id/ },
  ])
})

t.test('firmware that echoes no id is understood when its zone is the one that is pending', async (t) => {
  const opened = await house(t)
  const { correlation_id } = await put(opened, 'tent')
  const outcome = opened.zoning.acknowledgements.wait(DEVICE, correlation_id, 10_000)
  const { code, effects } = await opened.receive(on('zone/ack', { status: 'zone_assigned', zone_id: 'TENT' }))
  t.equal(code, 'processed')
  t.match(events(effects), [{ status: 'zone_assigned', correlation_id }])
  t.match(await outcome, { acknowledged: true })
})

t.test('a device that refuses stays where people say it is, and is a finding', async (t) => {
  const opened = await house(t)
  const { correlation_id } = await put(opened, 'tent')
  const outcome = opened.zoning.acknowledgements.wait(DEVICE, correlation_id, 10_000)
  const refusal = { status: 'error', correlation_id, message: 'busy', reason_code: 'CONFIG_LANE_BUSY' }
  const { effects } = await opened.receive(on('zone/ack', refusal))
  t.match(events(effects), [
    { status: 'error', zone_id: 'tent', message: 'busy', reason_code: 'CONFIG_LANE_BUSY' },
  ])
  t.match(await outcome, { acknowledged: false, reason: 'busy' })
  t.equal(device(opened).zone_id, 'tent')
  t.equal(pendingOf(device(opened)), undefined)
  t.match(opened.findings.list(DEVICE), [
    { kind: 'zone_refused', details: { zone_id: 'tent', reason: 'busy' } },
  ])
  t.match(opened.rows("SELECT severity, status FROM audit_logs WHERE event_type = 'zone_acknowledged'"), [
    { severity: 'warning', status: 'failed' },
  ])
  const next = await put(opened, 'tent')
  await opened.receive(
    on('zone/ack', { status: 'zone_assigned', zone_id: 'tent', correlation_id: next.correlation_id }),
  )
  t.strictSame(opened.findings.list(DEVICE), [], 'it is over when it is taken')
})

t.test('a device that is away is told when it is back, and again until it answers', async (t) => {
  const opened = await inStore(t)
  const { sent, effects, correlation_id } = await put(opened, 'tent')
  t.notOk(sent)
  t.strictSame(told(effects), [])
  opened.hearing.on = false
  t.strictSame(told((await opened.receive(beat())).effects), [], 'it does not listen yet')
  opened.hearing.on = true
  opened.clock.now += 1_000
  t.match(told((await opened.receive(beat())).effects), [
    ['zone/assign', { zone_id: 'tent', correlation_id }],
  ])
  opened.clock.now += 30_000
  t.strictSame(told((await opened.receive(beat())).effects), [], 'patience')
  let times = 1
  for (let i = 0; i < 10; i++) {
    opened.clock.now += MINUTE
    times += told((await opened.receive(beat())).effects).length
  }
  t.equal(times, 5, 'not for ever')
  const back = await opened.store.group.run(() => opened.zoning.returned(DEVICE, opened.clock.now))
  t.match(told(back), [['zone/assign', { correlation_id }]], 'a device that is back is told in any case')
  t.strictSame(await opened.store.group.run(() => opened.zoning.returned('ESP_GONE', opened.clock.now)), [])
})

t.test('what is pending survives a restart', async (t) => {
  const before = await inStore(t)
  const { correlation_id } = await put(before, 'tent')
  await before.close()
  const after = await inStore(t, { dir: before.dir })
  t.match(pendingOf(device(after)), { correlation_id, zone_id: 'tent', requested_by: 'anna' })
  const { effects } = await after.receive(beat())
  t.match(told(effects), [['zone/assign', { correlation_id }]])
})

t.test('a device that has lost its zone is told again, at most every minute', async (t) => {
  const opened = await house(t)
  const { correlation_id } = await put(opened, 'tent')
  const lost = beat({ zone_assigned: false, zone_id: '' })
  t.strictSame(told((await opened.receive(lost)).effects), [], 'it may not have read it yet')
  await opened.receive(on('zone/ack', { status: 'zone_assigned', zone_id: 'tent', correlation_id }))
  opened.clock.now += 1_000
  const [again] = told((await opened.receive(lost)).effects)
  t.match(again, ['zone/assign', { zone_id: 'tent' }])
  t.not(again![1].correlation_id, correlation_id)
  await opened.receive(on('zone/ack', { status: 'zone_assigned', correlation_id: again![1].correlation_id }))
  opened.clock.now += 59_000
  t.strictSame(told((await opened.receive(lost)).effects), [])
  opened.clock.now += 2_000
  t.equal(told((await opened.receive(lost)).effects).length, 1)
})

t.test('a device that says it is in another zone is a finding, and nothing is told', async (t) => {
  const opened = await house(t)
  const { correlation_id } = await put(opened, 'tent')
  await opened.receive(on('zone/ack', { status: 'zone_assigned', correlation_id }))
  const { effects } = await opened.receive(beat({ zone_assigned: true, zone_id: 'cellar' }))
  t.strictSame(told(effects), [])
  t.equal(device(opened).zone_id, 'tent')
  t.match(opened.findings.list(DEVICE), [
    { kind: 'zone_differs', details: { zone_id: 'tent', reported: 'cellar' } },
  ])
  await opened.receive(beat({ zone_assigned: true, zone_id: 'Tent' }))
  t.strictSame(opened.findings.list(DEVICE), [])
})

t.test('a heartbeat from the right zone is an answer, when none has come for a minute', async (t) => {
  const opened = await house(t)
  await put(opened, 'tent')
  const right = beat({ zone_assigned: true, zone_id: 'tent' })
  t.strictSame(events((await opened.receive(right)).effects), [])
  opened.clock.now += MINUTE
  t.match(events((await opened.receive(right)).effects), [{ status: 'zone_assigned', topic: /heartbeat$/ }])
  t.equal(pendingOf(device(opened)), undefined)
  t.equal(device(opened).status, 'online')
})

t.test('a device is taken out of its zone: it is told an empty one, its subzones go first', async (t) => {
  const opened = await house(t)
  const { store, zoning, clock } = opened
  await put(opened, 'tent', { zone_name: 'Tent' })
  await store.group.run(() =>
    zoning.subzones.assign(
      device(opened),
      { subzone_id: 'bench', assigned_gpios: [4], safe_mode_active: true },
      clock.now,
    ),
  )
  clock.now += 10
  const { effects, correlation_id } = await put(opened, null)
  t.match(told(effects), [
    ['subzone/remove', { subzone_id: 'bench', reason: 'zone_removed' }],
    ['zone/assign', { zone_id: '', zone_name: '', master_zone_id: '' }],
  ])
  t.match(device(opened), { zone_id: null, zone_name: null, master_zone_id: null })
  const done = await opened.receive(on('zone/ack', { status: 'zone_removed', correlation_id }))
  t.match(events(done.effects), [{ status: 'zone_removed', zone_id: null }])
  t.equal(pendingOf(device(opened)), undefined)
})

t.test('a zone has one name, and a name made up from its id does not replace a better one', async (t) => {
  const opened = await house(t)
  await put(opened, 'zelt_1', { zone_name: 'Gewächshaus Nord' })
  await put(opened, 'zelt_1', { zone_name: 'Zelt 1' }, OTHER)
  t.equal(device(opened, OTHER).zone_name, 'Gewächshaus Nord')
  await put(opened, 'zelt_1', { zone_name: 'Glashaus' }, OTHER)
  t.equal(device(opened).zone_name, 'Glashaus')
  await put(opened, 'zelt_1')
  t.equal(device(opened).zone_name, 'Glashaus', 'no name is no news')
  await put(opened, 'zelt_2', { zone_name: 'Zelt 2' })
  t.equal(device(opened).zone_name, 'Zelt 2', 'better than none')
})
