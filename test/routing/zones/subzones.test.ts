/** Subzones: whose gpios, what the device is told, what it answers, and what it says of them. */
import t from 'tap'
import type { Effect } from '../../../routing/effect.js'
import { SUBZONES_PER_DEVICE } from '../../../routing/zones/subzones.js'
import { type InStore, inStore } from '../../support/in-store.js'
import { DEVICE, NOW, seedHeartbeat } from '../../support/samples.js'

const on = (rest: string, payload: object, esp_id = DEVICE) => ({
  topic: `kaiser/god/esp/${esp_id}/${rest}`,
  payload: JSON.stringify(payload),
})
const beat = (more: object = {}) => on('system/heartbeat', { ...seedHeartbeat, ...more })
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
const events = (effects: readonly Effect[], wanted = 'subzone_assignment') =>
  effects.flatMap((effect) =>
    effect.kind === 'emit' && effect.event.type === wanted
      ? [effect.event.data as Record<string, unknown>]
      : [],
  )
const device = ({ store }: InStore) => store.devices.find(DEVICE)!

/** An online device in zone `tent`, which it has taken. */
async function house(t: Parameters<typeof inStore>[0]) {
  const opened = await inStore(t)
  await opened.receive(beat())
  await move(opened, 'tent')
  return opened
}

async function move(opened: InStore, zone_id: string) {
  const { store, zoning, clock } = opened
  const order = await store.group.run(() =>
    zoning.zones.assign(device(opened), { zone_id }, 'anna', clock.now),
  )
  const { correlation_id } = order
  await opened.receive(on('zone/ack', { status: 'zone_assigned', zone_id, correlation_id }))
  return order
}

const assign = (
  opened: InStore,
  subzone_id: string,
  assigned_gpios: number[],
  more: { subzone_name?: string | null; parent_zone_id?: string; safe_mode_active?: boolean } = {},
) =>
  opened.store.group.run(() =>
    opened.zoning.subzones.assign(
      device(opened),
      { subzone_id, assigned_gpios, safe_mode_active: true, ...more },
      opened.clock.now,
    ),
  )
const found = ({ store }: InStore, subzone_id = 'bench') => store.subzones.find(DEVICE, subzone_id)
const remove = (opened: InStore, subzone_id = 'bench') =>
  opened.store.group.run(() =>
    opened.zoning.subzones.remove(device(opened), found(opened, subzone_id)!, 'manual', opened.clock.now),
  )

t.test('a subzone is told as the firmware expects it, and taken', async (t) => {
  const opened = await house(t)
  await opened.receive(
    on('sensor/4/data', { esp_id: DEVICE, gpio: 4, sensor_type: 'ds18b20', raw_mode: false, value: 20 }),
  )
  const { effects, subzone, sent } = await assign(opened, 'bench', [5, 4, 5], { subzone_name: 'Bench' })
  t.ok(sent)
  const { correlation_id } = subzone
  t.strictSame(told(effects), [
    [
      'subzone/assign',
      {
        subzone_id: 'bench',
        subzone_name: 'Bench',
        parent_zone_id: 'tent',
        assigned_gpios: [4, 5],
        safe_mode_active: true,
        sensor_count: 1,
        actuator_count: 0,
        correlation_id,
        timestamp: Math.floor(NOW / 1000),
      },
    ],
  ])
  t.match(events(effects), [{ status: 'pending', subzone_id: 'bench' }])
  const ack = on('subzone/ack', { status: 'subzone_assigned', subzone_id: 'bench', ts: 1, correlation_id })
  t.match(events((await opened.receive(ack)).effects), [
    {
      esp_id: DEVICE,
      status: 'subzone_assigned',
      subzone_id: 'bench',
      correlation_id,
      timestamp: NOW / 1000,
    },
  ])
  t.match(found(opened), { status: 'assigned', last_ack_at: NOW })
  t.match(await opened.receive(ack), { code: 'processed', effects: [] }, 'a redelivery is silent')
  t.match(opened.rows("SELECT status FROM audit_logs WHERE event_type = 'subzone_acknowledged'"), [
    { status: 'success' },
  ])
  t.equal(opened.stats.subscriber().messages_processed > 0, true)
})

