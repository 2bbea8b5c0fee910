/** Who is let in, and what is kept of a device that people describe, shut out or forget. */
import t from 'tap'
import { Compile } from 'typebox/compile'
import { events } from '../../routing/contract/events.js'
import { decisionEvent } from '../../routing/decision-event.js'
import { amend, approve, COOLDOWN, register, reject, remove, setPending } from '../../routing/registry.js'
import type { Device } from '../../storage/devices.js'
import { status } from '../support/actuators.js'
import { type InStore, inStore } from '../support/in-store.js'

const ESP = 'ESP_12AB34CD'
const found = ({ store }: InStore): Device => store.devices.find(ESP)!

t.test('a rejected device loses its password and gets another one when it is let in', async (t) => {
  const house = await inStore(t)
  const { store, clock } = house
  const before = found(house).password_hash
  await store.group.run(() => reject(store, ESP, 'not ours', clock.now))
  t.match(found(house), { status: 'rejected', rejection_reason: 'not ours', password_hash: null })
  await store.group.run(() => approve(store, ESP, 'grower', clock.now))
  t.match(found(house), { status: 'approved', rejection_reason: null, approved_by: 'grower' })
  t.not(found(house).password_hash, before)
})

t.test('a device put back to those who wait is approved by nobody', async (t) => {
  const house = await inStore(t)
  const { store, clock } = house
  await store.group.run(() => setPending(store, ESP, clock.now))
  t.match(found(house), { status: 'pending_approval', approved_by: null, approved_at: null })
  await t.rejects(
    store.group.run(() => setPending(store, 'ESP_NOBODY', clock.now)),
    { code: 'not_found' },
  )
})

t.test('metadata of people come and go, kaiser’s own keys stay', async (t) => {
  const house = await inStore(t)
  const { store, clock } = house
  await store.group.run(() =>
    store.devices.update(
      found(house),
      { device_metadata: '{"simulation_state":"running","shelf":1}' },
      clock.now,
    ),
  )
  const say = (metadata: object | undefined) =>
    store.group.run(() => amend(store, ESP, { name: 'North' }, metadata, clock.now))
  t.equal((await say(undefined)).device_metadata, '{"simulation_state":"running","shelf":1}')
  t.strictSame(JSON.parse((await say({ row: 2, simulation_state: 'x', mock: true })).device_metadata), {
    row: 2,
    simulation_state: 'running',
  })
})

t.test('a device that was removed can be registered again, from nothing', async (t) => {
  const house = await inStore(t)
  const { store, clock } = house
  await store.group.run(() => amend(store, ESP, { name: 'North' }, undefined, clock.now))
  await store.group.run(() => remove(store, ESP))
  t.equal(store.devices.find(ESP), undefined)
  await store.group.run(() => register(store, ESP, {}, 'grower', clock.now))
  t.match(found(house), { name: null, status: 'approved' })
})

t.test('a device that was removed takes its actuators along, not what happened to them', async (t) => {
  const house = await inStore(t)
  const { store, clock, rows, receive } = house
  await receive(status({}, 5, ESP))
  await store.group.run(() => {
    store.actuatorConfigs.insert(ESP, 5, { actuator_type: 'pump' }, clock.now)
    store.actuatorTimers.upsert({ esp_id: ESP, gpio: 5, kind: 'duration', due_at: 1, started_at: 0 })
  })
  await store.group.run(() => remove(store, ESP))
  for (const table of ['actuator_configs', 'actuator_states', 'actuator_timers', 'actuator_runs'])
    t.strictSame(rows(`SELECT * FROM ${table}`), [], table)
  t.equal(rows('SELECT * FROM actuator_history').length, 1)
})

t.test('the events of both decisions are what the contract says', async (t) => {
  const house = await inStore(t)
  const { store, clock } = house
  const rejected = await store.group.run(() => reject(store, ESP, null, clock.now))
  const { device } = await store.group.run(() => approve(store, ESP, 'grower', clock.now))
  for (const record of [rejected, device]) {
    const { type, data } = decisionEvent(record, 'grower')
    t.ok(Compile(events[type]).Check(data), type)
  }
  t.match(decisionEvent(rejected, 'grower').data, {
    rejected_by: 'grower',
    cooldown_until: (clock.now + COOLDOWN) / 1000,
  })
  t.match(decisionEvent(device, 'grower').data, { approved_by: 'grower', approved_at: clock.now / 1000 })
})
