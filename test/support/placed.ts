/** A kaiser with one device that is put into zones, and answers as it likes. */
import { type OpenApp, openApp, type Teardown } from './app.js'
import { people, request } from './http.js'
import { connected, topicOf } from './mqtt.js'

export const ESP = 'ESP_12AB34CD'
export const branch = `kaiser/god/esp/${ESP}`
export const ASSIGN = `/zone/devices/${ESP}/assign`
export const SUBZONES = `/subzone/devices/${ESP}/subzones`
export const reading = (ts: number, value: number, gpio = 4) =>
  JSON.stringify({
    ...{ esp_id: ESP, gpio, sensor_type: 'ds18b20', raw_mode: false, value, unit: '°C', ts },
  })

/** What the device is told, and how it answers: by default it does not. */
export type Answer = (kind: string, payload: Record<string, unknown>) => object | undefined

/** The device as its firmware is: listens to its branch, answers on `ack`. */
export async function online(t: Teardown, app: OpenApp, answer: Answer) {
  const heard: [kind: string, payload: Record<string, unknown>][] = []
  const device = await connected(t, app, { clientId: ESP })
  device.on('message', (topic, bytes) => {
    const kind = topic.slice(branch.length + 1)
    const payload = JSON.parse(String(bytes)) as Record<string, unknown>
    heard.push([kind, payload])
    const said = answer(kind, payload)
    if (said) device.publish(`${branch}/${kind.split('/')[0]}/ack`, JSON.stringify(said), { qos: 1 })
  })
  await device.subscribeAsync([`${branch}/zone/assign`, `${branch}/subzone/+`], { qos: 1 })
  await device.publishAsync(topicOf(ESP, 9), reading(Date.now() - 60_000, 1, 9), { qos: 1 })
  return { device, heard }
}

/** Firmware that does what it is told and says so. */
export const obedient: Answer = (kind, { correlation_id, zone_id, subzone_id }) => {
  const said = { ts: 1, esp_id: ESP, correlation_id }
  if (kind === 'zone/assign') return { ...said, status: zone_id ? 'zone_assigned' : 'zone_removed', zone_id }
  if (kind === 'subzone/assign') return { ...said, status: 'subzone_assigned', subzone_id }
  return kind === 'subzone/remove' ? { ...said, status: 'subzone_removed', subzone_id } : undefined
}

export async function house(t: Teardown, answer: Answer = obedient) {
  const app = await openApp(t)
  const events: { type: string; data: Record<string, unknown> }[] = []
  app.hub.reflect({
    wants: (type) => /zone/.test(type),
    take: (_type, text) => void events.push(JSON.parse(text)),
  })
  const { device, heard } = await online(t, app, answer)
  const { operator, viewer } = await people(app)
  const post = (path: string, body: object, token = operator) => request(app, 'POST', path, { token, body })
  const del = (path: string, body?: object) =>
    request(app, 'DELETE', path, { token: operator, ...(body && { body }) })
  const get = (path: string, token = viewer) => request(app, 'GET', path, { token })
  return { app, device, heard, events, operator, viewer, post, del, get }
}