t.test('what cannot be is refused, with the reason', async (t) => {
  const opened = await inStore(t)
  await opened.receive(beat())
  await t.rejects(assign(opened, 'bench', [4]), { code: 'request_refused', message: /in no zone/ })
  await move(opened, 'tent')
  await t.rejects(assign(opened, 'bench', [4], { parent_zone_id: 'cellar' }), {
    code: 'request_refused',
    message: /tent.*cellar/,
  })
  await assign(opened, 'bench', [4], { parent_zone_id: 'TENT' })
  await t.rejects(assign(opened, 'table', [5, 4]), {
    code: 'gpio_conflict',
    message: /GPIO 4 .* belongs to subzone bench/,
  })
  for (let n = 1; n < SUBZONES_PER_DEVICE; n++) await assign(opened, `more_${n}`, [100 + n])
  await t.rejects(assign(opened, 'one_too_many', [200]), { code: 'subzones_full' })
  t.equal(
    (await assign(opened, 'bench', [4, 6])).subzone.assigned_gpios.length,
    2,
    'those there are may change',
  )
})

t.test('answers count only where they belong', async (t) => {
  const opened = await house(t)
  const { subzone } = await assign(opened, 'bench', [4])
  const answer = async (payload: object, esp_id = DEVICE) =>
    (await opened.receive(on('subzone/ack', { subzone_id: 'bench', ...payload }, esp_id))).code
  const yes = { status: 'subzone_assigned' }
  t.equal(await answer({ ...yes, subzone_id: 'nobody' }), 'ack_unsolicited')
  t.equal(await answer({ ...yes, correlation_id: 'made-up' }), 'ack_unsolicited')
  t.equal(await answer({ status: 'subzone_removed' }), 'ack_unsolicited')
  t.equal(await answer({ ...yes, correlation_id: subzone.correlation_id }, 'MOCK_001'), 'ack_unsolicited')
  t.equal(await answer({ ...yes, subzone_id: 'no/level' }), 'payload_invalid')
  t.match(found(opened), { status: 'pending' })
  t.equal(await answer(yes), 'processed', 'without an id it is the one that waits')
  t.equal(await answer(yes), 'ack_unsolicited', 'and then nothing waits')
})

t.test('a subzone the device refuses is shown as failed, with its reason', async (t) => {
  const opened = await house(t)
  const { subzone } = await assign(opened, 'bench', [34])
  const outcome = opened.zoning.acknowledgements.wait(DEVICE, subzone.correlation_id, 10_000)
  const { effects } = await opened.receive(
    on('subzone/ack', { status: 'error', subzone_id: 'bench', error_code: 2504, message: 'no such pin' }),
  )
  t.match(events(effects), [{ status: 'error', error_code: 2504, message: 'no such pin' }])
  t.match(await outcome, { acknowledged: false, reason: 'no such pin' })
  t.match(found(opened), { status: 'failed', error: 'no such pin' })
  t.match(opened.findings.list(DEVICE), [{ kind: 'subzone_refused' }])
})

t.test('one that is removed is gone at once, and remembered until the device has heard of it', async (t) => {
  const opened = await house(t)
  await assign(opened, 'bench', [4])
  const { effects, subzone } = await remove(opened)
  t.match(told(effects), [['subzone/remove', { subzone_id: 'bench', reason: 'manual' }]])
  t.equal(opened.store.subzones.of(DEVICE, 4), undefined)
  t.match(found(opened), { status: 'removing' })
  const refused = await opened.receive(
    on('subzone/ack', { status: 'error', subzone_id: 'bench', reason_code: 'CONFIG_LANE_BUSY' }),
  )
  t.match(events(refused.effects), [{ status: 'error', reason_code: 'CONFIG_LANE_BUSY' }])
  const back = await opened.store.group.run(() => opened.zoning.returned(DEVICE, NOW))
  t.match(told(back), [['subzone/remove', { subzone_id: 'bench' }]])
  t.not(told(back)[0]![1].correlation_id, subzone.correlation_id, 'a new order')
  const gone = await opened.receive(
    on('subzone/ack', {
      status: 'error',
      subzone_id: 'bench',
      error_code: 2503,
      reason_code: 'SUBZONE_NOT_FOUND',
    }),
  )
  t.match(events(gone.effects), [{ status: 'subzone_removed' }], 'what is not there is removed')
  t.equal(found(opened), undefined)
  t.match(opened.rows('SELECT count(*) AS n FROM subzone_configs'), [{ n: 0 }])
})

