/**
 * A device says that it has connected, for the how-manieth time since it booted: a first or falling number, or a
 * reason that says so, is a new boot, from which `seq` counts anew. protocol.md §1.1 U11
 */
import type { Device } from '../../storage/devices.js'
import { SessionAnnounce } from '../contract/device-payloads.js'
import { fromDevice } from '../contract/topics.js'
import { emit } from '../effect.js'
import { handler } from '../handler.js'
import { bootOf, report, withHealth } from '../self-report.js'

const BOOTED = /boot|power|reset|brownout|watchdog/i
/** Whoever says that a connection was reset did not boot. */
const CONNECTION = /connection|network|socket|wifi|mqtt|tcp/i
/** A device that was heard within this was not away, ms. */
const AWAY = 60_000
/** An announcement can be delivered again for this long, ms. */
const REDELIVERY = 600_000

const sessionOf = ({ reason, connect_seq, ts_ms, handover_epoch, session_epoch }: SessionAnnounce) => ({
  reason: reason ?? null,
  connect_seq: connect_seq ?? null,
  ts_ms: ts_ms ?? null,
  handover_epoch: handover_epoch ?? session_epoch ?? null,
})
type Session = ReturnType<typeof sessionOf>

/** Delivered before, word for word. Without a clock nobody can tell. */
function isRedelivery(device: Device, session: Session, now: number): boolean {
  const { session: kept } = JSON.parse(device.health) as { session?: Session & { announced_at: number } }
  if (!kept || !session.ts_ms || now - kept.announced_at >= REDELIVERY) return false
  return (Object.keys(session) as (keyof Session)[]).every((field) => session[field] === kept[field])
}

const saysBoot = (reason: string): boolean => BOOTED.test(reason) && !CONNECTION.test(reason)

/** After a boot the uptime begins at 0 and its id is not known yet: the next heartbeat is none of another boot. */
function boot(device: Device, payload: SessionAnnounce): Partial<Device> {
  const { connect_seq, reason } = payload
  const said = bootOf(device, payload)
  const again = connect_seq != null && connect_seq <= (device.connect_seq ?? Number.NEGATIVE_INFINITY)
  const booted = said.boot !== device.boot || connect_seq === 1 || again || saysBoot(reason ?? '')
  if (!booted) return said
  const id = payload.boot_sequence_id
  return { boot: device.boot + 1, boot_sequence_id: id == null ? null : String(id), uptime: 0 }
}

export const sessionAnnounce = handler({
  topic: fromDevice.sessionAnnounce,
  payload: SessionAnnounce,
  knownDevice: true,

  handle(context, message) {
    const { topic, device, payload, received_at } = message
    const session = sessionOf(payload)
    if (isRedelivery(device, session, received_at)) return context.presence.seen(device, received_at, topic)
    context.configuration.back(device.device_id)
    const { effects } = report(context, message, {
      ...boot(device, payload),
      connect_seq: payload.connect_seq ?? device.connect_seq,
      health: withHealth(device, { session: { ...session, announced_at: received_at } }),
    })
    const silent = device.last_seen === null ? 0 : received_at - device.last_seen
    return [
      emit('esp_reconnect_phase', {
        esp_id: device.device_id,
        phase: 'adopting',
        reason: payload.reason ?? null,
        offline_seconds: device.status !== 'online' || silent >= AWAY ? silent / 1000 : null,
        timestamp: received_at / 1000,
        topic,
      }),
      ...effects,
    ]
  },
})
