import t from 'tap'
import { inStore } from '../../support/in-store.js'

const said = (esp_id: string, payload: object) => ({
  topic: `kaiser/god/esp/${esp_id}/mqtt/auth_status`,
  payload: JSON.stringify(payload),
})

t.test('what became of credentials is written down, also of a device that waits', async (t) => {
  const { receive, rows } = await inStore(t)

  t.equal((await receive(said('ESP_12AB34CD', { success: true, mode: 'authenticated' }))).code, 'processed')
  t.equal((await receive(said('ESP_WAITS', { success: false, error: 'no room' }))).code, 'processed')

  t.strictSame(
    rows(
      `SELECT source_id, status, message FROM audit_logs WHERE event_type = 'credentials_taken' ORDER BY id`,
    ),
    [
      { source_id: 'ESP_12AB34CD', status: 'success', message: 'ESP_12AB34CD took its credentials' },
      {
        source_id: 'ESP_WAITS',
        status: 'failed',
        message: 'ESP_WAITS did not take its credentials: no room',
      },
    ],
  )
})
