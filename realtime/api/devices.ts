/** `/esp/devices`: list, register, approve, reject, remove. Wire format: rest-contract §2 and §5. */
import { Hono } from 'hono'
import Type from 'typebox'
import { approve, isKnown, RegistryError, register, reject, remove } from '../../routing/registry.js'
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'
import { Problem } from '../problem.js'
import type { Tokens } from '../tokens.js'
import { body } from '../validate.js'
import { type Env, iso, requires, userOf } from '../web.js'

const given = (schema: ReturnType<typeof Type.String>) => Type.Optional(Type.Union([schema, Type.Null()]))

const Registration = Type.Object({
  device_id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,50}$' }),
  name: given(Type.String({ maxLength: 100 })),
  hardware_type: given(Type.String({ maxLength: 50 })),
  ip_address: given(Type.String({ maxLength: 45 })),
  mac_address: given(Type.String({ pattern: '^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$' })),
  firmware_version: given(Type.String({ maxLength: 50 })),
  zone_id: given(Type.String({ maxLength: 50 })),
  zone_name: given(Type.String({ maxLength: 100 })),
  is_zone_master: Type.Optional(Type.Boolean()),
  capabilities: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
})
const Rejection = Type.Object({ reason: given(Type.String({ maxLength: 500 })) })

/** A device as the pages know one. One that was approved and never seen is `unknown`. */
export const deviceBody = (device: Device) => ({
  id: device.id,
  device_id: device.device_id,
  esp_id: device.device_id,
  name: device.name,
  zone_id: device.zone_id,
  zone_name: device.zone_name,
  master_zone_id: device.master_zone_id,
  is_zone_master: device.is_zone_master === 1,
  ip_address: device.ip_address,
  mac_address: device.mac_address,
  firmware_version: device.firmware_version,
  hardware_type: device.hardware_type,
  capabilities: JSON.parse(device.capabilities) as object,
  status: device.status === 'approved' ? 'unknown' : device.status,
  last_seen: iso(device.last_seen),
  metadata: JSON.parse(device.device_metadata) as object,
  sensor_count: device.sensor_count,
  actuator_count: device.actuator_count,
  heap_free: device.heap_free,
  wifi_rssi: device.wifi_rssi,
  uptime: device.uptime,
  last_heartbeat: iso(device.last_seen),
  discovered_at: iso(device.discovered_at),
  created_at: iso(device.created_at),
  updated_at: iso(device.updated_at),
})

/** Turns a registry's no into an answer. */
const asked = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RegistryError) throw new Problem(error.code, error.message)
    throw error
  }
}

const page = (text: string | undefined, fallback: number, most: number): number => {
  const n = Number(text ?? fallback)
  return Number.isInteger(n) && n >= 1 ? Math.min(n, most) : fallback
}

export interface DevicesOptions {
  store: Store
  tokens: Tokens
  now: () => number
  /** Says that a device was let in or shut out. */
  decided: (decision: 'device_approved' | 'device_rejected', device: Device, by: string) => void
}

export function devices({ store, tokens, now, decided }: DevicesOptions): Hono<Env> {
  const registration = body(Registration)
  const rejection = body(Rejection)
  const operator = requires(tokens, 'operator')
  const find = (device_id: string): Device => {
    const device = store.devices.find(device_id)
    if (!device) throw new Problem('not_found', `Device ${device_id} is not known`)
    return device
  }

  return new Hono<Env>()
    .get('/', requires(tokens), (c) => {
      const { zone_id, status, hardware_type } = c.req.query()
      const bodies = store.devices
        .list()
        .filter((device) => (status === undefined ? isKnown(device) : true))
        .map(deviceBody)
        .filter((device) => status === undefined || device.status === status)
        .filter((device) => zone_id === undefined || device.zone_id === zone_id)
        .filter((device) => hardware_type === undefined || device.hardware_type === hardware_type)
      const size = page(c.req.query('page_size'), 100, 100)
      const number = page(c.req.query('page'), 1, Number.MAX_SAFE_INTEGER)
      const total_pages = Math.max(1, Math.ceil(bodies.length / size))
      return c.json({
        success: true,
        message: `${bodies.length} devices`,
        data: bodies.slice((number - 1) * size, number * size),
        pagination: {
          page: number,
          page_size: size,
          total_items: bodies.length,
          total_pages,
          has_next: number < total_pages,
          has_prev: number > 1,
        },
      })
    })

    .get('/pending', requires(tokens, 'operator'), (c) => {
      const waiting = store.devices
        .list()
        .filter((device) => !isKnown(device))
        .map(deviceBody)
      return c.json({ success: true, devices: waiting, count: waiting.length })
    })

    .get('/:id', requires(tokens), (c) => c.json(deviceBody(find(c.req.param('id')))))

    .post('/', operator, async (c) => {
      const { device_id, is_zone_master, capabilities, ...words } = await registration(c)
      const described = Object.fromEntries(
        Object.entries(words).filter(([, word]) => word),
      ) as Partial<Device>
      const { device, credentials } = await asked(() =>
        store.group.run(() =>
          register(
            store,
            device_id,
            {
              ...described,
              is_zone_master: is_zone_master ? 1 : 0,
              ...(capabilities && { capabilities: JSON.stringify(capabilities) }),
            },
            userOf(c).username,
            now(),
          ),
        ),
      )
      return c.json({ ...deviceBody(device), ...credentials }, 201)
    })

    .post('/:id/approve', operator, async (c) => {
      const by = userOf(c).username
      const { device, credentials } = await asked(() =>
        store.group.run(() => approve(store, c.req.param('id'), by, now())),
      )
      decided('device_approved', device, by)
      return c.json({
        success: true,
        message: `${device.device_id} is approved`,
        device: deviceBody(device),
        ...credentials,
      })
    })

    .post('/:id/reject', operator, async (c) => {
      const { reason } = await rejection(c)
      const by = userOf(c).username
      const device = await asked(() =>
        store.group.run(() => reject(store, c.req.param('id'), reason || null, now())),
      )
      decided('device_rejected', device, by)
      return c.json({ success: true, message: `${device.device_id} is rejected`, device: deviceBody(device) })
    })

    .delete('/:id', operator, async (c) => {
      await asked(() => store.group.run(() => remove(store, c.req.param('id'))))
      return c.body(null, 204)
    })
}
