/**
 * What devices say about subzones: that they took or refused one, and how one is. An answer belongs to the
 * order with its correlation id, or, from firmware that does not echo it, to the one order of that subzone that
 * waits for such an answer. Inside the group.
 */
import type { Store } from '../../storage/store.js'
import type { Subzone } from '../../storage/subzones.js'
import type { DeviceAudit } from '../audit.js'
import type { SubzoneAssignmentEvent } from '../contract/zone-events.js'
import type { SubzoneAck } from '../contract/zone-payloads.js'
import { type Effect, emit } from '../effect.js'
import type { Findings } from '../findings.js'
import type { Refused } from '../handler.js'
import type { Acknowledgements } from './acknowledgements.js'
import { ATTEMPTS } from './again.js'

export const subzoneEvent = (
  { esp_id, subzone_id, correlation_id }: Pick<Subzone, 'esp_id' | 'subzone_id' | 'correlation_id'>,
  status: SubzoneAssignmentEvent['status'],
  now: number,
  topic: string,
  { message, reason_code, error_code }: Partial<SubzoneAck> = {},
): Effect =>
  emit('subzone_assignment', {
    esp_id,
    subzone_id,
    status,
    correlation_id,
    ...(message != null && { message }),
    ...(reason_code != null && { reason_code }),
    ...(error_code != null && { error_code }),
    timestamp: now / 1000,
    topic,
  })

/** What a device without the subzone says when it is asked to remove it: that is what was wanted. */
const isNotThere = ({ error_code, reason_code }: SubzoneAck): boolean =>
  reason_code === 'SUBZONE_NOT_FOUND' || error_code === 2503 || error_code === '2503'

/** Why this answer does not belong to the subzone's order; undefined when it does. */
function foreign(subzone: Subzone | undefined, { subzone_id, correlation_id, status }: SubzoneAck) {
  if (!subzone) return `no subzone ${subzone_id} of this device is known`
  const isPending = subzone.status === 'pending' || subzone.status === 'removing'
  // What is not pending may be answered by its id: that it should rest.
  if (!isPending && correlation_id !== subzone.correlation_id)
    return `nothing is pending about subzone ${subzone_id}`
  if (correlation_id != null && correlation_id !== subzone.correlation_id)
    return `correlation_id ${correlation_id} is none of subzone ${subzone_id}`
  if (status === 'error') return undefined
  return (status === 'subzone_removed') === (subzone.status === 'removing')
    ? undefined
    : `subzone ${subzone_id} is ${subzone.status}, and the answer is ${status}`
}

export interface SubzoneAnswers {
  /** What there is to say; `duplicate` when it was answered before. */
  acknowledge(
    esp_id: string,
    ack: SubzoneAck,
    now: number,
    topic: string,
  ): readonly Effect[] | 'duplicate' | Refused
}

export function createSubzoneAnswers(
  { subzones, uuid }: Pick<Store, 'subzones' | 'uuid'>,
  acknowledgements: Acknowledgements,
  audit: DeviceAudit,
  findings: Findings,
): SubzoneAnswers {
  return {
    acknowledge(esp_id, ack, now, topic) {
      const { subzone_id } = ack
      if (ack.correlation_id != null && acknowledgements.settled(esp_id, ack.correlation_id))
        return 'duplicate'
      const subzone = subzones.find(esp_id, subzone_id)
      const detail = foreign(subzone, ack)
      if (!subzone || detail) return { code: 'ack_unsolicited', detail: detail ?? '' }

      const removing = subzone.status === 'removing'
      const refused = ack.status === 'error' && !(removing && isNotThere(ack))
      const reason = refused
        ? (ack.message ?? ack.reason_code ?? String(ack.error_code ?? 'The device refused without a reason'))
        : null
      if (refused) findings.note('subzone_refused', esp_id, now, { subzone_id, reason })
      else findings.clear('subzone_refused', esp_id)
      // A removal that is refused is offered again when the device comes back; people see it as gone.
      if (!removing)
        subzones.update(
          subzone,
          { status: refused ? 'failed' : 'assigned', error: reason, last_ack_at: now },
          now,
        )
      else if (!refused) subzones.remove(subzone)
      else subzones.update(subzone, { correlation_id: uuid(), attempts: ATTEMPTS, error: reason }, now)
      audit.record(
        {
          event_type: 'subzone_acknowledged',
          severity: refused ? 'warning' : 'info',
          source_type: 'esp32',
          source_id: esp_id,
          status: refused ? 'failed' : 'success',
          message: `${esp_id} ${refused ? 'refused' : 'has taken'} ${removing ? 'the removal of ' : ''}subzone ${subzone_id}${reason ? `: ${reason}` : ''}`,
          details: { subzone_id, assigned_gpios: subzone.assigned_gpios, reason },
          correlation_id: subzone.correlation_id,
        },
        now,
      )
      acknowledgements.settle(esp_id, subzone.correlation_id, { acknowledged: !refused, reason })
      const status = refused ? 'error' : removing ? 'subzone_removed' : 'subzone_assigned'
      return [subzoneEvent(subzone, status, now, topic, ack)]
    },
  }
}
