import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import tls from 'node:tls'
import t from 'tap'
import { looksLike, wrongDoor } from '../../broker/looks-like.js'
import { connect, packet, word } from '../support/mqtt-wire.js'

/** What a real client of TLS says first. */
async function hello(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = tls.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ...options })
  client.on('error', () => {})
  const [socket] = await once(server, 'connection')
  const [bytes] = await once(socket, 'data')
  client.destroy()
  socket.destroy()
  server.close()
  return bytes
}

t.test('the first bytes of a TLS client are known for what they are', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
    t.equal(looksLike(await hello({ maxVersion })), 'TLS', maxVersion)
})

t.test('a request of HTTP is known for what it is', async (t) => {
  for (const line of [
    'GET / HTTP/1.1\r\n',
    'POST /api/v1/auth/login HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'CONNECT example.org:443 HTTP/1.1',
    'PRI * HTTP/2.0\r\n',
  ])
    t.equal(looksLike(Buffer.from(line)), 'HTTP', line)
})

t.test('MQTT and noise look like neither, and so does too little to tell', async (t) => {
  const first = connect({ clientId: 'GET /' })
  const pubrec = packet(0x50, word(7))
  for (const bytes of [first, pubrec, Buffer.from('GETTING'), Buffer.from([0x16, 0x03]), Buffer.alloc(0)])
    t.equal(looksLike(bytes), undefined, bytes.toString('latin1'))
  t.equal(looksLike(Buffer.from('xxGET / HTTP').subarray(2)), 'HTTP', 'a view into a larger buffer')
})

t.test('who took the wrong door is told the right one, where there is one', async (t) => {
  t.equal(wrongDoor('TLS', { mqtts_port: 8883 }), 'this looks like TLS; the TLS port is 8883')
  t.match(wrongDoor('TLS'), /--mqtts-port/)
  t.equal(wrongDoor('HTTP', { http_port: 8000 }), 'this looks like HTTP; the HTTP port is 8000')
  t.match(wrongDoor('HTTP'), /this port is for MQTT/)
})
