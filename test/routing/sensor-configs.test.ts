/** Setting how a sensor is read: which config is meant, what conflicts, what a device is told. */
import t from 'tap'
import { sensorItem } from '../../routing/configuration/items.js'
import { createSensorCommands } from '../../routing/sensor-commands.js'
import { type ConfigRequest, locate, setConfig } from '../../routing/sensor-configs.js'
import { busAddress } from '../../routing/sensors/bus-address.js'
import { createLibrary } from '../../routing/sensors/library.js'
import { NOON, open } from '../storage/open.js'
import type { Teardown } from '../support/app.js'

const ESP = 'ESP_12AB34CD'
const library = createLibrary()

async function greenhouse(t: Teardown) {
  const { store } = await open(t)
  const device = await store.group.run(() => store.devices.insert(ESP, { status: 'online' }, NOON))
  const set = (
    sensor: { gpio: number; sensor_type: string; address?: string },
    request: ConfigRequest = {},
  ) => store.group.run(() => setConfig(store, library, device, sensor, request, NOON))
  return { store, device, set }
}

t.test('an address is spelled one way, however it is written', async (t) => {
  t.equal(busAddress('28ff641e8d3c0c79'), '28FF641E8D3C0C79')
  t.equal(busAddress(' 0X4a '), '0x4a')
  t.equal(busAddress('0x5'), '0x05')
  t.equal(busAddress('28-0516a40b4fff'), '28-0516a40b4fff')
  t.equal(busAddress(null), '')
})

t.test('a changed config waits for its device again; an unchanged field stays', async (t) => {
  const { store, set } = await greenhouse(t)
  const first = await set({ gpio: 4, sensor_type: 'DS18B20' }, { enabled: false, params: { a: 1 } })
  t.match(first, { created: true, config: { sensor_type: 'ds18b20', enabled: 0, config_status: 'pending' } })
  await store.group.run(() => store.sensorConfigs.heard(first.config, NOON))
  const second = await set({ gpio: 4, sensor_type: 'ds18b20_temp' }, { sensor_name: 'Tank' })
  t.match(second, {
    created: false,
    config: {
      id: first.config.id,
      sensor_name: 'Tank',
      enabled: 0,
      params: { a: 1 },
      config_status: 'pending',
    },
  })
})

t.test('an unknown sensor type is taken as it is, in lower case', async (t) => {
  const { set } = await greenhouse(t)
  t.match(await set({ gpio: 4, sensor_type: 'Geiger' }), { config: { sensor_type: 'geiger' } })
})

t.test('buses and chips are shared, analog pins are not', async (t) => {
  const { set } = await greenhouse(t)
  await set({ gpio: 21, sensor_type: 'bme280_temp' })
  await set({ gpio: 21, sensor_type: 'co2' })
  await set({ gpio: 21, sensor_type: 'ec', address: '0x48' })
  await set({ gpio: 21, sensor_type: 'ph', address: '0x49' })
  await set({ gpio: 34, sensor_type: 'ph' })
  await set({ gpio: 34, sensor_type: 'vpd' })
  await t.rejects(set({ gpio: 34, sensor_type: 'co2' }), { code: 'gpio_conflict', message: /read as ph/ })
  await t.rejects(set({ gpio: 21, sensor_type: 'moisture' }), { code: 'gpio_conflict' })
})

t.test('who is meant must be one; a device’s config is not found under another', async (t) => {
  const { store, set } = await greenhouse(t)
  const { config } = await set({ gpio: 4, sensor_type: 'ds18b20' })
  await store.group.run(() => store.devices.insert('ESP_2', { status: 'online' }, NOON))
  t.equal(locate(store, library, { esp_id: ESP, gpio: config.id }), config)
  t.throws(() => locate(store, library, { esp_id: 'ESP_2', gpio: config.id }), { code: 'not_found' })
  t.throws(() => locate(store, library, { esp_id: 'ESP_3', gpio: 4 }), /ESP_3 is not known/)
  t.throws(() => locate(store, library, { esp_id: ESP, gpio: 4, sensor_type: 'ph' }), /of type ph/)
})

t.test('a device is told interface and address of each sensor', async (t) => {
  const { device, set } = await greenhouse(t)
  const item = async (gpio: number, sensor_type: string, address = '', request: ConfigRequest = {}) =>
    sensorItem(device, (await set({ gpio, sensor_type, address }, request)).config, library)
  t.match(await item(4, 'ds18b20'), { interface_type: 'ONEWIRE', onewire_address: null, i2c_address: null })
  t.match(await item(21, 'sht31_temp'), { interface_type: 'I2C', i2c_address: null })
  t.match(await item(21, 'sht31_humidity', '0x45'), { interface_type: 'I2C', i2c_address: 69 })
  t.match(await item(34, 'moisture'), { interface_type: 'ANALOG', raw_mode: true })
  t.match(await item(5, 'flow', '', { processing_mode: 'local' }), {
    interface_type: 'DIGITAL',
    raw_mode: false,
  })
  t.match(
    await item(32, 'ec', '', {
      params: { operating_mode: 'on_demand' },
      metadata: { subzone_id: 'bench-1' },
    }),
    { operating_mode: 'on_demand', subzone_id: 'bench-1' },
  )
})

t.test('a device that does not listen is not told to measure', async (t) => {
  const { device } = await greenhouse(t)
  const sent: string[] = []
  let listens = false
  const commands = createSensorCommands({
    kaiser_id: 'god',
    publish: async ({ topic, qos, retain }) => void sent.push(`${topic} ${qos} ${retain}`),
    hears: () => listens,
    uuid: () => 'an id',
  })
  t.match(await commands.measure(device, 4, NOON), { sent: false })
  listens = true
  t.match(await commands.measure(device, 4, NOON), { sent: true })
  t.strictSame(sent, [`kaiser/god/esp/${ESP}/sensor/4/command 1 false`])
})
