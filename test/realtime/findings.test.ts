import t from 'tap'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected, reading, topicOf } from '../support/mqtt.js'

t.test('what was tolerated is a finding of its device, with what to do', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  const device = await connected(t, app)
  for (const esp_id of ['ESP_1', 'ESP_1', 'ESP_2']) {
    const { ts: _, ...timeless } = JSON.parse(reading(1, esp_id)) as Record<string, unknown>
    await device.publishAsync(topicOf(esp_id), JSON.stringify(timeless), { qos: 1 })
  }
  const list = async (query = '') => (await request(app, 'GET', `/findings${query}`, { token: viewer })).body

  t.match(await list(), { success: true, total: 2 })
  t.match(await list('?esp_id=ESP_1'), {
    total: 1,
    data: [
      {
        kind: 'ts_missing',
        esp_id: 'ESP_1',
        count: 2,
        sentence: /time of arrival/,
        first_at: /Z$/,
        last_at: /Z$/,
      },
    ],
  })
  t.match(await list('?kind=flapping'), { total: 0, data: [] })
  t.equal((await request(app, 'GET', '/findings?kind=nonsense', { token: viewer })).status, 422)
  t.match((await request(app, 'GET', '/esp/devices/ESP_1', { token: viewer })).body, { findings: 1 })
})
