/** The last command of an actuator is what it was told last and carried out, with its time. */
import t from 'tap'
import { HISTORY, response, sent, status, told } from '../../support/actuators.js'
import { type InStore, inStore } from '../../support/in-store.js'
import { NOW } from '../../support/samples.js'

const last = (house: InStore) =>
  house.rows('SELECT last_command, last_command_at FROM actuator_states') as object[]
const seconds = (ms: number) => Math.floor(ms / 1000)

t.test('a status that shows our OFF to be done makes it the last command, with its time', async (t) => {
  const house = await inStore(t)
  const { clock } = house
  await house.receive(status({ last_command: 'ON' }))
  clock.now += 60_400
  await sent(house, 'off', 'OFF')
  clock.now += 100
  const { effects } = await house.receive(status({ state: 'off', value: 0, ts: seconds(clock.now) }))
  t.match(told(effects, 'actuator_status'), [{ state: 'off', last_command: 'OFF' }])
  t.match(last(house), [{ last_command: 'OFF', last_command_at: NOW + 60_400 }])
})

t.test('so does an answer, before or without a status', async (t) => {
  const house = await inStore(t)
  const { clock } = house
  await house.receive(status({ last_command: 'ON' }))
  clock.now += 60_000
  await sent(house, 'off', 'OFF')
  clock.now += 500
  await house.receive(response({ command: 'OFF', correlation_id: 'off', ts: clock.now / 1000 }))
  t.match(last(house), [{ last_command: 'OFF', last_command_at: NOW + 60_500 }])
  clock.now += 5_000
  const { effects } = await house.receive(status({ state: 'off', value: 0, ts: clock.now / 1000 }))
  t.match(told(effects, 'actuator_status'), [{ state: 'off', last_command: 'OFF' }])
  t.match(last(house), [{ last_command: 'OFF', last_command_at: NOW + 60_500 }])
})

t.test('what failed is not what it was told last and carried out', async (t) => {
  const house = await inStore(t)
  const { clock } = house
  await house.receive(status({ last_command: 'ON' }))
  clock.now += 60_000
  await sent(house, 'off', 'OFF')
  await house.receive(
    response({ command: 'OFF', success: false, correlation_id: 'off', ts: clock.now / 1000 }),
  )
  t.match(last(house), [{ last_command: 'ON', last_command_at: NOW }])
})

t.test('a report from before it, and a word that is not what it is, are no switch of a person', async (t) => {
  const house = await inStore(t)
  const { clock } = house
  await house.receive(status({ last_command: 'ON' }))
  clock.now += 60_000
  await sent(house, 'off', 'OFF')
  clock.now += 500
  await house.receive(response({ command: 'OFF', correlation_id: 'off', ts: clock.now / 1000 }))
  await house.receive(status({ last_command: 'ON', runtime_ms: 1, ts: (clock.now - 600) / 1000 }))
  clock.now += 1_000
  await house.receive(status({ state: 'off', value: 0, last_command: 'ON', ts: clock.now / 1000 }))
  t.strictSame(
    (house.rows(HISTORY) as { correlation_id: string; command_type: string }[]).filter(
      ({ command_type }) => command_type === 'ON',
    ).length,
    1,
  )
})