t.test('one the device never heard of goes without a word', async (t) => {
  const opened = await house(t)
  opened.hearing.on = false
  t.notOk((await assign(opened, 'bench', [4])).sent)
  opened.hearing.on = true
  const { effects } = await remove(opened)
  t.strictSame(told(effects), [])
  t.match(events(effects), [{ status: 'subzone_removed' }])
  t.equal(found(opened), undefined)
})

t.test('one that is made again while it is being removed is there', async (t) => {
  const opened = await house(t)
  await assign(opened, 'bench', [4], { subzone_name: 'Old' })
  await remove(opened)
  await assign(opened, 'bench', [6])
  t.match(found(opened), { status: 'pending', assigned_gpios: [6], subzone_name: null })
})

t.test('subzones move along with their device and are told after its zone', async (t) => {
  const opened = await house(t)
  await assign(opened, 'bench', [4])
  await assign(opened, 'table', [5])
  const { effects } = await move(opened, 'cellar')
  t.match(told(effects), [
    ['zone/assign', { zone_id: 'cellar' }],
    ['subzone/assign', { subzone_id: 'bench', parent_zone_id: 'cellar' }],
    ['subzone/assign', { subzone_id: 'table', parent_zone_id: 'cellar' }],
  ])
})

t.test('what a device that was away has not answered it is told when it is back', async (t) => {
  const opened = await house(t)
  opened.hearing.on = false
  const { subzone } = await assign(opened, 'bench', [4])
  opened.hearing.on = true
  const { effects } = await opened.receive(beat())
  t.match(told(effects), [['subzone/assign', { correlation_id: subzone.correlation_id }]])
  t.strictSame(told((await opened.receive(beat())).effects), [], 'patience')
  opened.clock.now += 60_000
  t.equal(told((await opened.receive(beat())).effects).length, 1)
})

t.test('a device that has lost its zone has lost its subzones', async (t) => {
  const opened = await house(t)
  await assign(opened, 'bench', [4])
  await opened.receive(on('subzone/ack', { status: 'subzone_assigned', subzone_id: 'bench' }))
  const { effects } = await opened.receive(beat({ zone_assigned: false }))
  t.match(told(effects), [
    ['zone/assign', { zone_id: 'tent' }],
    ['subzone/assign', { subzone_id: 'bench' }],
  ])
})

t.test('safe mode is told at once; a device that is away is told of the subzone as a whole', async (t) => {
  const opened = await house(t)
  const { store, zoning, clock } = opened
  await assign(opened, 'bench', [4], { safe_mode_active: false })
  await opened.receive(on('subzone/ack', { status: 'subzone_assigned', subzone_id: 'bench' }))
  const safe = (active: boolean) =>
    store.group.run(() => zoning.subzones.safe(device(opened), found(opened)!, active, 'leak', clock.now))
  const order = await safe(true)
  t.match(told(order.effects), [['subzone/safe', { subzone_id: 'bench', action: 'enable', reason: 'leak' }]])
  t.match(found(opened), { safe_mode_active: 1, status: 'assigned' })
  const { correlation_id } = order.subzone
  const refused = await opened.receive(
    on('subzone/ack', { status: 'error', subzone_id: 'bench', error_code: 2505, correlation_id }),
  )
  t.match(events(refused.effects), [{ status: 'error', error_code: 2505 }], 'it could not')
  t.match(found(opened), { status: 'failed' })
  opened.hearing.on = false
  t.notOk((await safe(false)).sent)
  opened.hearing.on = true
  const back = await store.group.run(() => zoning.returned(DEVICE, clock.now))
  t.match(told(back), [['subzone/assign', { safe_mode_active: false }]])
})

t.test('how a subzone is, is kept beside what people want, and a stranger is a finding', async (t) => {
  const opened = await house(t)
  await assign(opened, 'bench', [4])
  const status = { active: true, sensors_active: 2, actuators_active: false, safe_mode: true }
  const { effects } = await opened.receive(on('subzone/status', { subzone_id: 'bench', ...status }))
  t.match(events(effects, 'subzone_status'), [{ subzone_id: 'bench', known: true, status }])
  t.strictSame(found(opened)?.reported, { ...status, at: NOW })
  const stranger = await opened.receive(on('subzone/status', { subzone_id: 'nobody' }))
  t.match(events(stranger.effects, 'subzone_status'), [{ known: false }])
  t.match(opened.findings.list(DEVICE), [{ kind: 'subzone_unknown', details: { subzone_id: 'nobody' } }])
})
