/** `kaiser sim --faults FILE`: what goes wrong with the devices of a script goes wrong on a real kaiser. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { directory, openApp } from '../support/app.js'
import { begin, kaiser } from '../support/kaiser.js'
import { tcp } from '../support/mqtt.js'
import { until } from '../support/until.js'

t.test('one device of a script measures 85 °C, the others go on', async (t) => {
  const app = await openApp(t)
  const file = join(directory(t), 'faults.json')
  writeFileSync(file, JSON.stringify([{ fault: 'power_on_value', esp_id: 'SIM_00001' }]))
  const { child, end } = begin(t, [
    ...['sim', '--broker', tcp(app), '--devices', '4', '--interval', '1s', '--faults', file],
  ])
  const temperatures = (esp_id: string) =>
    app.store.readings.latest(esp_id).filter(({ sensor_type }) => sensor_type === 'sht31_temp')
  await until(() => temperatures('SIM_00001')[0]?.processed_value === 85, '85 °C')
  await until(() => temperatures('SIM_00004').length > 0, 'the others')
  t.not(temperatures('SIM_00004')[0]!.processed_value, 85)
  child.kill('SIGINT')
  t.equal((await end).code, 0)
})

t.test('a script that cannot be is wrong usage, and says where', async (t) => {
  const file = join(directory(t), 'faults.json')
  writeFileSync(file, '[{"fault":"gremlin"}]')
  const wrong = await kaiser(['sim', '--broker', 'mqtt://127.0.0.1:1', '--faults', file])
  t.equal(wrong.code, 2)
  t.match(wrong.err, /--faults is ".*faults\.json"; Entry 1: fault "gremlin" is not known; it is one of drop/)
  const missing = await kaiser(['sim', '--broker', 'mqtt://127.0.0.1:1', '--faults', `${file}.no`])
  t.equal(missing.code, 2)
  t.match(missing.err, /--faults is .*ENOENT/)
})
