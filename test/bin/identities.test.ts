/** From an empty data directory to a device that publishes, with the tools people have: kaiser and mosquitto. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { directory } from '../support/app.js'
import { connectMqtt } from '../support/client.js'
import { kaiser, startKaiser } from '../support/kaiser.js'
import { reading, topicOf } from '../support/mqtt.js'
import { until } from '../support/until.js'

const run = promisify(execFile)
const DEVICE = 'ESP_12AB34CD'
const ADMIN = { username: 'grower', password: 'Tomato-2026' }

const installed = await run('mosquitto_pub', ['--help']).then(
  () => true,
  (error: { code?: unknown }) => error.code !== 'ENOENT',
)
const skip = installed ? false : 'mosquitto-clients is not installed'

t.test('an empty data directory says what to do next, and a used one nothing', async (t) => {
  const dir = directory(t)
  const first = await (await startKaiser(t, [], dir)).stop()
  t.match(
    first.out,
    /No user yet: open http:\/\/127\.0\.0\.1:\d+\/ or run `kaiser user add NAME --role admin/,
  )
  t.match(first.out, /No device yet: `kaiser device add ESP_12AB34CD --data .*kaiser device pair/)

  await kaiser(['user', 'add', ADMIN.username, '--role', 'admin', '--password-stdin', '--data', dir], {
    input: ADMIN.password,
  })
  await kaiser(['device', 'add', DEVICE, '--data', dir])
  const second = await (await startKaiser(t, [], dir)).stop()
  t.notMatch(second.out, /No user yet|No device yet/)
})

t.test('mosquitto_pub as a device and mosquitto_sub as a person', { skip }, async (t) => {
  const running = await startKaiser(t, ['--log-level', 'error'])
  const data = ['--data', running.dir, '--json']
  await kaiser(['user', 'add', ADMIN.username, '--role', 'admin', '--password-stdin', ...data], {
    input: ADMIN.password,
  })
  const { mqtt_password } = JSON.parse((await kaiser(['device', 'add', DEVICE, ...data])).out)
  const at = ['-h', '127.0.0.1', '-p', String(running.mqtt_port)]
  const person = [...at, '-u', ADMIN.username, '-P', ADMIN.password]
  const everything = ['-t', 'kaiser/#', '-T', 'kaiser/+/event/#', '-T', 'kaiser/+/server/status', '-v']
  const heard = run('mosquitto_sub', [...person, ...everything, '-C', '1', '-W', '60'])
  const watcher = await connectMqtt(t, running.mqtt_port, ADMIN)
  let ready = false
  watcher.on('message', () => {
    ready = true
  })
  await watcher.subscribeAsync(topicOf(DEVICE))
  const publish = ['-q', '1', '-t', topicOf(DEVICE), '-m', reading(1, DEVICE)]
  let done = false
  void heard.finally(() => {
    done = true
  })
  // Both subscribe by themselves: the device goes on until the person has heard it.
  while (!done) await run('mosquitto_pub', [...at, '-u', DEVICE, '-P', mqtt_password, ...publish])
  t.match((await heard).stdout, `${topicOf(DEVICE)} ${reading(1, DEVICE)}`)
  await until(() => ready, 'the other subscriber')

  const wrong = run('mosquitto_pub', [...at, '-u', DEVICE, '-P', 'wrong', ...publish])
  await t.rejects(wrong, /not authori[sz]ed|bad user name|Connection Refused/i)
})

t.test('kaiser device pair, approve and passwd, on a running server and on a stopped one', async (t) => {
  const running = await startKaiser(t, ['--log-level', 'error'])
  const data = ['--data', running.dir]
  const shown = await kaiser(['device', 'pair', ...data])
  t.match(shown.out, /^code: [2-9A-Z]{8}\nexpires_at: .*\ndevices: 1\n$/)
  t.match(shown.err, /A new device logs in with its id as user name and this code as password/)
  const opened = await kaiser(['device', 'pair', '--minutes', '5', '--count', '2', '--json', ...data])
  const { code, devices } = JSON.parse(opened.out)
  t.equal(devices, 2)
  for (const args of [
    ['--minutes', '0'],
    ['--minutes', '61'],
    ['--count', 'many'],
  ])
    t.match(await kaiser(['device', 'pair', ...args, ...data]), { code: 1, err: /allowed: 1 to/ })
  t.match(await kaiser(['device', 'pair', DEVICE, ...data]), { code: 2, err: /takes no device id/ })

  const login = { username: DEVICE, password: code, clientId: DEVICE }
  const device = await connectMqtt(t, running.mqtt_port, login)
  let told: { password?: string } = {}
  device.on('message', (_topic, payload) => {
    told = JSON.parse(String(payload))
  })
  await device.subscribeAsync(`kaiser/god/esp/${DEVICE}/mqtt/auth_update`, { qos: 1 })
  const approved = JSON.parse((await kaiser(['device', 'approve', DEVICE, '--json', ...data])).out)
  await until(() => told.password !== undefined, 'its credentials')
  t.equal(told.password, approved.mqtt_password)

  const grown = await connectMqtt(t, running.mqtt_port, { username: DEVICE, password: told.password! })
  await kaiser(['device', 'reject', DEVICE, ...data])
  await until(() => !grown.connected, 'its end')

  await kaiser(['device', 'approve', DEVICE, ...data])
  t.match(JSON.parse((await kaiser(['device', 'passwd', DEVICE, '--json', ...data])).out), {
    mqtt_username: DEVICE,
    mqtt_password: /^[\w-]{22}$/,
    told: false,
  })
  await running.stop()
  t.match(await kaiser(['device', 'pair', ...data]), { code: 1, err: /pairing needs a running server/ })
  t.match(await kaiser(['device', 'passwd', DEVICE, '--json', ...data]), { code: 0, out: /"told":false/ })
})
