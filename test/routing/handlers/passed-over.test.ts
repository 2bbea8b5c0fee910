/** A command that the device took and never carried out is not done by a later one. */
import t from 'tap'
import { HISTORY, response, sent, status, told } from '../../support/actuators.js'
import { inStore } from '../../support/in-store.js'

type House = Awaited<ReturnType<typeof inStore>>

/** It left, and its device has it; a second later. */
async function taken(house: House, correlation_id: string, command_type: string, metadata = {}) {
  const command = await sent(house, correlation_id, command_type)
  await house.store.group.run(() => {
    const { actuatorHistory } = house.store
    const named = actuatorHistory.update(command, { command_metadata: JSON.stringify(metadata) })
    house.book.advance(named, 'acknowledged', house.clock.now)
  })
  house.clock.now += 1_000
}
const ends = (house: House) =>
  (house.rows(HISTORY) as { correlation_id: string; state: string }[]).map(
    ({ correlation_id, state }) => `${correlation_id} ${state}`,
  )

t.test('what the device passed over is superseded by what it did after it', async (t) => {
  for (const named of [true, false])
    for (const say of [status, response]) {
      const house = await inStore(t)
      const on = say === status ? { state: 'on' } : { command: 'ON' }
      const off = say === status ? { state: 'off', value: 0 } : { command: 'OFF' }
      const id = (correlation_id: string) => (named ? { correlation_id } : {})
      await taken(house, 'a', 'ON')
      await taken(house, 'b', 'OFF')
      const { effects } = await house.receive(say({ ...off, ...id('b'), ts: house.clock.now }))
      t.match(told(effects, 'actuator_command_failed'), [{ correlation_id: 'a', state: 'superseded' }])
      await taken(house, 'c', 'ON')
      await house.receive(say({ ...on, ...id('c'), ts: house.clock.now }))
      t.strictSame(ends(house), ['a superseded', 'b done', 'c done'])
    }
})

t.test(
  'the same word without an id is about the one that was given after the device passed over',
  async (t) => {
    for (const say of [status, response]) {
      const house = await inStore(t)
      await taken(house, 'a', 'ON')
      await taken(house, 'b', 'ON')
      await house.receive(say({ ts: house.clock.now }))
      t.strictSame(ends(house), ['a superseded', 'b done'])
    }
  },
)

t.test('what belongs to one batch is done in its order', async (t) => {
  const house = await inStore(t)
  for (const id of ['a', 'b']) await taken(house, id, 'ON', { batch: 'x' })
  await house.receive(response({ ts: house.clock.now }))
  t.strictSame(ends(house), ['a done', 'b acknowledged'])
})

t.test('a failed answer passes over what is older as well', async (t) => {
  const house = await inStore(t)
  await taken(house, 'a', 'ON')
  await taken(house, 'b', 'OFF')
  await house.receive(response({ command: 'OFF', success: false, correlation_id: 'b', ts: house.clock.now }))
  t.strictSame(ends(house), ['a superseded', 'b failed'])
})
