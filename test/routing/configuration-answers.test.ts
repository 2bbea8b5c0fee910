/** What becomes of a configuration by what the device answers to it. */
import t from 'tap'
import { actuator, ESP, house, sensor, told } from '../support/configured.js'
import { firmware } from '../support/stand-in.js'
import { until } from '../support/until.js'

t.test('each item learns its own result; what failed may work the next time', async (t) => {
  const refuses = [26]
  const home = await house(t, (message) => firmware(refuses)(message))
  const { app, device, clock } = home
  const status = (gpio: number) => app.store.actuatorConfigs.find(ESP, gpio)!.config_status
  await home.post(actuator(25), {})
  await home.post(actuator(26), {})
  await until(() => status(25) === 'applied' && status(26) === 'failed', 'both results')
  t.match(await home.get(actuator(26)), { config_error: 'NVS_WRITE_FAILED: no room' })
  clock.ahead += 46_000
  await device.beats({ actuator_count: 1 })
  t.equal(device.told.length, 2, 'what it refused is missing with good reason')
  await device.beats({ actuator_count: 0 })
  await told(home, 3)
  refuses.pop()
  clock.ahead += 46_000
  await device.beats({ actuator_count: 0 })
  await until(() => status(26) === 'applied', 'its second chance')
  t.match(await home.get(actuator(26)), { config_error: null })
})

t.test('what a device refused is a finding, with each item and its reason, until it took it', async (t) => {
  const refuses = [26, 13]
  const home = await house(t, (message) => firmware(refuses)(message))
  const { app, device, clock } = home
  const found = async () =>
    ((await home.get('/findings?kind=config_refused')).data as Record<string, unknown>[])[0]
  const noRoom = (kind: string, gpio: number, type: string) => ({
    kind,
    gpio,
    type,
    reason: 'NVS_WRITE_FAILED: no room',
  })
  await home.post(actuator(25), { actuator_type: 'fan' })
  await home.post(actuator(26), { actuator_type: 'pump' })
  await until(() => app.store.actuatorConfigs.find(ESP, 26)!.config_status === 'failed', 'the refusal')
  t.match(await found(), {
    esp_id: ESP,
    sentence: /refused a part of its configuration/,
    details: { status: 'partial_success', items: [noRoom('actuator', 26, 'pump')] },
  })
  await home.post(sensor(13), { sensor_type: 'flow' })
  await until(() => app.store.sensorConfigs.list(ESP)[0]?.config_status === 'failed', 'another refusal')
  await until(() => app.findings.list(ESP)[0]?.count === 3, 'both kinds were answered again')
  t.match(await found(), {
    details: { items: [noRoom('sensor', 13, 'flow'), noRoom('actuator', 26, 'pump')] },
  })

  refuses.pop()
  await home.post(sensor(13), { sensor_type: 'flow', name: 'Drip' })
  await until(() => app.store.sensorConfigs.list(ESP)[0]!.config_status === 'applied', 'the sensor')
  await until(() => app.findings.list(ESP)[0]?.count === 4, 'the actuators are refused once more')
  t.strictSame((await found())!.details, {
    ...((await found())!.details as object),
    items: [noRoom('actuator', 26, 'pump')],
  })

  // A restart forgets no refusal.
  app.findings.clear('config_refused', ESP)
  await device.beats({ actuator_count: 1 })
  t.match(await found(), { details: { items: [noRoom('actuator', 26, 'pump')] } })

  refuses.pop()
  clock.ahead += 46_000
  await device.beats({ actuator_count: 0 })
  await until(() => app.store.actuatorConfigs.find(ESP, 26)!.config_status === 'applied', 'its second chance')
  t.equal(await found(), undefined, 'it is over when it is taken')

  refuses.push(26)
  await home.post(actuator(26), { name: 'Well' })
  await until(() => app.findings.list(ESP).length === 1, 'the finding')
  await home.remove(actuator(26))
  t.equal(await found(), undefined, 'or gone')
})

t.test('an answer is about what it answers: what was changed since then still waits', async (t) => {
  const home = await house(t, () => [])
  const { app, device } = home
  await home.post(actuator(25), {})
  await home.post(actuator(26), {})
  await told(home, 2)
  await home.post(actuator(26), { name: 'Well' })
  await told(home, 3)
  const status = () => app.store.actuatorConfigs.list(ESP).map(({ config_status }) => config_status)
  const [answer] = firmware()(device.told[1]!)
  await device.says('config_response', answer!)
  t.strictSame(status(), ['applied', 'pending'])
  await device.says('config_response', firmware()(device.told[2]!)[0]!)
  t.strictSame(status(), ['applied', 'applied'])

  await home.post(actuator(25), { name: 'Tank' })
  await told(home, 4)
  const { correlation_id } = device.told[3]!
  const busy = {
    status: 'error',
    type: 'actuator',
    count: 0,
    reason_code: 'CONFIG_LANE_BUSY',
    correlation_id,
  }
  await device.says('config_response', busy)
  t.strictSame(status(), ['pending', 'applied'], 'it had no time, and is told again')
})

t.test('older firmware complains about a kind it was not told; that is no failure', async (t) => {
  const home = await house(t, () => [])
  const { app, device } = home
  await home.post(sensor(4), { sensor_type: 'ds18b20' })
  await told(home, 1)
  await home.post(actuator(25), {})
  await told(home, 2)
  const nothing = {
    status: 'error',
    count: 0,
    failed_count: 0,
    error_code: 'MISSING_FIELD',
    message: 'empty',
  }
  await device.says('config_response', { ...nothing, type: 'actuator' })
  t.equal(app.store.actuatorConfigs.find(ESP, 25)!.config_status, 'pending')
  await device.says('config_response', { ...nothing, type: 'sensor' })
  t.equal(app.store.sensorConfigs.list(ESP)[0]!.config_status, 'failed', 'of what it was told it is one')
})
