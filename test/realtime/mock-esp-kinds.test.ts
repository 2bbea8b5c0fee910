/** What mock devices can be made of, as a page asks for it before it offers anything. */
import t from 'tap'
import { FAULT_NAMES } from '../../sim/faults/index.js'
import { PATTERN_NAMES } from '../../sim/patterns/index.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'

interface Kind {
  name: string
  summary: string
  parameters: Record<string, { default?: unknown }>
}

t.test('all patterns and faults are listed with what they may be told, and each can be had', async (t) => {
  const app = await openApp(t)
  const { admin: token, operator } = await people(app)
  const ask = (method: string, path: string, body?: unknown) =>
    request(app, method, `/debug/mock-esp${path}`, { token, body })

  t.equal((await request(app, 'GET', '/debug/mock-esp/kinds', { token: operator })).status, 403)
  const { status, body } = await ask('GET', '/kinds')
  t.equal(status, 200)
  const patterns = body.patterns as Kind[]
  const faults = body.faults as Kind[]
  t.strictSame(
    patterns.map(({ name }) => name),
    PATTERN_NAMES,
  )
  t.strictSame(
    faults.map(({ name }) => name),
    FAULT_NAMES,
  )
  t.match(faults.find(({ name }) => name === 'drop')?.parameters, {
    share: { type: 'number', minimum: 0, maximum: 1, default: 0.5 },
    of: { enum: ['all', 'sensor', 'actuator', 'system'], default: 'all' },
  })
  t.notOk(patterns.find(({ name }) => name === 'recorded')?.parameters.file, 'files are not read for a page')
  t.match(body.system_states, ['BOOT'])

  const presets = body.presets as { profile: string; device: string; sensors: []; actuators: [] }[]
  const bed = presets.find(({ profile, device }) => profile === 'tomato' && device === 'bed')!
  t.equal(bed.sensors.length, 4)
  const esp_id = 'ESP_MOCK_A1B2C3'
  const { sensors, actuators } = bed
  const made = await ask('POST', '', { esp_id, sensors, actuators })
  t.match(made, { status: 201, body: { sensors: { length: 4 }, actuators: { length: 1 } } })
  for (const { name, parameters } of faults) {
    const defaults = Object.entries(parameters).flatMap(([key, { default: value }]) =>
      value === undefined ? [] : [[key, value]],
    )
    const fault = { fault: name, parameters: Object.fromEntries(defaults), at: 3600 }
    t.match(await ask('POST', `/${esp_id}/faults`, fault), { status: 200, body: { success: true } }, name)
  }
})
