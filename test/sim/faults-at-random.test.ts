/**
 * Whatever goes wrong with devices, in whatever order and at the same time: kaiser stays, fails at nothing, and when
 * all is well again every device is there and every reading is stored. Numbers look random and come from seeds.
 */
import t from 'tap'
import { completeFault, FAULT_NAMES } from '../../sim/faults/index.js'
import { createSteppedClock } from '../../sim/stepped-clock.js'
import { openApp } from '../support/app.js'
import { counting } from '../support/ill-mock.js'
import { made, mockIn, pump } from '../support/mock.js'
import { connected, counted } from '../support/mqtt.js'
import { randomOf } from '../support/random.js'
import { until } from '../support/until.js'

/** Codes that mean that kaiser itself failed. */
const OURS = ['handler_failed', 'internal_error'] as const

for (const seed of [1, 2, 3])
  t.test(`seed ${seed}: everything goes wrong, and then nothing`, async (t) => {
    const random = randomOf(seed)
    const app = await openApp(t)
    const clock = createSteppedClock(Math.floor(Date.now() / 1_000) * 1_000)
    const mocks = Array.from({ length: 5 }, (_, n) =>
      mockIn(t, app, {
        esp_id: `MOCK_${n}`,
        clock,
        config: made([counting()], [pump()], { payload: n % 2 ? 'native' : 'mock' }),
      }),
    )
    for (const mock of mocks) mock.start()
    const person = await connected(t, app)

    for (let second = 0; second < 60; second++) {
      const mock = random.pick(mocks)
      if (random.chance(0.4)) {
        const fault = completeFault({ fault: random.pick(FAULT_NAMES), for: random.between(1, 15) })
        if (typeof fault === 'string') throw new Error(fault)
        mock.inject(fault)
      }
      if (random.chance(0.2)) mock.heal(random.pick(FAULT_NAMES))
      if (random.chance(0.3)) {
        const topic = `kaiser/god/esp/${mock.esp_id}/actuator/5/command`
        const command = random.pick(['ON', 'OFF', 'TOGGLE'])
        await person.publishAsync(topic, JSON.stringify({ command }), { qos: 1 })
      }
      clock.step(1_000)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }

    for (const mock of mocks) mock.heal()
    const isWell = ({ esp_id, up, pending }: (typeof mocks)[number]): boolean =>
      up && pending === 0 && app.store.devices.find(esp_id)?.status === 'online'
    await until(() => {
      clock.step(250)
      return mocks.every(isWell)
    }, 'all to be well')
    for (const { esp_id, afflictions } of mocks) {
      t.strictSame(afflictions, [], esp_id)
      const before = app.store.readings.latest(esp_id)[0]
      await until(() => {
        clock.step(250)
        const latest = app.store.readings.latest(esp_id)[0]
        return latest !== undefined && latest.received_at > (before?.received_at ?? 0)
      }, `readings of ${esp_id}`)
    }
    for (const code of OURS) t.equal(counted(app, code), 0, code)
    const errors = app.logged.filter(({ level }) => (level as number) >= 50).map(({ code }) => code)
    t.strictSame(
      [...new Set(errors)].filter((code) => code !== 'payload_not_json'),
      [],
    )
  })
