/** Which reports our own commands explain: what they did, until it is over; what comes after is somebody else's. */
import t from 'tap'
import { alert, HISTORY, status } from '../../support/actuators.js'
import { type InStore, inStore } from '../../support/in-store.js'
import { DEVICE } from '../../support/samples.js'

/** A command is given, and its device takes it. */
const give = async ({ store, actuators, book, clock }: InStore, correlation_id: string, wish: object) => {
  await store.group.run(() => {
    const place = { esp_id: DEVICE, gpio: 5, issued_by: 'user:ada' }
    const { command } = actuators.issue({ ...place, command: 'ON', correlation_id, ...wish }, clock.now)
    book.advance(command, 'acknowledged', clock.now)
  })
}
/** What the device says after so many ms, in whole seconds. */
const say = async (house: InStore, after: number, payload: object) => {
  house.clock.now += after
  await house.receive(status({ ts: Math.floor(house.clock.now / 1000), ...payload }))
}
const OFF = { state: 'off', value: 0 }
const rows = (house: InStore) =>
  (house.rows(HISTORY) as Record<string, string>[]).map(
    ({ command_type, issued_by }) => `${command_type} ${issued_by}`,
  )

const echoes: Record<string, (id: string) => { on: object; off: object }> = {
  'says nothing of commands': () => ({ on: {}, off: {} }),
  'echoes the last word': () => ({ on: { last_command: 'ON' }, off: { last_command: 'ON' } }),
  'has a word for it': () => ({ on: { last_command: 'ON' }, off: { last_command: 'AUTO_OFF' } }),
  'echoes the id': (correlation_id) => ({
    on: { last_command: 'ON', correlation_id },
    off: { last_command: 'ON', correlation_id },
  }),
}

for (const [how, of] of Object.entries(echoes)) {
  t.test(`the end of the time it was given is no switch of a person: a device that ${how}`, async (t) => {
    for (const [seen, lasted] of [
      [100, 2_950],
      [100, 3_100],
      [2_500, 550],
    ] as const) {
      const house = await inStore(t)
      const { on, off } = of('a')
      await say(house, 700, OFF)
      await give(house, 'a', { duration: 3 })
      await say(house, seen, on)
      await say(house, lasted, { ...OFF, ...off })
      t.strictSame(rows(house), ['ON user:ada'], `seen after ${seen} ms`)
    }
  })

  t.test(`what is switched by hand after that is a row: a device that ${how}`, async (t) => {
    const house = await inStore(t)
    const { on, off } = of('a')
    await say(house, 700, OFF)
    await give(house, 'a', { duration: 3 })
    await say(house, 100, on)
    await say(house, 3_000, { ...OFF, ...off })
    await say(house, 7_000, on)
    await say(house, 7_000, on)
    await say(house, 5_000, OFF)
    t.strictSame(rows(house), ['ON user:ada', 'ON esp32', 'OFF esp32'])
  })
}

t.test('what goes off long before its time was switched off by hand', async (t) => {
  const house = await inStore(t)
  await say(house, 0, OFF)
  await give(house, 'a', { duration: 60 })
  await say(house, 1_000, {})
  await say(house, 20_000, OFF)
  t.strictSame(rows(house), ['ON user:ada', 'OFF esp32'])
})

t.test('an OFF of ours explains off until it is on again', async (t) => {
  const house = await inStore(t)
  await say(house, 0, {})
  await give(house, 'off', { command: 'OFF' })
  await say(house, 1_000, OFF)
  await say(house, 1_000, OFF)
  await say(house, 5_000, {})
  await say(house, 5_000, OFF)
  t.strictSame(rows(house), ['ON esp32', 'OFF user:ada', 'ON esp32', 'OFF esp32'])
})

t.test('an alarm that makes it off ends what a command explains as well', async (t) => {
  const house = await inStore(t)
  await say(house, 0, OFF)
  await give(house, 'a', { duration: 600 })
  await say(house, 1_000, {})
  house.clock.now += 1_000
  await house.receive(alert({ ts: house.clock.now / 1000 }))
  await say(house, 5_000, {})
  t.match(rows(house).at(-1), 'ON esp32')
})
