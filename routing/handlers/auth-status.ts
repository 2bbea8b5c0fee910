/**
 * A device said what became of the credentials it was told. It may say so while it still waits for approval; nothing
 * of the credentials themselves is in it. protocol.md §1.1 U26
 */
import { AuthStatus } from '../contract/device-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { handler } from '../handler.js'
import { isKnown } from '../registry.js'

export const authStatus = handler({
  topic: fromDevice.authStatus,
  payload: AuthStatus,
  knownDevice: false,

  handle({ presence, audit }, { topic, levels: { esp_id }, device, payload, received_at }) {
    const { success, mode = null, error = null } = payload
    audit.record(
      {
        event_type: 'credentials_taken',
        severity: success ? 'info' : 'warning',
        source_type: 'esp32',
        source_id: esp_id,
        status: success ? 'success' : 'failed',
        message: `${esp_id} ${success ? 'took its credentials' : 'did not take its credentials'}${error ? `: ${error}` : ''}`,
        details: { success, mode, error },
      },
      received_at,
    )
    return isKnown(device) ? presence.seen(device, received_at, topic) : []
  },
})
