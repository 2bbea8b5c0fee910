/** Disks that fail under a whole kaiser: a full one, and one whose syncs return an I/O error. */
import t from 'tap'
import { directory, openApp } from '../support/app.js'
import { startKaiser } from '../support/child.js'
import { faultyDisk, fill, smallDisk } from '../support/disk.js'
import { connectDevice } from './device.js'
import { data, dataTopic, heartbeat, heartbeatTopic, systemEvents, watch } from './greenhouse.js'
import { outsider, until } from './open.js'

const ESP = 'ESP_12AB34CD'
const stored = (dir: string): unknown =>
  outsider(t, `${dir}/kaiser.db`).prepare('SELECT seq FROM sensor_data ORDER BY seq').pluck().all()
const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1)

const small = smallDisk(t, 3_072)
t.test(
  'a full disk delays acknowledgements until there is room',
  { skip: 'reason' in small && small.reason },
  async (t) => {
    if ('reason' in small) return
    const { dir } = small
    const app = await openApp(t, { dir })
    const events = await watch(t, app)
    const device = await connectDevice(t, app.mqttPort, ESP)
    device.subscribe(`${heartbeatTopic(ESP)}/ack`)
    device.publish(1, dataTopic(ESP), data(ESP, 1))
    await until(() => device.acknowledged.length === 1)

    const makeRoom = fill(dir)
    let last = 1
    while (app.store.group.state === 'ok') {
      device.publish(++last, dataTopic(ESP), data(ESP, last))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    device.publish(++last, dataTopic(ESP), data(ESP, last))
    device.publish(last + 1, heartbeatTopic(ESP), heartbeat(1))
    await until(() => device.received.length === 1, 'the answer to a heartbeat')
    await until(() => events.some(({ data }) => data.stored === false))
    await until(() => systemEvents(events).includes('breaker_open'))
    t.ok(device.acknowledged.length < last)
    t.strictSame(device.acknowledged, upTo(device.acknowledged.length))
    t.strictSame(stored(dir), device.acknowledged, 'what is acknowledged is what is stored')

    makeRoom()
    await until(() => device.acknowledged.length === last + 1)
    t.strictSame(device.acknowledged, upTo(last + 1))
    t.strictSame(stored(dir), upTo(last))
    t.strictSame(systemEvents(events).at(-1), 'storage_recovered')
    await app.close()
    t.strictSame(stored(dir), upTo(last))
  },
)

const disk = faultyDisk(t)
t.test(
  'a disk that cannot sync gets no acknowledgement',
  { skip: 'reason' in disk && disk.reason },
  async (t) => {
    if ('reason' in disk) return
    const dir = directory(t)
    const kaiser = await startKaiser(t, dir, disk.env)
    const device = await connectDevice(t, kaiser.mqttPort, ESP)
    device.subscribe(`${heartbeatTopic(ESP)}/ack`)
    device.publish(1, dataTopic(ESP), data(ESP, 1))
    await until(() => device.acknowledged.length === 1)

    for (let failure = 0; failure < 2; failure++) {
      const before = device.acknowledged.length
      const base = before + 1
      disk.break()
      device.publish(base, dataTopic(ESP), data(ESP, base))
      for (let beat = 1; beat <= 4; beat++) {
        const heard = device.received.length
        device.publish(base + beat, heartbeatTopic(ESP), heartbeat(base + beat))
        await until(
          () => device.received.length > heard,
          'the answer to a heartbeat behind a reading that waits',
        )
      }
      t.equal(device.acknowledged.length, before, 'nothing is acknowledged')
      t.ok(kaiser.running)

      disk.mend()
      await until(() => device.acknowledged.length === before + 5)
      t.strictSame(device.acknowledged, upTo(before + 5), 'everything, in order, by the same process')
    }
    t.strictSame(stored(dir), [1, 2, 7])
    t.equal(await kaiser.end('SIGKILL'), 'SIGKILL')
    t.strictSame(stored(dir), [1, 2, 7])
  },
)
