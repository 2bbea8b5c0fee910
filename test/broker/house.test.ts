/** The house around Aedes: its seams are where they are expected, and a bug of ours ends one connection only. */
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { duplexPair } from 'node:stream'
import { Aedes } from 'aedes'
import t from 'tap'
import { Intake } from '../../broker/intake.js'
import { listen } from '../../broker/listener.js'
import { openBroker } from '../support/broker.js'
import { openWire, PUBACK, publish } from '../support/mqtt-wire.js'

t.test('the parser of Aedes is where the decoder expects it', async (t) => {
  const aedes = await Aedes.createBroker()
  t.teardown(() => aedes.close())
  const [stream] = duplexPair()
  const client = aedes.handle(stream as never, undefined as never)

  new Intake(client, { packet_bytes: 100 })

  t.throws(
    () => new Intake({} as never, { packet_bytes: 100 }),
    new TypeError('the parser of Aedes has moved'),
  )
  client.close()
})

t.test('a failure of the house itself closes one connection, is reported, and ends nothing', async (t) => {
  const reports: string[] = []
  const { port } = await openBroker(t, {
    receive(message, _sender, settle) {
      if (message.topic === 'lab/bug') throw new Error('a bug')
      settle()
      if (message.topic === 'lab/late') throw new Error('a bug after the answer')
    },
    report: (code) => void reports.push(code),
  })

  const bad = await openWire(t, port, { clientId: 'bad' })
  bad.send(publish('lab/bug', 'x', 1, 1))
  await bad.end()
  const good = await openWire(t, port, { clientId: 'good' })
  good.send(publish('lab/late', 'x', 1, 1), publish('lab/fine', 'x', 1, 2))
  await good.packet(PUBACK, 2)

  t.strictSame(reports, ['internal_error', 'internal_error'])
  t.strictSame(bad.arrived.length, 1, 'what was not handled is not acknowledged')
})

t.test('a listener gives its port back, and takes no port that is taken', async (t) => {
  const open = (port: number) =>
    listen({ host: '127.0.0.1', port, accept: (socket) => void socket.destroy(), failed: t.fail })
  const first = await open(0)
  await t.rejects(open(first.port), { code: 'EADDRINUSE' })
  await first.close()
  const again = await open(first.port)
  t.equal(again.port, first.port)
  await again.close()
  const refused = createConnection({ host: '127.0.0.1', port: first.port })
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
  t.equal(error.code, 'ECONNREFUSED')
})
