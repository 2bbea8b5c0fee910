/**
 * A device says how a subzone is. That is kept beside what people want of it; a subzone nobody made is a finding.
 * protocol.md §1.1 U22
 */
import { fromDevice } from '../contract/topics.js'
import { SUBZONE_CONDITION, SubzoneStatus } from '../contract/zone-payloads.js'
import { emit } from '../effect.js'
import { handler } from '../handler.js'
import { givenOf } from '../self-report.js'

export const subzoneStatus = handler({
  topic: fromDevice.subzoneStatus,
  payload: SubzoneStatus,
  knownDevice: true,

  handle({ store, findings, presence }, { topic, device, payload, received_at }) {
    const { device_id: esp_id } = device
    const { subzone_id } = payload
    const status = givenOf(payload, SUBZONE_CONDITION)
    const subzone = store.subzones.find(esp_id, subzone_id)
    const known = subzone !== undefined && subzone.status !== 'removing'
    if (known) store.subzones.update(subzone, { reported: { ...status, at: received_at } }, received_at)
    else findings.note('subzone_unknown', esp_id, received_at, { subzone_id })
    return [
      emit('subzone_status', { esp_id, subzone_id, known, status, timestamp: received_at / 1000, topic }),
      ...presence.seen(device, received_at, topic),
    ]
  },
})
