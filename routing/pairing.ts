/**
 * The pairing window: for a few minutes a device nobody registered may come in with its id and a claim code, waits
 * inside until somebody approves it, and is then told its own credentials. It sees and says next to nothing meanwhile
 * (broker/access.ts). All of it is in memory: a restart closes the window.
 */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import type { AuditEntry } from '../storage/audit-logs.js'
import type { Device } from '../storage/devices.js'
import type { Store } from '../storage/store.js'
import type { Event } from './contract/events.js'
import { ESP_ID, format, fromDevice, toDevice } from './contract/topics.js'
import { hardwareTypeOf } from './data-source.js'
import { discoveredEvent, makeRoom } from './discovery.js'
import { COOLDOWN, type Credentials, isKnown } from './registry.js'

const MINUTE = 60_000
export const PAIRING_MINUTES = 10
export const MOST_MINUTES = 60
export const MOST_DEVICES_AT_ONCE = 50

/** Letters and digits that nobody mistakes for one another, on a label or over the phone. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const CODE_LENGTH = 8

export interface PairingWindow {
  readonly code: string
  /** ms since 1970 */
  readonly opened_at: number
  readonly expires_at: number
  /** How many different devices may come in; when they have, no other can. */
  readonly devices: number
  /** Those that came in. */
  readonly admitted: readonly string[]
}

export interface Pairing {
  /** Opens a window in the place of the one before. */
  open(minutes: number, devices: number): PairingWindow
  /** Closes it; false when none was open. Devices that are inside stay. */
  close(): boolean
  /** The window that is open now. */
  readonly window: PairingWindow | undefined
  /** A device comes with a code: is it let in to wait? Lists it as pending when it is new. */
  admit(esp_id: string, code: Uint8Array, address: string): boolean
  /** Has it proved a code, and waits? */
  waits(esp_id: string): boolean
  /** It was given credentials: tells it when it is inside, also when it comes back once more. True when it was told. */
  handOver(credentials: Credentials): boolean
  /** It listens now, so it can be told what it missed. */
  listening(esp_id: string): void
  /** It logged in by itself. */
  loggedIn(esp_id: string): void
}

export interface PairingOptions {
  store: Store
  kaiser_id: string
  /** To the connections of this device and to nobody else: how many took it. */
  tell: (esp_id: string, message: { topic: string; payload: string }) => number
  say: (event: Event) => void
  /** Keeps an entry. */
  note: (entry: AuditEntry) => void
  failed: (error: unknown) => void
  /** ms since 1970 */
  now: () => number
}

/** Devices that wait, and credentials that were not fetched yet; of more, the oldest are forgotten. */
const REMEMBERED = 1_000

const remember = <T>(map: Map<string, T>, esp_id: string, value: T): void => {
  map.delete(esp_id)
  map.set(esp_id, value)
  if (map.size > REMEMBERED) map.delete(map.keys().next().value!)
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** However it was typed: `abcd-2345` is `ABCD2345`. */
const isCode = (given: Uint8Array, code: string): boolean => {
  const typed = Buffer.from(given.subarray(0, 64)).toString('utf8').replaceAll(/[\s-]/g, '').toUpperCase()
  return timingSafeEqual(digest(typed), digest(code))
}

const newCode = (): string =>
  Array.from({ length: CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

export function createPairing(options: PairingOptions): Pairing {
  const { store, kaiser_id, tell, say, note, failed, now } = options
  let last: (PairingWindow & { admitted: string[] }) | undefined
  const waiting = new Map<string, true>()
  const unfetched = new Map<string, { credentials: Credentials; until: number }>()

  const current = () => (last && now() < last.expires_at ? last : undefined)

  /** Lists it as pending, or at least that it was here. Undefined: there is no place for it. */
  const list = (esp_id: string, device: Device | undefined, ip_address: string, at: number) => {
    const seen = { ip_address, last_seen: at, status: 'pending_approval' as const, discovered_at: at }
    if (device) return store.devices.update(device, { ...seen, rejection_reason: null }, at)
    if (!makeRoom(store, at)) return undefined
    return store.devices.insert(esp_id, { ...seen, hardware_type: hardwareTypeOf(esp_id) }, at)
  }

  const enter = (
    window: { admitted: string[] },
    esp_id: string,
    device: Device | undefined,
    address: string,
  ) => {
    const at = now()
    if (!window.admitted.includes(esp_id)) window.admitted.push(esp_id)
    remember(waiting, esp_id, true)
    store.group
      .run(() => {
        const listed = list(esp_id, device, address, at)
        if (listed) note({ ...paired, source_id: esp_id, ip_address: address })
        return listed
      })
      .then((listed) => {
        if (listed)
          say(discoveredEvent(listed, format(fromDevice.heartbeat, { kaiser_id, esp_id }), at, true))
      })
      .catch(failed)
  }

  const confide = (esp_id: string, { mqtt_username, mqtt_password }: Credentials): boolean => {
    const payload = { enabled: true, username: mqtt_username, password: mqtt_password, force_reconnect: true }
    const topic = format(toDevice.authUpdate, { kaiser_id, esp_id })
    return tell(esp_id, { topic, payload: JSON.stringify(payload) }) > 0
  }

  return {
    get window() {
      return current()
    },
    open(minutes, devices) {
      const opened_at = now()
      last = {
        code: newCode(),
        opened_at,
        expires_at: opened_at + minutes * MINUTE,
        devices,
        admitted: [],
      }
      return last
    },
    close() {
      const open = current() !== undefined
      last = undefined
      return open
    },
    admit(esp_id, code, address) {
      const window = current()
      if (!window || !ESP_ID.test(esp_id) || !isCode(code, window.code)) return false
      const device = store.devices.find(esp_id)
      const again = window.admitted.includes(esp_id)
      const { status, last_rejection_at } = device ?? {}
      // It was approved and has not heard of it yet.
      if (isKnown(device)) return again && (unfetched.get(esp_id)?.until ?? 0) > now()
      if (status === 'rejected' && now() - (last_rejection_at ?? 0) < COOLDOWN) return false
      if (again && status === 'pending_approval') return true
      if (!again && window.admitted.length >= window.devices) return false
      enter(window, esp_id, device, address)
      return true
    },
    waits: (esp_id) => waiting.has(esp_id),
    handOver(credentials) {
      const esp_id = credentials.mqtt_username
      if (waiting.has(esp_id))
        remember(unfetched, esp_id, { credentials, until: now() + PAIRING_MINUTES * MINUTE })
      return confide(esp_id, credentials)
    },
    listening(esp_id) {
      const kept = unfetched.get(esp_id)
      if (!kept) return
      if (kept.until < now()) unfetched.delete(esp_id)
      else confide(esp_id, kept.credentials)
    },
    loggedIn(esp_id) {
      unfetched.delete(esp_id)
      waiting.delete(esp_id)
    },
  }
}

const paired: AuditEntry = {
  event_type: 'device_paired',
  severity: 'info',
  source_type: 'esp32',
  status: 'pending',
  message: 'It proved the claim code of a pairing window',
}
